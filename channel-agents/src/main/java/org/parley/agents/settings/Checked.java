package org.parley.agents.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A part of the configuration whose values are read once and checked: a bad one throws {@link
 * ConfigException.BadValue} with the key, the value and what is allowed.
 *
 * @param path where this part stands, for messages
 */
public record Checked(Config config, String path) {

  /** The part of the whole configuration at a path. */
  public static Checked at(Config root, String path) {
    return new Checked(root.getConfig(path), path);
  }

  /** A part below this one. */
  public Checked part(String key) {
    return new Checked(config.getConfig(key), path + '.' + key);
  }

  /** A whole number within bounds, both allowed. */
  public int number(String key, int min, int max) {
    long value = config.getLong(key);
    if (value < min || value > max) {
      throw bad(key, Long.toString(value), "a whole number from " + min + " to " + max);
    }
    return (int) value;
  }

  /** A share from 0 to 1. */
  public double share(String key) {
    double value = config.getDouble(key);
    if (!(value >= 0 && value <= 1)) throw bad(key, Double.toString(value), "a share from 0 to 1");
    return value;
  }

  /** A time within bounds, both allowed. */
  public Duration time(String key, Duration min, Duration max) {
    Duration value = config.getDuration(key);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw bad(key, value.toString(), "a time from " + min + " to " + max);
    }
    return value;
  }

  public boolean flag(String key) {
    return config.getBoolean(key);
  }

  /** A text that is not blank. */
  public String text(String key) {
    String value = config.getString(key);
    if (value.isBlank()) throw bad(key, "an empty text", "a text");
    return value;
  }

  /** A text, or nothing when it is empty. */
  public Optional<String> maybe(String key) {
    String value = config.getString(key);
    return value.isBlank() ? Optional.empty() : Optional.of(value);
  }

  /** A file, or nothing when the text is empty. */
  public Optional<Path> file(String key) {
    return maybe(key).map(Path::of);
  }

  /** One of some words. */
  public String oneOf(String key, List<String> allowed) {
    String value = config.getString(key);
    if (!allowed.contains(value)) throw bad(key, value, "one of " + String.join(", ", allowed));
    return value;
  }

  /** The exception that stops the start. */
  public ConfigException bad(String key, String value, String allowed) {
    return new ConfigException.BadValue(
        path + '.' + key, "it is " + value + "; allowed is " + allowed);
  }
}

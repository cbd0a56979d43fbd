package org.parley.persistence.lease;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/** {@code parley.nodes}, read once. A bad value throws with key, value and what is allowed. */
public record CoordinationSettings(Duration heartbeat, Duration staleAfter, Duration timeout) {

  /** Reads them. */
  public static CoordinationSettings of(Config root) {
    Config config = root.getConfig("parley.nodes");
    Duration heartbeat =
        duration(config, "heartbeat", Duration.ofMillis(100), Duration.ofMinutes(1));
    return new CoordinationSettings(
        heartbeat,
        duration(config, "stale-after", heartbeat.multipliedBy(3), Duration.ofMinutes(10)),
        duration(config, "timeout", Duration.ofSeconds(1), Duration.ofMinutes(1)));
  }

  private static Duration duration(Config config, String key, Duration min, Duration max) {
    Duration value = config.getDuration(key);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new ConfigException.BadValue(
          config.origin(),
          "parley.nodes." + key,
          value + " is not allowed; allowed: " + min + " to " + max);
    }
    return value;
  }
}

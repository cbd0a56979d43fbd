package org.parley.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.parley.persistence.postgres.EmbeddedServer;

/** {@code parley.database}, read once. A bad value throws with key, value and what is allowed. */
record DatabaseSettings(
    String url,
    String user,
    String password,
    EmbeddedServer.Settings embedded,
    Duration connectTimeout,
    Duration idleTimeout,
    Duration maxLifetime,
    Pool requests,
    Pool background) {
  private static final String EMBEDDED = "embedded";
  private static final String PREFIX = "jdbc:postgresql:";
  private static final Set<String> KEPT =
      Set.of(
          "fsync",
          "synchronous_commit",
          "full_page_writes",
          "listen_addresses",
          "unix_socket_directories",
          "port",
          "password_encryption");

  /** A pool's size and how long a caller may wait for one of its connections. */
  record Pool(int connections, Duration longestWait) {}

  static DatabaseSettings of(Config root) {
    Config config = root.getConfig("parley.database");
    String url = config.getString("url");
    if (!url.equals(EMBEDDED) && !url.startsWith(PREFIX)) {
      // Without its value: a mistyped URL may hold a password.
      throw bad(config, "url", "…", "embedded or jdbc:postgresql://HOST/DATABASE");
    }
    return new DatabaseSettings(
        url,
        config.getString("user"),
        config.getString("password"),
        embedded(config),
        duration(config, "connect-timeout", Duration.ofSeconds(1), Duration.ofMinutes(5)),
        duration(config, "idle-timeout", Duration.ofSeconds(10), Duration.ofDays(1)),
        duration(config, "max-lifetime", Duration.ofSeconds(30), Duration.ofDays(1)),
        pool(config, "requests"),
        pool(config, "background"));
  }

  boolean isEmbedded() {
    return url.equals(EMBEDDED);
  }

  private static EmbeddedServer.Settings embedded(Config config) {
    Path directory = Path.of(config.getString("directory"));
    String programs = config.getString("programs");
    return new EmbeddedServer.Settings(
        directory,
        programs.isEmpty() ? directory.resolve("programs") : Path.of(programs),
        integer(config, "port", 0, 65_535),
        duration(config, "start-timeout", Duration.ofSeconds(1), Duration.ofHours(1)),
        parameters(config));
  }

  private static Map<String, String> parameters(Config config) {
    Map<String, String> parameters =
        config.getConfig("embedded").root().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().unwrapped().toString()));
    for (String name : parameters.keySet()) {
      if (KEPT.contains(name) || !name.matches("[a-z_.]+")) {
        throw bad(config, "embedded", name, "PostgreSQL settings other than " + KEPT);
      }
    }
    return parameters;
  }

  private static Pool pool(Config config, String key) {
    return new Pool(
        integer(config, key + ".connections", 1, 500),
        duration(config, key + ".wait", Duration.ofMillis(250), Duration.ofMinutes(5)));
  }

  private static int integer(Config config, String key, int min, int max) {
    int value = config.getInt(key);
    if (value < min || value > max) throw bad(config, key, value, min + " to " + max);
    return value;
  }

  private static Duration duration(Config config, String key, Duration min, Duration max) {
    Duration value = config.getDuration(key);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw bad(config, key, value, min + " to " + max);
    }
    return value;
  }

  private static ConfigException bad(Config config, String key, Object value, String allowed) {
    return new ConfigException.BadValue(
        config.origin(), "parley.database." + key, value + " is not allowed; allowed: " + allowed);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "DatabaseSettings[" + (isEmbedded() ? embedded.directory() : "external") + "]";
  }
}

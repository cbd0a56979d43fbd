package org.parley.persistence.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/** {@code parley.journal}, read once. A bad value throws with key, value and what is allowed. */
record JournalSettings(
    int writers,
    int writeRows,
    int writeQueue,
    Duration writeGiveUp,
    int readers,
    int readEntities,
    int replayEvents,
    int readQueue,
    Duration readGiveUp,
    Duration retryDelay,
    int snapshotConnections,
    int concurrentRecoveries) {

  static JournalSettings of(Config root) {
    Config config = root.getConfig("parley.journal");
    return new JournalSettings(
        integer(config, "writers", 1, 64),
        integer(config, "write-rows", 1, 10_000),
        integer(config, "write-queue", 100, 1_000_000),
        duration(config, "write-give-up", Duration.ofSeconds(1), Duration.ofHours(1)),
        integer(config, "readers", 1, 64),
        integer(config, "read-entities", 1, 10_000),
        integer(config, "replay-events", 1, 10_000),
        integer(config, "read-queue", 100, 1_000_000),
        duration(config, "read-give-up", Duration.ofSeconds(1), Duration.ofHours(1)),
        duration(config, "retry-delay", Duration.ofMillis(10), Duration.ofMinutes(1)),
        integer(config, "snapshot-connections", 1, 64),
        integer(config, "concurrent-recoveries", 1, 100_000));
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
        config.origin(), "parley.journal." + key, value + " is not allowed; allowed: " + allowed);
  }
}

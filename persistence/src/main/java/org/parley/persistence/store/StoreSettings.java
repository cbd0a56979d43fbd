package org.parley.persistence.store;

import com.typesafe.config.Config;
import java.time.Duration;

/** What {@code parley.stores} says; each key is explained in reference.conf. */
record StoreSettings(
    int threads,
    int queue,
    Duration reportTimeout,
    int maxImports,
    int importChunkBytes,
    int importRememberedIds,
    Duration importSweepInterval,
    Duration idempotencyRetention,
    Duration idempotencyClaim,
    Duration idempotencyPurgeInterval,
    int apiKeyCacheSize,
    Duration apiKeyCacheTime,
    int submissionBatch,
    int submissionQueue,
    Duration submissionLinger,
    Duration submissionGiveUp,
    Duration submissionRetention,
    Duration submissionPurgeInterval) {

  static StoreSettings of(Config root) {
    Config config = root.getConfig("parley.stores");
    return new StoreSettings(
        number(config, "threads", 1, 1_000),
        number(config, "queue", 1, 1_000_000),
        time(config, "report-timeout", Duration.ofSeconds(1), Duration.ofMinutes(1)),
        number(config, "imports.at-once", 1, 100),
        (int) bytes(config, "imports.chunk", 64 << 10, 64 << 20),
        number(config, "imports.remembered-ids", 1_000, 100_000_000),
        time(config, "imports.sweep-interval", Duration.ofSeconds(1), Duration.ofDays(1)),
        time(config, "idempotency.retention", Duration.ofMinutes(2), Duration.ofDays(365)),
        time(config, "idempotency.claim", Duration.ofSeconds(1), Duration.ofHours(1)),
        time(config, "idempotency.purge-interval", Duration.ofSeconds(1), Duration.ofDays(1)),
        number(config, "api-keys.cache-size", 1, 1_000_000),
        time(config, "api-keys.cache-time", Duration.ZERO, Duration.ofHours(1)),
        number(config, "submissions.batch", 1, 10_000),
        number(config, "submissions.queue", 100, 1_000_000),
        time(config, "submissions.linger", Duration.ZERO, Duration.ofSeconds(1)),
        time(config, "submissions.give-up", Duration.ofSeconds(1), Duration.ofMinutes(10)),
        time(config, "submissions.retention", Duration.ofHours(1), Duration.ofDays(365)),
        time(config, "submissions.purge-interval", Duration.ofSeconds(1), Duration.ofDays(1)));
  }

  private static int number(Config config, String key, int least, int most) {
    int value = config.getInt(key);
    if (value < least || value > most) throw wrong(key, value, least + " to " + most);
    return value;
  }

  private static long bytes(Config config, String key, long least, long most) {
    long value = config.getBytes(key);
    if (value < least || value > most) {
      throw wrong(key, value, least + " to " + most + " bytes");
    }
    return value;
  }

  private static Duration time(Config config, String key, Duration least, Duration most) {
    Duration value = config.getDuration(key);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw wrong(key, value, least + " to " + most);
    }
    return value;
  }

  private static IllegalArgumentException wrong(String key, Object value, String allowed) {
    return new IllegalArgumentException(
        "parley.stores." + key + " = " + value + ": allowed is " + allowed);
  }
}

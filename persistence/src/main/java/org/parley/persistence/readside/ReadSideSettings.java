package org.parley.persistence.readside;

import com.typesafe.config.Config;
import java.time.Duration;

/** What {@code parley.read-side} says; each key is explained in reference.conf. */
record ReadSideSettings(
    int projections,
    int groupSize,
    Duration groupWait,
    int pageSize,
    Duration idleInterval,
    int threads,
    Duration minBackoff,
    Duration maxBackoff,
    Duration lagInterval,
    int monthsAhead,
    Duration monthsInterval,
    Duration messageReach,
    Duration performanceInterval) {

  static ReadSideSettings of(Config root) {
    Config config = root.getConfig("parley.read-side");
    Duration shortest = Duration.ofMillis(100);
    Duration tenMinutes = Duration.ofMinutes(10);
    ReadSideSettings settings =
        new ReadSideSettings(
            number(config, "projections", 1, 64),
            number(config, "group-size", 1, 10_000),
            time(config, "group-wait", Duration.ofMillis(1), Duration.ofSeconds(10)),
            number(config, "page-size", 1, 100_000),
            time(config, "idle-interval", Duration.ofMillis(10), Duration.ofMinutes(1)),
            number(config, "threads", 1, 200),
            time(config, "min-backoff", shortest, tenMinutes),
            time(config, "max-backoff", shortest, tenMinutes),
            time(config, "lag-interval", Duration.ofSeconds(1), tenMinutes),
            number(config, "months-ahead", 1, 24),
            time(config, "months-interval", Duration.ofMinutes(1), Duration.ofDays(7)),
            time(config, "message-reach", Duration.ofDays(1), Duration.ofDays(3650)),
            time(config, "performance-interval", Duration.ofSeconds(1), Duration.ofDays(1)));
    if (Integer.bitCount(settings.projections) != 1) {
      throw wrong("projections", settings.projections, "a power of two, 1 to 64");
    }
    if (settings.maxBackoff.compareTo(settings.minBackoff) < 0) {
      throw wrong("max-backoff", settings.maxBackoff, "min-backoff or longer");
    }
    return settings;
  }

  private static int number(Config config, String key, int least, int most) {
    int value = config.getInt(key);
    if (value < least || value > most) throw wrong(key, value, least + " to " + most);
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
        "parley.read-side." + key + " = " + value + ": allowed is " + allowed);
  }
}

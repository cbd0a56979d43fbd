package org.parley.persistence.lease;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;

/** {@code parley.nodes}, read once. A bad value throws with key, value and what is allowed. */
public record CoordinationSettings(
    Duration heartbeat, Duration staleAfter, Duration putOutAfter, Duration timeout) {

  /** Reads them. */
  public static CoordinationSettings of(Config root) {
    Config config = root.getConfig("parley.nodes");
    Duration heartbeat =
        duration(config, "heartbeat", Duration.ofMillis(100), Duration.ofMinutes(1));
    Duration staleAfter =
        duration(config, "stale-after", heartbeat.multipliedBy(3), Duration.ofMinutes(10));
    Duration timeout = duration(config, "timeout", Duration.ofSeconds(1), Duration.ofMinutes(1));
    Duration heardWithin = heardWithin(heartbeat, timeout);
    Duration longest = staleAfter.compareTo(heardWithin) > 0 ? staleAfter : heardWithin;
    Duration putOutAfter =
        duration(config, "put-out-after", longest.multipliedBy(2), Duration.ofHours(1));
    return new CoordinationSettings(heartbeat, staleAfter, putOutAfter, timeout);
  }

  /**
   * How soon a living node is heard of again once the database answers: a heartbeat that waits for
   * two statements to fail.
   */
  public Duration heardWithin() {
    return heardWithin(heartbeat, timeout);
  }

  private static Duration heardWithin(Duration heartbeat, Duration timeout) {
    return heartbeat.plus(timeout.multipliedBy(2));
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

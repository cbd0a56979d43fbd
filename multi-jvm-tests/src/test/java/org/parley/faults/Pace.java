package org.parley.faults;

import java.time.Duration;

/**
 * What a test takes for long. On a machine that is several times slower than an idle one with two
 * cores, {@code -Dparley.faults.slow=N} makes all time-outs and limits, the nodes' too, N times as
 * long.
 */
final class Pace {
  private static final int SLOW = Integer.getInteger("parley.faults.slow", 1);

  private Pace() {}

  static Duration of(Duration limit) {
    return limit.multipliedBy(SLOW);
  }

  static Duration seconds(int seconds) {
    return of(Duration.ofSeconds(seconds));
  }

  /** The product's own numbers, or as much longer ones. */
  static String ofClusters() {
    if (SLOW == 1) return "";
    return """
        pekko.cluster {
          failure-detector.acceptable-heartbeat-pause = %s
          split-brain-resolver.stable-after = %s
          down-removal-margin = %s
        }
        """
        .formatted(millis(3_000), millis(3_000), millis(2_000));
  }

  /** For HOCON. */
  static String millis(int millis) {
    return (long) millis * SLOW + "ms";
  }
}

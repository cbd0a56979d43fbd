package org.parley.faults;

import java.lang.management.ManagementFactory;
import java.util.Random;

/**
 * How long and how random a test is. {@code -Dparley.faults.recipients} and {@code
 * -Dparley.faults.seed} make it longer, or repeat it.
 */
record Trial(int recipients, long seed) {

  static Trial of(int recipients) {
    Trial trial =
        new Trial(
            Integer.getInteger("parley.faults.recipients", recipients),
            Long.getLong("parley.faults.seed", System.nanoTime()));
    note(trial.toString());
    return trial;
  }

  /** Says what happens, and when, beside the test's output. */
  static void note(String event) {
    System.out.printf(
        "fault test: %.1f s: %s%n", ManagementFactory.getRuntimeMXBean().getUptime() / 1e3, event);
  }

  /** The same with fewer recipients. */
  Trial withAtMost(int most) {
    return new Trial(Math.min(recipients, most), seed);
  }

  Random random() {
    return new Random(seed);
  }

  /** Stands in every failure, so that it can be made to happen again. */
  @Override
  public String toString() {
    return "-Dparley.faults.recipients=" + recipients + " -Dparley.faults.seed=" + seed;
  }
}

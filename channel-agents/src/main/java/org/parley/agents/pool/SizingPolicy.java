package org.parley.agents.pool;

import java.time.Duration;
import org.parley.agents.settings.Checked;

/**
 * When a pool grows and shrinks.
 *
 * @param operations how many operations an agent has under way at most
 * @param growAbovePercent it grows while more than this share of the operations is under way
 * @param growBy by how many agents at a time
 * @param growEvery for so long it must have been busy, since the latest change too
 * @param growWhenWaiting it also grows when somebody has waited for a place for so long, by as many
 *     agents as that needs; zero: it does not
 * @param shrinkBelowPercent it shrinks while this share or less would be under way afterwards
 */
record SizingPolicy(
    int min,
    int max,
    int operations,
    int growAbovePercent,
    int growBy,
    Duration growEvery,
    Duration growWhenWaiting,
    int shrinkBelowPercent,
    int shrinkBy,
    Duration shrinkEvery) {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);

  static SizingPolicy read(Checked config) {
    int max = config.number("max-instances", 1, 1000);
    int growAbove = config.number("grow-above-percent", 1, 99);
    return new SizingPolicy(
        config.number("min-instances", 1, max),
        max,
        config.number("operations-per-instance", 1, 100_000),
        growAbove,
        config.number("grow-by", 1, 1000),
        config.time("grow-every", SHORTEST, LONGEST),
        config.time("grow-when-waiting", Duration.ZERO, LONGEST),
        config.number("shrink-below-percent", 0, growAbove),
        config.number("shrink-by", 1, 1000),
        config.time("shrink-every", SHORTEST, LONGEST));
  }

  /** The policy of a node that has no agents of its own. */
  SizingPolicy none() {
    return new SizingPolicy(
        0,
        0,
        operations,
        growAbovePercent,
        growBy,
        growEvery,
        growWhenWaiting,
        shrinkBelowPercent,
        shrinkBy,
        shrinkEvery);
  }
}

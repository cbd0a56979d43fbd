package org.parley.agents.pool;

import java.time.Duration;
import org.parley.agents.settings.Checked;

/**
 * How a channel's agent pool behaves.
 *
 * @param perSecond how many attempts each agent starts a second; 0 for as many as it can
 * @param burst how many it may start at once after a pause
 * @param reservePercent the share of places kept for transactional messages
 * @param waiting how many may wait for a place, of each category
 * @param drainTimeout how long the shutdown waits for what is under way
 * @param lending what nodes lend each other
 */
public record PoolSettings(
    SizingPolicy sizing,
    int perSecond,
    int burst,
    int reservePercent,
    int waiting,
    Duration drainTimeout,
    Lending lending) {

  /**
   * What nodes lend each other.
   *
   * @param most how many places a node borrows at most; 0 for none
   * @param step how many at a time
   * @param life how long a place is lent
   * @param answerWithin how long after an attempt's life a living node may still answer for it
   */
  record Lending(int most, int step, Duration life, Duration answerWithin) {
    static Lending read(Checked config) {
      return new Lending(
          config.number("most", 0, 1_000_000),
          config.number("step", 1, 10_000),
          config.time("life", Duration.ofSeconds(1), Duration.ofMinutes(1)),
          config.time("answer-within", Duration.ofSeconds(1), Duration.ofHours(2)));
    }
  }

  /** Reads a channel's part of the configuration. */
  public static PoolSettings read(Checked config) {
    int perSecond = config.number("per-second-per-instance", 0, 1_000_000);
    return new PoolSettings(
        SizingPolicy.read(config),
        perSecond,
        config.number("burst-per-instance", Math.min(1, perSecond), 1_000_000),
        config.number("reserve-percent", 0, 90),
        config.number("waiting", 0, 10_000_000),
        config.time("drain-timeout", Duration.ofMillis(100), Duration.ofMinutes(10)),
        Lending.read(config.part("lending")));
  }

  /** The settings of a node that only borrows agents. */
  public PoolSettings withoutAgents() {
    return new PoolSettings(
        sizing.none(), perSecond, burst, reservePercent, waiting, drainTimeout, lending);
  }

  /** How many attempts may be under way with so many agents. */
  int capacity(int instances) {
    return instances * sizing.operations();
  }
}

package org.parley.agents.pool;

import java.time.Duration;
import org.parley.agents.settings.Checked;

/**
 * How large a channel's agent pool is.
 *
 * @param instances how many agents
 * @param operationsPerInstance how many attempts an agent has under way at most
 * @param reservePercent the share of places kept for transactional messages
 * @param waiting how many may wait for a place, of each category
 * @param drainTimeout how long the shutdown waits for what is under way
 */
public record PoolSettings(
    int instances,
    int operationsPerInstance,
    int reservePercent,
    int waiting,
    Duration drainTimeout) {

  /** Reads a channel's part of the configuration. */
  public static PoolSettings read(Checked config) {
    int maxInstances = config.number("max-instances", 1, 1000);
    return new PoolSettings(
        config.number("instances", 1, maxInstances),
        config.number("operations-per-instance", 1, 100_000),
        config.number("reserve-percent", 0, 90),
        config.number("waiting", 0, 10_000_000),
        config.time("drain-timeout", Duration.ofMillis(100), Duration.ofMinutes(10)));
  }

  /** How many attempts may be under way. */
  int capacity() {
    return instances * operationsPerInstance;
  }
}

package org.parley.agents.budget;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Lends a carrier's rate to nodes, a little at a time. In any stretch of time it lends no more than
 * the rate allows for that stretch and one lease period. It lends nothing in its own first period,
 * because what an earlier book has lent may still be used in it. It knows no clock and no actor.
 */
final class LeaseBook {
  /**
   * What a node gets.
   *
   * @param tokens how many attempts it may start within a lease period from its question on
   * @param againNanos when asking again is of use
   */
  record Lease(int tokens, long againNanos) {}

  private record Asker(int perSecond, long askedAtNanos) {}

  private static final int FORGOTTEN_AFTER_PERIODS = 5;

  private final long periodNanos;
  private final long startNanos;
  private final Map<String, Asker> askers = new HashMap<>();
  private final TokenBucket bucket;
  private int perSecond;

  LeaseBook(Duration period, long nowNanos) {
    this.periodNanos = period.toNanos();
    this.startNanos = nowNanos + periodNanos;
    this.bucket = new TokenBucket(0, 1, startNanos);
  }

  /**
   * Lends.
   *
   * @param wanted how many the node could use in a period
   * @param rate the carrier's rate as the node has it configured; the lowest of all nodes holds
   */
  Lease lend(String node, int wanted, int rate, long nowNanos) {
    askers.put(node, new Asker(rate, nowNanos));
    askers
        .values()
        .removeIf(a -> nowNanos - a.askedAtNanos() > FORGOTTEN_AFTER_PERIODS * periodNanos);
    adapt(nowNanos);
    if (nowNanos - startNanos < 0) return new Lease(0, startNanos - nowNanos);
    int share = (int) Math.max(1, Math.ceil(perPeriod() / askers.size()));
    int lent = bucket.take(Math.min(Math.max(1, wanted), share), nowNanos);
    long again = lent > 0 ? 1 : bucket.waitNanos(Math.max(1, share / 2), nowNanos);
    return new Lease(lent, again);
  }

  private void adapt(long nowNanos) {
    int lowest = Integer.MAX_VALUE;
    for (Asker asker : askers.values()) lowest = Math.min(lowest, asker.perSecond());
    if (lowest == perSecond) return;
    perSecond = lowest;
    bucket.resize(perSecond, perPeriod(), nowNanos);
  }

  private double perPeriod() {
    return perSecond * (periodNanos / 1e9);
  }
}

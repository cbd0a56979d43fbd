package org.parley.agents.pool;

import java.util.Optional;

/**
 * Decides how many agents a pool has, from looks at it a few times a second. It knows no clock and
 * no actor. Belongs to one actor.
 */
final class Sizing {
  /**
   * A change of the number of agents.
   *
   * @param why in words
   */
  record Step(int from, int to, String why) {}

  private final SizingPolicy policy;
  private final Spell crowded = new Spell();
  private final Spell awaited = new Spell();
  private final Spell quiet = new Spell();
  private int instances;

  Sizing(SizingPolicy policy) {
    this.policy = policy;
    this.instances = policy.min();
  }

  int instances() {
    return instances;
  }

  /**
   * Looks at the pool.
   *
   * @param busy operations under way
   * @param waiting who waits for a place
   */
  Optional<Step> look(long nowNanos, int busy, int waiting) {
    awaited.holds(waiting > 0, nowNanos);
    crowded.holds(exceeds(busy, policy.growAbovePercent(), instances), nowNanos);
    quiet.holds(waiting == 0 && !exceeds(busy, policy.shrinkBelowPercent(), fewer()), nowNanos);
    if (!policy.growWhenWaiting().isZero()
        && awaited.lasts(nowNanos, policy.growWhenWaiting().toNanos())) {
      int needed = needed((long) busy + waiting);
      return resize(
          Math.max(instances + policy.growBy(), needed),
          "somebody has waited for a place for " + text(policy.growWhenWaiting()));
    }
    if (crowded.lasts(nowNanos, policy.growEvery().toNanos())) {
      return resize(
          instances + policy.growBy(),
          "more than " + policy.growAbovePercent() + " % busy for " + text(policy.growEvery()));
    }
    if (quiet.lasts(nowNanos, policy.shrinkEvery().toNanos())) {
      return resize(
          fewer(),
          "at most "
              + policy.shrinkBelowPercent()
              + " % busy with fewer for "
              + text(policy.shrinkEvery()));
    }
    return Optional.empty();
  }

  /** Begins to look anew: what was seen before says nothing of what comes. */
  void rest() {
    crowded.end();
    awaited.end();
    quiet.end();
  }

  /** How many agents so many operations need, so that they are as busy as they should be. */
  private int needed(long operations) {
    long each = (long) policy.growAbovePercent() * policy.operations();
    return (int) Math.min(policy.max(), (operations * 100 + each - 1) / each);
  }

  private int fewer() {
    return Math.max(policy.min(), instances - policy.shrinkBy());
  }

  private boolean exceeds(int busy, int percent, int agents) {
    return busy * 100L > (long) percent * agents * policy.operations();
  }

  private Optional<Step> resize(int wanted, String why) {
    int from = instances;
    instances = Math.max(policy.min(), Math.min(policy.max(), wanted));
    rest();
    return from == instances ? Optional.empty() : Optional.of(new Step(from, instances, why));
  }

  private static String text(java.time.Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  /** For how long something has been so, without a break. */
  private static final class Spell {
    private boolean lasting;
    private long sinceNanos;

    void holds(boolean now, long nowNanos) {
      if (now && !lasting) sinceNanos = nowNanos;
      lasting = now;
    }

    boolean lasts(long nowNanos, long nanos) {
      return lasting && nowNanos - sinceNanos >= nanos;
    }

    void end() {
      lasting = false;
    }
  }
}

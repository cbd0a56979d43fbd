package org.parley.core.campaign;

import java.time.Duration;
import java.time.Instant;

/**
 * How many touches one part of a campaign may start now, so that the campaign's rate is held
 * whatever the beats of a timer really last. It grows with the clock, up to a second's worth, so
 * that a pause does not end in a burst. Not thread-safe.
 */
public final class Allowance {
  private static final double NANOS_PER_SECOND = 1e9;

  /** One at a time, and what a late beat brings beyond it is not lost. */
  private static final double MIN_BURST = 1.5;

  private final double perSecond;
  private Instant seenAt;
  private double tokens;

  /**
   * @param perSecond touches a second, more than 0; below 1 is one now and then
   */
  public Allowance(double perSecond, Instant now) {
    this.perSecond = perSecond;
    this.seenAt = now;
  }

  /** Grows for the time that has passed; a clock that was set back counts as standing still. */
  public void growTo(Instant now) {
    double nanos = Math.max(0, Duration.between(seenAt, now).toNanos());
    seenAt = now;
    add(perSecond * nanos / NANOS_PER_SECOND);
  }

  /** Whether one more may start. */
  public boolean allows() {
    return tokens >= 1;
  }

  /** Whether it does not grow any more. */
  public boolean isFull() {
    return tokens >= most();
  }

  /** One starts; also when it is not allowed to, which is waited for later. */
  public void take() {
    tokens--;
  }

  /** What was taken could not be used and is taken again. */
  public void giveBack() {
    add(1);
  }

  private void add(double more) {
    tokens = Math.min(tokens + more, most());
  }

  private double most() {
    return Math.max(MIN_BURST, perSecond);
  }
}

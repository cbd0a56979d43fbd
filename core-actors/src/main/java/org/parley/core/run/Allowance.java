package org.parley.core.run;

import java.time.Duration;
import java.time.Instant;

/**
 * How many customers a slice may ask now, so that a campaign's rate is held whatever the beats of a
 * timer really last. It grows with the clock, up to a second's worth, so that a pause does not end
 * in a burst. Not thread-safe.
 */
final class Allowance {
  private static final double NANOS_PER_SECOND = 1e9;

  /** One at a time, and what a late beat brings beyond it is not lost. */
  private static final double MIN_BURST = 1.5;

  private final double perSecond;
  private Instant seenAt;
  private double tokens;

  /**
   * @param perSecond customers a second, more than 0; below 1 is somebody now and then
   */
  Allowance(double perSecond, Instant now) {
    this.perSecond = perSecond;
    this.seenAt = now;
  }

  /** Grows for the time that has passed; a clock that was set back counts as standing still. */
  void growTo(Instant now) {
    double nanos = Math.max(0, Duration.between(seenAt, now).toNanos());
    seenAt = now;
    add(perSecond * nanos / NANOS_PER_SECOND);
  }

  /** Whether somebody may be asked. */
  boolean allows() {
    return tokens >= 1;
  }

  /** Somebody is asked. */
  void take() {
    tokens--;
  }

  /** Who was asked could not be served and is asked again. */
  void giveBack() {
    add(1);
  }

  private void add(double more) {
    tokens = Math.min(tokens + more, Math.max(MIN_BURST, perSecond));
  }
}

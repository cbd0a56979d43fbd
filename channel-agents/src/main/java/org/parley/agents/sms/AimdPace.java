package org.parley.agents.sms;

/**
 * A pace that a carrier's throttling halves, and that comes back by a twentieth of the configured
 * pace each second: additive increase, multiplicative decrease. Below the configured pace it is a
 * token pace; at it, the lane's own pace is enough and this one lets everything pass. Thread-safe.
 */
final class AimdPace {
  private static final double SECOND_NANOS = 1e9;
  private static final long HALVE_AGAIN_NANOS = 250_000_000;
  private static final double SECONDS_BACK = 20;
  private static final double BURST_SECONDS = 0.05;

  private final double ceiling;

  // Guarded by this.
  private double perSecond;
  private double tokens;
  private long filledAtNanos;
  private long halvedAtNanos;
  private long countedSinceNanos;
  private int taken;
  private double measured;

  AimdPace(int perSecond, long nowNanos) {
    this.ceiling = perSecond;
    this.perSecond = perSecond;
    this.measured = perSecond;
    this.filledAtNanos = nowNanos;
    this.countedSinceNanos = nowNanos;
    this.halvedAtNanos = nowNanos - HALVE_AGAIN_NANOS;
  }

  /** Whether one may go now. */
  synchronized boolean tryTake(long nowNanos) {
    fill(nowNanos);
    if (perSecond < ceiling) {
      if (tokens < 1) return false;
      tokens--;
    }
    taken++;
    return true;
  }

  /**
   * The carrier asks for less: half of what went out lately. What it throttled within a quarter of
   * a second is one request.
   */
  synchronized void throttled(long nowNanos) {
    fill(nowNanos);
    if (nowNanos - halvedAtNanos < HALVE_AGAIN_NANOS) return;
    halvedAtNanos = nowNanos;
    double seconds = (nowNanos - countedSinceNanos) / SECOND_NANOS;
    double lately = seconds > 0.1 ? taken / seconds : measured;
    perSecond = Math.max(1, Math.min(perSecond, Math.max(lately, 1)) / 2);
    tokens = Math.min(tokens, 1);
  }

  /** What is allowed now. */
  synchronized double perSecond(long nowNanos) {
    fill(nowNanos);
    return perSecond;
  }

  private void fill(long nowNanos) {
    double seconds = Math.max(0, (nowNanos - filledAtNanos) / SECOND_NANOS);
    filledAtNanos = nowNanos;
    perSecond = Math.min(ceiling, perSecond + seconds * ceiling / SECONDS_BACK);
    tokens = Math.min(Math.max(1, perSecond * BURST_SECONDS), tokens + seconds * perSecond);
    double counted = (nowNanos - countedSinceNanos) / SECOND_NANOS;
    if (counted >= 1) {
      measured = taken / counted;
      taken = 0;
      countedSinceNanos = nowNanos;
    }
  }
}

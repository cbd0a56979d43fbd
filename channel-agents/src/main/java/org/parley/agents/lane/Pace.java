package org.parley.agents.lane;

/**
 * A token pace: at most {@code perSecond} a second in the long run, with a burst of a tenth of a
 * second's worth. It counts on a clock and needs no timer. Not thread-safe; the lane's lock guards
 * it.
 */
final class Pace {
  private static final int BURSTS_PER_SECOND = 10;
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final double tokensPerNano;
  private final double burst;
  private double tokens;
  private long filledAtNanos;

  Pace(int perSecond, long nowNanos) {
    this.tokensPerNano = (double) perSecond / SECOND_NANOS;
    this.burst = Math.max(1, perSecond / BURSTS_PER_SECOND);
    this.tokens = burst;
    this.filledAtNanos = nowNanos;
  }

  /** Takes one token if there is one. */
  boolean tryTake(long nowNanos) {
    fill(nowNanos);
    if (tokens < 1) return false;
    tokens--;
    return true;
  }

  /** Gives back a token that did not lead to the wire. */
  void giveBack() {
    tokens = Math.min(burst, tokens + 1);
  }

  /** How long until the next token, in nanoseconds, at least 1. */
  long waitNanos(long nowNanos) {
    fill(nowNanos);
    return Math.max(1, (long) Math.ceil((1 - tokens) / tokensPerNano));
  }

  private void fill(long nowNanos) {
    tokens = Math.min(burst, tokens + (nowNanos - filledAtNanos) * tokensPerNano);
    filledAtNanos = nowNanos;
  }
}

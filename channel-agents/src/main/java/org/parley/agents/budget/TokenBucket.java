package org.parley.agents.budget;

/**
 * Tokens that come at a rate and are kept up to a depth. It counts on a clock and needs no timer.
 * Not thread-safe.
 */
public final class TokenBucket {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private double tokensPerNano;
  private double depth;
  private double tokens;
  private long filledAtNanos;

  /** An empty bucket. */
  public TokenBucket(double perSecond, double depth, long nowNanos) {
    this.tokensPerNano = perSecond / SECOND_NANOS;
    this.depth = Math.max(1, depth);
    this.filledAtNanos = nowNanos;
  }

  /**
   * Changes rate and depth; what is in it stays, as far as it fits. What has come since the last
   * look counts at the lower one of the rates.
   */
  public void resize(double perSecond, double newDepth, long nowNanos) {
    double next = perSecond / SECOND_NANOS;
    tokensPerNano = Math.min(tokensPerNano, next);
    fill(nowNanos);
    tokensPerNano = next;
    depth = Math.max(1, newDepth);
    tokens = Math.min(tokens, depth);
  }

  /** Fills it to the brim. */
  public void fillUp() {
    tokens = depth;
  }

  /** Puts tokens into it, as far as they fit. */
  public void put(double more) {
    tokens = Math.min(depth, tokens + more);
  }

  /** Takes one token if there is one. */
  public boolean tryTake(long nowNanos) {
    return take(1, nowNanos) == 1;
  }

  /** Takes whole tokens, at most so many, and says how many. */
  public int take(int most, long nowNanos) {
    fill(nowNanos);
    int taken = (int) Math.min(most, Math.floor(tokens));
    tokens -= taken;
    return taken;
  }

  /** How long until so many whole tokens are in it, in nanoseconds; at least 1. */
  public long waitNanos(int wanted, long nowNanos) {
    fill(nowNanos);
    double missing = Math.min(wanted, depth) - tokens;
    return Math.max(1, (long) Math.ceil(missing / tokensPerNano));
  }

  private void fill(long nowNanos) {
    // A clock that is read on several threads may come a little late.
    if (nowNanos - filledAtNanos <= 0) return;
    tokens = Math.min(depth, tokens + (nowNanos - filledAtNanos) * tokensPerNano);
    filledAtNanos = nowNanos;
  }
}

package org.parley.core.spi;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time in which this process could hear others. While it stands still, suspended or in a long
 * collection, their answers wait in its sockets; that is no time in which they did not answer. It
 * must be read a few times a second: what lies between two readings counts when it is a second or
 * less. Thread-safe.
 */
public final class AwakeClock implements LongSupplier {
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final LongSupplier clock;
  private long readAtNanos;
  private long asleepNanos;

  /**
   * @param clock in nanoseconds, which goes on while the process stands still
   */
  public AwakeClock(LongSupplier clock) {
    this.clock = clock;
    this.readAtNanos = clock.getAsLong();
  }

  /** Nanoseconds, from no origin in particular. */
  @Override
  public synchronized long getAsLong() {
    long now = clock.getAsLong();
    long since = now - readAtNanos;
    if (since > LONGEST_NANOS) asleepNanos += since;
    readAtNanos = now;
    return now - asleepNanos;
  }
}

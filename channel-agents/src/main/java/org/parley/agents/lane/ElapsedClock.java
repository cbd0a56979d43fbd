package org.parley.agents.lane;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/**
 * A clock of elapsed time for who asks for a {@link Clock}: nobody sets it back or forward. Its
 * instants tell how long something took, not what time it was. Thread-safe.
 */
final class ElapsedClock extends Clock {
  private final LongSupplier nanoClock;

  /**
   * @param nanoClock in nanoseconds, from no origin in particular
   */
  ElapsedClock(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochSecond(0, nanoClock.getAsLong());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  /** The same: elapsed time is the same in all zones. */
  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}

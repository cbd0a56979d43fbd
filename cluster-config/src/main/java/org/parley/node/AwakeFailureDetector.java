package org.parley.node;

import com.typesafe.config.Config;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.pekko.event.EventStream;
import org.apache.pekko.remote.FailureDetector;
import org.apache.pekko.remote.PhiAccrualFailureDetector;
import org.parley.core.spi.AwakeClock;
import scala.Option;
import scala.concurrent.duration.FiniteDuration;

/**
 * Pekko's own, by the time in which this process could hear others. A node that has stood still for
 * some seconds would otherwise take all others for dead before it has read what they sent, and the
 * resolver, to which it and its watchers then seem to be cut off from each other, ends them all.
 *
 * <p>The cluster reads it twice a second, and at each heartbeat.
 */
public final class AwakeFailureDetector extends PhiAccrualFailureDetector {
  /** A process stands still as a whole. */
  private static final AwakeClock AWAKE = new AwakeClock(System::nanoTime);

  /** For Pekko, with {@code pekko.cluster.failure-detector}. */
  public AwakeFailureDetector(Config config, EventStream events) {
    this(config, Option.apply(events), AWAKE);
  }

  /**
   * One with a clock of one's own.
   *
   * @param awake in nanoseconds
   */
  AwakeFailureDetector(Config config, Option<EventStream> events, LongSupplier awake) {
    super(
        config.getDouble("threshold"),
        config.getInt("max-sample-size"),
        span(config, "min-std-deviation"),
        span(config, "acceptable-heartbeat-pause"),
        span(config, "heartbeat-interval"),
        events,
        millis(awake));
  }

  private static FiniteDuration span(Config config, String key) {
    return FiniteDuration.create(config.getDuration(key).toMillis(), TimeUnit.MILLISECONDS);
  }

  private static FailureDetector.Clock millis(LongSupplier nanos) {
    return new FailureDetector.Clock() {
      @Override
      public Object apply() {
        return TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
      }
    };
  }
}

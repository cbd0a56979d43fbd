package org.parley.core.simulation;

import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.Scheduler;
import org.apache.pekko.event.LoggingAdapter;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.FiniteDuration;

/** Sets the timers of a system on the clock of its loop. */
final class LoopScheduler implements Scheduler {
  private static final long NANOS = 1_000_000;

  private final Loop loop;

  LoopScheduler(Config config, LoggingAdapter log, ThreadFactory threads) {
    loop = Simulator.loop(config);
  }

  @Override
  public Cancellable scheduleOnce(FiniteDuration delay, Runnable task, ExecutionContext executor) {
    return handle(loop.after(millis(delay.toNanos()), () -> executor.execute(task)));
  }

  @Override
  public Cancellable scheduleWithFixedDelay(
      FiniteDuration first, FiniteDuration delay, Runnable task, ExecutionContext executor) {
    return handle(loop.every(first.toMillis(), delay.toMillis(), () -> executor.execute(task)));
  }

  @Override
  @Deprecated
  public Cancellable schedule(
      FiniteDuration first, FiniteDuration delay, Runnable task, ExecutionContext executor) {
    return handle(loop.every(first.toMillis(), delay.toMillis(), () -> executor.execute(task)));
  }

  @Override
  public double maxFrequency() {
    return 1_000;
  }

  /**
   * Whoever backs off draws from a chance that no seed governs; it shows in a time that is not of
   * whole milliseconds, and the seed's chance takes its place.
   */
  private long millis(long nanos) {
    long millis = nanos / NANOS;
    if (nanos % NANOS == 0) return millis;
    long exact = 200;
    while (exact * 2 <= millis) exact *= 2;
    if (millis >= 10_000) exact = 10_000;
    return exact + loop.random().nextLong(exact / 5);
  }

  private static Cancellable handle(Loop.Timer timer) {
    return new Cancellable() {
      @Override
      public boolean cancel() {
        return timer.cancel();
      }

      @Override
      public boolean isCancelled() {
        return timer.isOver();
      }
    };
  }
}

package org.parley.faults;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * How long this machine lets a process wait for its turn: times that are measured on it are wrong
 * by as much.
 */
final class Hiccups implements AutoCloseable {
  private static final long PERIOD_NANOS = 10_000_000;

  private final Thread thread = new Thread(this::measure, "hiccups");
  private volatile long longestNanos;
  private volatile boolean stopped;

  private Hiccups() {}

  static Hiccups measured() {
    Hiccups hiccups = new Hiccups();
    hiccups.thread.setDaemon(true);
    hiccups.thread.start();
    return hiccups;
  }

  private void measure() {
    while (!stopped) {
      long before = System.nanoTime();
      LockSupport.parkNanos(PERIOD_NANOS);
      long late = System.nanoTime() - before - PERIOD_NANOS;
      if (late > longestNanos) longestNanos = late;
    }
  }

  /** The longest so far. */
  Duration longest() {
    return Duration.ofNanos(longestNanos);
  }

  @Override
  public void close() {
    stopped = true;
  }
}

package org.parley.persistence;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of the database, which all nodes share: so no node takes another one's decisions for
 * early or late, and a step of its own machine's clock changes nothing. Between two looks it goes
 * on with this machine's monotonic clock, and so while the database is away. Thread-safe.
 */
final class DatabaseClock implements InstantSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

  /** A look that took longer says too little. */
  private static final Duration SLOWEST_LOOK = Duration.ofSeconds(1);

  /** A machine whose own clock is off by more should be seen to. */
  private static final Duration WORTH_A_WORD = Duration.ofSeconds(2);

  /** A step of this machine's clock that may have been a time of standing still. */
  private static final Duration SUSPENDED = Duration.ofSeconds(1);

  /** A look: what the database said, and when that was by this machine's two clocks. */
  private record Look(Instant at, long nanos, long machineMillis, long uncertainNanos) {
    Instant instant(long nowNanos) {
      return at.plusNanos(nowNanos - nanos);
    }

    Look at(Instant other) {
      return new Look(other, nanos, machineMillis, uncertainNanos);
    }
  }

  private final DataSource dataSource;
  private final LongSupplier nanoClock;
  private final InstantSource machine;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "parley-database-clock");
            thread.setDaemon(true);
            return thread;
          });
  private volatile Look look;
  private final AtomicBoolean asking = new AtomicBoolean();
  private boolean told;

  private DatabaseClock(DataSource dataSource, LongSupplier nanoClock, InstantSource machine)
      throws SQLException {
    this.dataSource = dataSource;
    this.nanoClock = nanoClock;
    this.machine = machine;
    // The first query of a connection is slow: the best of some.
    Look best = read();
    for (int i = 0; i < 3; i++) {
      Look next = read();
      if (next.uncertainNanos() < best.uncertainNanos()) best = next;
    }
    this.look = best;
    compare();
  }

  /**
   * Looks at the database's clock, and goes on doing so until it is closed.
   *
   * @throws SQLException when the database does not answer
   */
  static DatabaseClock start(DataSource dataSource) throws SQLException {
    DatabaseClock clock = new DatabaseClock(dataSource, System::nanoTime, InstantSource.system());
    long every = LOOK_EVERY.toMillis();
    var unused =
        clock.looks.scheduleWithFixedDelay(clock::again, every, every, TimeUnit.MILLISECONDS);
    return clock;
  }

  /** A clock that looks only when it is told to. */
  static DatabaseClock still(DataSource dataSource, LongSupplier nanoClock, InstantSource machine)
      throws SQLException {
    return new DatabaseClock(dataSource, nanoClock, machine);
  }

  /** The time now; a step of this machine's own clock does not move it. */
  @Override
  public Instant instant() {
    long nanos = nanoClock.getAsLong();
    Look last = look;
    if (isAhead(last, nanos)) askSoon();
    return last.instant(nanos);
  }

  /**
   * The latest that it can be now, for what must not start when it may have ended. When this
   * machine's own clock has run ahead of the monotonic one, it was set, or the machine was
   * suspended and the monotonic one stood still: until the database has been asked, it counts as
   * suspended.
   */
  InstantSource latest() {
    return () -> {
      long nanos = nanoClock.getAsLong();
      Look last = look;
      if (!isAhead(last, nanos)) return last.instant(nanos);
      askSoon();
      return last.instant(nanos).plusMillis(aheadMillis(last, nanos));
    };
  }

  private boolean isAhead(Look last, long nanos) {
    return aheadMillis(last, nanos) >= SUSPENDED.toMillis();
  }

  /** By how much this machine's own clock has run ahead of the monotonic one. */
  private long aheadMillis(Look last, long nanos) {
    return machine.millis() - last.machineMillis() - (nanos - last.nanos()) / 1_000_000;
  }

  private void askSoon() {
    if (!asking.compareAndSet(false, true)) return;
    try {
      looks.execute(this::again);
    } catch (RejectedExecutionException e) {
      LOG.debug("The clock is closed", e);
    }
  }

  /** Looks again. A database that is away, or slow, changes nothing. */
  void again() {
    try {
      Look next = read();
      if (next.uncertainNanos() > SLOWEST_LOOK.toNanos()) return;
      Duration moved = Duration.between(look.instant(next.nanos()), next.at()).abs();
      // Within what a look can tell, the steady clock is the better one.
      boolean steady = moved.toNanos() <= next.uncertainNanos();
      look = steady ? next.at(look.instant(next.nanos())) : next;
      compare();
    } catch (SQLException e) {
      LOG.debug("The database's clock cannot be read: {}", e.getMessage());
    } finally {
      asking.set(false);
    }
  }

  private void compare() {
    Duration off = Duration.between(instant(), machine.instant());
    boolean far = off.abs().compareTo(WORTH_A_WORD) > 0;
    if (far && !told) {
      LOG.warn("This machine's clock is off by {} ms from the database's", off.toMillis());
    }
    told = far;
  }

  private Look read() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      long before = nanoClock.getAsLong();
      try (ResultSet row = statement.executeQuery("SELECT clock_timestamp()")) {
        row.next();
        Instant at = row.getObject(1, OffsetDateTime.class).toInstant();
        long after = nanoClock.getAsLong();
        long half = (after - before) / 2;
        return new Look(at, before + half, machine.millis() - half / 1_000_000, half);
      }
    }
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}

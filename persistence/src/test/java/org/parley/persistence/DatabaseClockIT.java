package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The shared time, against this machine's: the test's database is on the same one. */
class DatabaseClockIT {
  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final AtomicLong stepNanos = new AtomicLong();

  private DatabaseClock clock() throws SQLException {
    return DatabaseClock.still(
        TestDatabase.shared().background(),
        () -> System.nanoTime() + stepNanos.get(),
        Instant::now);
  }

  private static void assertNow(InstantSource clock) {
    Instant before = Instant.now();
    Instant told = clock.instant();
    assertThat(told).isBetween(before.minus(CLOSE), Instant.now().plus(CLOSE));
  }

  @Test
  void itIsTheTimeOfTheDatabase() throws SQLException {
    try (DatabaseClock clock = clock()) {
      assertNow(clock);
    }
  }

  @Test
  void aMachineWhoseClockIsWrongKeepsTheTimeOfTheOthers() throws SQLException {
    Duration wrong = Duration.ofMinutes(5);
    try (DatabaseClock clock =
        DatabaseClock.still(
            TestDatabase.shared().background(),
            System::nanoTime,
            () -> Instant.now().plus(wrong))) {
      assertNow(clock);
    }
  }

  @Test
  void aMachineWhoseClockIsSetForwardMayHaveBeenSuspendedSoWhatMayHaveEndedMustNotStart()
      throws SQLException {
    AtomicLong suspendedMillis = new AtomicLong();
    try (DatabaseClock clock =
        DatabaseClock.still(
            TestDatabase.shared().background(),
            System::nanoTime,
            () -> Instant.now().plusMillis(suspendedMillis.get()))) {
      suspendedMillis.set(300_000);
      assertThat(clock.latest().instant()).isAfter(Instant.now().plusSeconds(290));
      Awaitility.await("the database was asked: it was only a step of this machine's clock")
          .until(() -> clock.latest().instant().isBefore(Instant.now().plus(CLOSE)));
    }
  }

  @Test
  void aMachineWhoseClockIsSetForwardDecidesNothingEarly() throws SQLException {
    AtomicLong stepMillis = new AtomicLong();
    DatabaseClock clock =
        DatabaseClock.still(
            TestDatabase.shared().background(),
            System::nanoTime,
            () -> Instant.now().plusMillis(stepMillis.get()));
    clock.close(); // it looks no more
    stepMillis.set(300_000);
    assertNow(clock);
  }

  /** As after a machine that was suspended, and its monotonic clock with it. */
  @Test
  void aMonotonicClockThatHasStoodStillCostsNoTime() throws SQLException {
    try (DatabaseClock clock = clock()) {
      stepNanos.set(Duration.ofMinutes(-5).toNanos());
      assertNow(clock.latest());
      clock.again();
      assertNow(clock);
    }
  }
}

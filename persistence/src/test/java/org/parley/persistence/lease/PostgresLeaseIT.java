package org.parley.persistence.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.apache.pekko.coordination.lease.LeaseTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;
import org.parley.persistence.store.TestStores;

/** Two owners, one lease, a real database; each owner with a clock and threads of its own. */
class PostgresLeaseIT {
  private static final AtomicLong NAMES = new AtomicLong();

  private final Database database = TestDatabase.shared();
  private final String name = "lease-" + NAMES.incrementAndGet();
  private final List<ScheduledExecutorService> threads = new CopyOnWriteArrayList<>();

  /** A process that may hold the lease. */
  private final class Owner {
    final AtomicLong skippedNanos = new AtomicLong();
    final AtomicBoolean away = new AtomicBoolean();
    final List<Optional<Throwable>> lost = new CopyOnWriteArrayList<>();
    final PostgresLease lease;

    Owner(String who, Duration life, Duration interval) {
      this(who, life, interval, Duration.ofSeconds(20));
    }

    Owner(String who, Duration life, Duration interval, Duration answer) {
      ScheduledExecutorService own = new ScheduledThreadPoolExecutor(1);
      threads.add(own);
      DataSource source = database.background();
      LeaseTable table =
          new LeaseTable(
              (DataSource)
                  java.lang.reflect.Proxy.newProxyInstance(
                      getClass().getClassLoader(),
                      new Class<?>[] {DataSource.class},
                      (proxy, method, arguments) -> {
                        if (away.get()) throw new SQLException("the database is away");
                        return source.getConnection();
                      }));
      lease =
          new PostgresLease(
              settings(who, life, interval, answer),
              table,
              own,
              () -> System.nanoTime() + skippedNanos.get(),
              () -> true);
    }

    boolean acquire() {
      return TestStores.get(lease.acquire(lost::add));
    }
  }

  @AfterEach
  void endThreads() {
    threads.forEach(ScheduledExecutorService::shutdownNow);
  }

  @Test
  void oneOwnerAtATimeAndTheEpochTellsHowOftenItChanged() {
    Owner one = new Owner("one", Duration.ofSeconds(60), Duration.ofSeconds(20));
    Owner two = new Owner("two", Duration.ofSeconds(60), Duration.ofSeconds(20));
    assertThat(one.acquire()).isTrue();
    assertThat(one.lease.epoch()).hasValue(1);
    assertThat(two.acquire()).isFalse();
    assertThat(two.lease.checkLease()).isFalse();
    assertThat(one.acquire()).as("again by the same").isTrue();
    assertThat(one.lease.epoch()).hasValue(1);
    assertThat(TestStores.get(one.lease.release())).isTrue();
    assertThat(one.lease.checkLease()).isFalse();
    assertThat(two.acquire()).isTrue();
    assertThat(two.lease.epoch()).hasValue(2);
    assertThat(TestStores.get(one.lease.release())).as("what it does not hold").isTrue();
    assertThat(two.lease.checkLease()).isTrue();
    assertThat(one.acquire()).isFalse();
  }

  @Test
  void aProcessAtTheAddressOfAnotherIsAnotherOwner() {
    Owner before = new Owner("same", Duration.ofSeconds(60), Duration.ofSeconds(20));
    Owner after = new Owner("same", Duration.ofSeconds(60), Duration.ofSeconds(20));
    assertThat(before.acquire()).isTrue();
    assertThat(after.acquire()).isFalse();
  }

  @Test
  void aHolderThatLivesRenewsIt() {
    Owner one = new Owner("one", Duration.ofSeconds(20), Duration.ofMillis(100));
    Owner two = new Owner("two", Duration.ofSeconds(20), Duration.ofSeconds(9));
    assertThat(one.acquire()).isTrue();
    String ends = "SELECT (extract(epoch FROM expires_at) * 1000)::bigint FROM leases";
    String end = ends + " WHERE name = '" + name + "'";
    long first = TestDatabase.count(database, end);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> TestDatabase.count(database, end) > first + 500);
    assertThat(two.acquire()).isFalse();
    assertThat(one.lease.checkLease()).isTrue();
    assertThat(one.lost).isEmpty();
  }

  @Test
  void onlyTheClockOfTheDatabaseLetsAnotherOwnerHaveIt() {
    Owner frozen = new Owner("frozen", Duration.ofSeconds(60), Duration.ofSeconds(29));
    Owner other = new Owner("other", Duration.ofSeconds(60), Duration.ofSeconds(29));
    assertThat(frozen.acquire()).isTrue();
    other.skippedNanos.set(Duration.ofHours(1).toNanos());
    assertThat(other.acquire()).as("its own clock is an hour ahead").isFalse();
    expire();
    assertThat(other.acquire()).isTrue();
    assertThat(other.lease.epoch()).hasValue(2);
  }

  @Test
  void aHolderThatStoodStillDoesNotBelieveInItAndHearsThatItIsLost() {
    Owner frozen = new Owner("frozen", Duration.ofSeconds(60), Duration.ofSeconds(1));
    assertThat(frozen.acquire()).isTrue();
    assertThat(frozen.lease.checkLease()).isTrue();
    frozen.skippedNanos.set(Duration.ofSeconds(61).toNanos());
    assertThat(frozen.lease.checkLease()).as("at once, without the database").isFalse();
    assertThat(frozen.lease.epoch()).isEmpty();
    await().atMost(Duration.ofSeconds(20)).until(() -> frozen.lost.size() == 1);
  }

  @Test
  void aHolderHearsWhenAnotherOwnerHasTakenIt() {
    Owner one = new Owner("one", Duration.ofSeconds(60), Duration.ofMillis(500));
    Owner two = new Owner("two", Duration.ofSeconds(60), Duration.ofSeconds(20));
    assertThat(one.acquire()).isTrue();
    expire();
    await().atMost(Duration.ofSeconds(20)).until(() -> one.lost.size() == 1);
    assertThat(one.lost.get(0)).as("the database said so").isEmpty();
    assertThat(one.lease.checkLease()).isFalse();
    assertThat(two.acquire()).isTrue();
  }

  @Test
  void withoutTheDatabaseItIsLostInTimeAndCannotBeHad() {
    Owner one = new Owner("one", Duration.ofSeconds(60), Duration.ofMillis(200));
    Owner two =
        new Owner("two", Duration.ofSeconds(60), Duration.ofSeconds(20), Duration.ofMillis(500));
    Owner three = new Owner("three", Duration.ofSeconds(60), Duration.ofSeconds(20));
    assertThat(one.acquire()).isTrue();
    one.away.set(true);
    two.away.set(true);
    one.skippedNanos.set(Duration.ofSeconds(61).toNanos());
    await().atMost(Duration.ofSeconds(20)).until(() -> one.lost.size() == 1);
    assertThat(one.lost.get(0)).as("why").isPresent();
    assertThat(one.lease.checkLease()).isFalse();
    assertThatThrownBy(() -> TestStores.get(two.lease.acquire()))
        .isInstanceOf(LeaseTimeoutException.class);
    expire();
    assertThat(three.acquire()).as("by who reaches the database").isTrue();
  }

  /** Lets the database's clock pass the lease's end. */
  private void expire() {
    TestDatabase.execute(
        database,
        "UPDATE leases SET expires_at = clock_timestamp() - interval '1 microsecond'"
            + " WHERE name = '"
            + name
            + "'");
  }

  private LeaseSettings settings(String who, Duration life, Duration interval, Duration answer) {
    return LeaseSettings.apply(
        ConfigFactory.parseString(
            """
            heartbeat-timeout = %d ms
            heartbeat-interval = %d ms
            lease-operation-timeout = %d ms
            """
                .formatted(life.toMillis(), interval.toMillis(), answer.toMillis())),
        name,
        who);
  }
}

package org.parley.persistence.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;
import org.parley.persistence.store.TestStores;

/**
 * The first of three nodes asks for the lease; a real database, and a cluster that the test makes
 * up.
 */
class SplitBrainLeaseIT {
  /** Who waits tries to take the lease, looks who holds it, and does both again. */
  private static final int SECOND_LOOK = 4;

  private static final NodeId ONE = new NodeId("one:1", 1);
  private static final NodeId TWO = new NodeId("two:2", 2);
  private static final NodeId THREE = new NodeId("three:3", 3);

  private final Database database = TestDatabase.fresh();
  private final AtomicInteger statements = new AtomicInteger();
  private final Map<Integer, Runnable> beforeStatement = new ConcurrentHashMap<>();
  private final Coordination coordination =
      Coordination.open(
          CoordinationSettings.of(ConfigFactory.load()), hooked(database.background()));
  private final Seen seen = new Seen();
  private final SplitBrainLease lease = new SplitBrainLease(settings(), coordination, seen);

  /** What the first node sees. */
  private static final class Seen implements SplitBrainLease.Sight {
    volatile List<NodeId> unreached = List.of();
    volatile boolean out;

    @Override
    public NodeId self() {
      return ONE;
    }

    @Override
    public List<NodeId> unreached() {
      return unreached;
    }

    @Override
    public boolean isOut() {
      return out;
    }
  }

  @BeforeEach
  void allAreMembers() {
    for (NodeId node : List.of(ONE, TWO, THREE)) {
      TestDatabase.execute(
          database,
          String.format(
              "INSERT INTO nodes VALUES ('%s', %d, 'member', '1', pg_backend_pid(),"
                  + " clock_timestamp(), clock_timestamp())",
              node.address(), node.uid()));
    }
  }

  @AfterEach
  void close() {
    coordination.close();
    database.close();
  }

  @Test
  void aNodeThatIsLostOfSightAfterTheDecisionIsNotPutOut() {
    anotherHoldsTheLease();
    seen.unreached = List.of(TWO);
    assertThat(lease.checkLease()).as("asked by the resolver when it decides").isFalse();
    CompletionStage<Boolean> answer = lease.acquire();
    seen.unreached = List.of(TWO, THREE);
    TestDatabase.execute(database, "DELETE FROM leases");
    assertThat(TestStores.get(answer)).isTrue();
    assertThat(isMember(ONE)).isTrue();
    assertThat(isMember(TWO)).isFalse();
    assertThat(isMember(THREE)).isTrue();
  }

  @Test
  void aHolderThatGaveTheLeaseBackLeavesTheDecisionToTheTableOfNodes() {
    seen.unreached = List.of(TWO);
    assertThat(acquireWhile("UPDATE leases SET expires_at = '-infinity'")).isTrue();
    assertThat(isMember(TWO)).isFalse();
  }

  @Test
  void aHolderThatPutThisNodeOutAndGaveTheLeaseBackHasWon() {
    seen.unreached = List.of(TWO);
    assertThat(
            acquireWhile(
                "DELETE FROM nodes WHERE uid = 1; UPDATE leases SET expires_at = '-infinity'"))
        .isFalse();
    assertThat(isMember(TWO)).isTrue();
  }

  @Test
  void aHolderThatRenewsTheLeaseHasWon() {
    seen.unreached = List.of(TWO);
    assertThat(acquireWhile("UPDATE leases SET expires_at = expires_at + interval '1 second'"))
        .isFalse();
    assertThat(isMember(TWO)).isTrue();
  }

  @Test
  void aHolderThatWasPutOutItselfLetsTheLeaseExpire() {
    List<Optional<Throwable>> lost = new CopyOnWriteArrayList<>();
    assertThat(TestStores.get(lease.acquire(lost::add))).isTrue();
    seen.out = true;
    await("no more renewals").atMost(Duration.ofSeconds(20)).until(() -> lost.size() == 1);
    String running = "SELECT count(*) FROM leases WHERE expires_at > clock_timestamp()";
    assertThat(TestDatabase.count(database, running)).as("not given back early").isEqualTo(1);
  }

  /**
   * Asks for a lease that another one holds, who does this in the middle of the second look at it.
   */
  private boolean acquireWhile(String sql) {
    anotherHoldsTheLease();
    beforeStatement.put(SECOND_LOOK, () -> TestDatabase.execute(database, sql));
    return TestStores.get(lease.acquire());
  }

  private void anotherHoldsTheLease() {
    TestDatabase.execute(
        database,
        "INSERT INTO leases VALUES ('sbr', 'two', 7, clock_timestamp() + interval '1 hour')");
  }

  private boolean isMember(NodeId node) {
    return TestDatabase.count(
            database, "SELECT count(*) FROM nodes WHERE address = '" + node.address() + "'")
        == 1;
  }

  private DataSource hooked(DataSource source) {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              int number = statements.incrementAndGet();
              beforeStatement.getOrDefault(number, () -> {}).run();
              return source.getConnection();
            });
  }

  private static LeaseSettings settings() {
    return LeaseSettings.apply(
        ConfigFactory.parseString(
            """
            heartbeat-timeout = 60 s
            heartbeat-interval = 100 ms
            lease-operation-timeout = 20 s
            """),
        "sbr",
        "one");
  }
}

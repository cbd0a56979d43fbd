package org.parley.persistence.lease;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletionStage;
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
  private static final NodeId ONE = new NodeId("one:1", 1);
  private static final NodeId TWO = new NodeId("two:2", 2);
  private static final NodeId THREE = new NodeId("three:3", 3);

  private final Database database = TestDatabase.fresh();
  private final AtomicInteger statements = new AtomicInteger();
  private final Coordination coordination =
      Coordination.open(
          CoordinationSettings.of(ConfigFactory.load()), counted(database.background()));
  private final Seen seen = new Seen();
  private final SplitBrainLease lease = new SplitBrainLease(settings(), coordination, seen);

  /** What the first node sees. */
  private static final class Seen implements SplitBrainLease.Sight {
    volatile List<NodeId> unreached = List.of();

    @Override
    public NodeId self() {
      return ONE;
    }

    @Override
    public List<NodeId> unreached() {
      return unreached;
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

  private DataSource counted(DataSource source) {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              statements.incrementAndGet();
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

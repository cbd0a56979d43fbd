package org.parley.persistence.readside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.parley.persistence.store.TestStores.number;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.spi.Change;
import org.parley.core.spi.JournalRecord;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;
import org.parley.persistence.journal.JournalSlices;

class ReadSideIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private final Database database = TestDatabase.fresh();
  private TestNode node = TestNode.start(Map.of("parley.read-side.min-backoff", "100 ms"));
  private final Map<String, List<String>> seen = new ConcurrentHashMap<>();

  @AfterEach
  void stop() {
    node.close();
    database.close();
  }

  private final AtomicInteger looks = new AtomicInteger();

  private void startReadSide() {
    ReadSide.start(node.system(), counted(database.background()), this::note);
  }

  /** Counts how often a connection is asked for. */
  private DataSource counted(DataSource source) {
    return (DataSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getConnection")) looks.incrementAndGet();
              return method.invoke(source, arguments);
            });
  }

  private void awaitLooks(int more) {
    int enough = looks.get() + more;
    await("the read side looks into the journal")
        .atMost(PATIENCE)
        .until(() -> looks.get() >= enough);
  }

  /** Counts each event once, and notes it down. */
  private List<Change> note(String persistenceId, JournalRecord event) {
    String text = ((TestJournal.Noted) event).text();
    seen.computeIfAbsent(persistenceId, id -> new CopyOnWriteArrayList<>()).add(text);
    return List.of(new Change.Counted("cmp_a", "recipient", "delivered", 1));
  }

  private long counted() {
    return number(database.requests(), "SELECT coalesce(sum(count), 0) FROM campaign_counters");
  }

  private void awaitCounted(long expected) {
    await("the read side counts " + expected)
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(counted()).isEqualTo(expected));
  }

  private interface Work {
    void run(Connection connection) throws SQLException;
  }

  private void inTransaction(Work work) throws SQLException {
    try (Connection connection = database.requests().getConnection()) {
      connection.setAutoCommit(false);
      work.run(connection);
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  @Test
  void eventsOfTransactionsThatOverlapAreNeitherLostNorDoubledAndKeepTheirOrder() throws Exception {
    startReadSide();
    try (Connection slow = database.requests().getConnection()) {
      slow.setAutoCommit(false);
      TestJournal.write(slow, "conversation|slow", 1, "first");
      for (int i = 1; i <= 20; i++) {
        int round = i;
        inTransaction(
            c -> {
              for (int entity = 0; entity < 50; entity++) {
                TestJournal.write(c, "conversation|c" + entity, round, "r" + round);
              }
            });
        if (i == 10) TestJournal.write(slow, "conversation|slow", 2, "second");
      }
      // Each of the four projections has looked at least once while the transaction is open.
      awaitLooks(16);
      assertThat(counted()).isZero();
      slow.commit();
      slow.setAutoCommit(true);
    }
    awaitCounted(20 * 50 + 2);
    Map<String, List<String>> order = new HashMap<>(seen);
    assertThat(order.remove("conversation|slow")).containsExactly("first", "second");
    assertThat(order).hasSize(50);
    List<String> rounds = IntStream.rangeClosed(1, 20).mapToObj(i -> "r" + i).toList();
    assertThat(order.values()).allMatch(rounds::equals);
  }

  /** Messages with large templates must not fill a node's memory, a thousand at a time. */
  @Test
  void aPageOfLargeEventsIsShortAndNothingIsLeftOut() throws Exception {
    String large = "x".repeat(1 << 20);
    inTransaction(c -> TestJournal.fill(c, "recipient|default|default|large", 0, 20, large));
    JournalSource source =
        new JournalSource(
            new SliceRange(0, 0, JournalSlices.COUNT - 1),
            database.background(),
            SerializationExtension.get(node.system()),
            Runnable::run,
            ReadSideSettings.of(node.system().settings().config()),
            new ProjectionLag());
    List<Integer> sizes = new ArrayList<>();
    JournalSource.Page page = source.read(Position.START);
    for (; page.full(); page = source.read(page.last())) sizes.add(page.entries().size());
    sizes.add(page.entries().size());
    assertThat(sizes).containsExactly(8, 8, 4);
  }

  @Test
  void aNodeThatStartsAgainGoesOnBehindTheStoredOffset() throws Exception {
    startReadSide();
    inTransaction(c -> TestJournal.fill(c, "conversation|a", 0, 3_000, "t"));
    awaitCounted(3_000);
    node.close();
    inTransaction(c -> TestJournal.fill(c, "conversation|b", 0, 1_000, "t"));
    seen.clear();
    node = TestNode.start(Map.of());
    startReadSide();
    awaitCounted(4_000);
    assertThat(seen)
        .hasSize(1_000)
        .allSatisfy((id, texts) -> assertThat(id).startsWith("conversation|b"));
  }

  @Test
  void anEventThatCannotBeReadIsTriedUntilItCanAndTheOtherRangesGoOn() throws Exception {
    startReadSide();
    inTransaction(
        c -> {
          TestJournal.write(c, "conversation|bad", 1, "x", "unheard-of");
          TestJournal.fill(c, "conversation|a", 0, 1_000, "t");
        });
    int part = rangeOf("conversation|bad");
    long others =
        IntStream.range(0, 1_000).filter(i -> rangeOf("conversation|a" + i) != part).count();
    awaitCounted(others);
    inTransaction(
        c -> {
          try (var statement = c.createStatement()) {
            statement.execute(
                "UPDATE event_journal SET event_ser_manifest = 'noted'"
                    + " WHERE persistence_id = 'conversation|bad'");
          }
        });
    awaitCounted(1_001);
  }

  private static int rangeOf(String persistenceId) {
    return JournalSlices.of(persistenceId) / 256;
  }

  @Test
  void aFoldThatFailsForATimeLosesNothingAndDoublesNothing() throws Exception {
    AtomicInteger failures = new AtomicInteger(3);
    ReadSide.start(
        node.system(),
        database.background(),
        (id, event) -> {
          if (id.equals("conversation|a77") && failures.getAndDecrement() > 0) {
            throw new IllegalStateException("not yet");
          }
          return note(id, event);
        });
    inTransaction(c -> TestJournal.fill(c, "conversation|a", 0, 2_000, "t"));
    awaitCounted(2_000);
    assertThat(failures.get()).isLessThan(0);
  }

  /** As when a node that stood still goes on, and another has taken its work over meanwhile. */
  @Test
  void nodesThatFoldTheSameSlicesCountEverythingOnce() throws Exception {
    startReadSide();
    try (TestNode other = TestNode.start(Map.of("parley.read-side.min-backoff", "100 ms"))) {
      ReadSide.start(other.system(), database.background(), this::note);
      for (int i = 0; i < 20; i++) {
        int round = i;
        inTransaction(c -> TestJournal.fill(c, "conversation|r" + round + "-", 0, 100, "t"));
        awaitLooks(4);
      }
      awaitCounted(2_000);
    }
    inTransaction(c -> TestJournal.fill(c, "conversation|end", 0, 100, "t"));
    awaitCounted(2_100);
  }

  @Test
  void theMonthsToComeAreThereAndAnotherNumberOfProjectionsIsRefused() {
    startReadSide();
    assertThat(
            number(
                database.requests(),
                "SELECT count(*) FROM pg_inherits WHERE inhparent = 'communications'::regclass"))
        .isEqualTo(5);
    node.close();
    node = TestNode.start(Map.of("parley.read-side.projections", 8));
    assertThatThrownBy(this::startReadSide)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("allowed is 4");
  }
}

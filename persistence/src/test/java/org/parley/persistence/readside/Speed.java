package org.parley.persistence.readside;

import static org.awaitility.Awaitility.await;
import static org.parley.persistence.store.TestStores.get;
import static org.parley.persistence.store.TestStores.number;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Change;
import org.parley.core.spi.JournalRecord;
import org.parley.core.spi.Member;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;
import org.parley.persistence.store.PostgresStores;
import org.parley.persistence.store.TestStores;

/**
 * Measures, against an embedded PostgreSQL with fsync: rows imported a second, members read a
 * second, and events projected a second. Arguments: rows, events. Not a test.
 */
final class Speed {
  private Speed() {}

  public static void main(String[] args) throws Exception {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int events = args.length > 1 ? Integer.parseInt(args[1]) : 400_000;
    Database database = TestDatabase.shared();
    try (PostgresStores stores = TestStores.on(database.requests(), Map.of())) {
      for (int round = 1; round <= 3; round++) {
        report("import, rows", rows, () -> importRows(stores.audiences(), rows));
      }
      report("members, rows", rows, () -> readMembers(stores.audiences()));
    }
    project(database, events);
    System.exit(0);
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void report(String what, int count, Work work) throws Exception {
    long started = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - started) / 1e9;
    System.out.printf("%s: %,d in %.2f s = %,.0f/s%n", what, count, seconds, count / seconds);
  }

  private static void importRows(AudienceStore audiences, int rows) {
    get(audiences.create("default", "aud_speed", "Speed"));
    Instant now = Instant.now();
    try (AudienceWriter writer = audiences.openWriter("default", "aud_speed")) {
      for (int i = 0; i < rows; i++) {
        Map<String, String> attributes =
            Map.of(
                "firstName", "Alexandra",
                "lastName", "Mustermann-" + i,
                "plan", "gold",
                "city", "Göteborg");
        writer.add(
            new Member(
                i + 2L,
                "customer-" + i,
                new Profile(
                    Optional.of("customer-" + i + "@example.org"),
                    Optional.of("+4366412345678"),
                    Optional.of("Europe/Vienna"),
                    Optional.of("de-AT"),
                    attributes,
                    now)));
      }
      writer.commit(List.of("firstName", "lastName", "plan", "city"));
    }
  }

  private static void readMembers(AudienceStore audiences) {
    for (int slice = 0; slice < AudienceStore.SLICES; slice++) {
      long after = 0;
      while (true) {
        List<Member> page = get(audiences.members("aud_speed", slice, after, 1_000));
        if (page.isEmpty()) break;
        after = page.get(page.size() - 1).position();
      }
    }
  }

  private static void project(Database database, int events) throws Exception {
    try (Connection c = database.background().getConnection()) {
      c.setAutoCommit(false);
      for (int i = 0; i < events; i += 10_000) {
        TestJournal.fill(c, "conversation|main.default.customer-", i, i + 10_000, "customer-");
        c.commit();
      }
      c.setAutoCommit(true);
    }
    try (TestNode node = TestNode.start(Map.of())) {
      report(
          "projection, events",
          events,
          () -> {
            ReadSide.start(node.system(), database.background(), (id, event) -> settled(event));
            awaitDelivered(database, events);
          });
    }
  }

  private static void awaitDelivered(Database database, int events) {
    await("all events are counted")
        .atMost(Duration.ofMinutes(10))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                number(
                        database.requests(),
                        "SELECT coalesce(sum(count), 0) FROM campaign_counters"
                            + " WHERE name = 'delivered'")
                    >= events);
  }

  private static List<Change> settled(JournalRecord event) {
    String customer = ((TestJournal.Noted) event).text();
    StepKey key = new StepKey("cmp_speed", "hello");
    Instant now = Instant.now();
    Communication communication =
        new Communication(
            customer,
            key,
            Channel.EMAIL,
            Communication.State.DELIVERED,
            Optional.empty(),
            1,
            Optional.of(AttemptId.of(CustomerKey.of(customer), key, 1)),
            Optional.of("main"),
            Optional.empty(),
            Optional.of(now.minusMillis(200)),
            now);
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.CommunicationChanged("default", communication));
    changes.add(new Change.Counted("cmp_speed", "recipient", "delivered", 1));
    changes.add(new Change.Counted("cmp_speed", "recipient", "finished", 1));
    changes.add(new Change.Counted("cmp_speed", "step", "hello/delivered", 1));
    return changes;
  }
}

package org.parley.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.parley.persistence.store.TestStores.get;
import static org.parley.persistence.store.TestStores.number;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.core.spi.DueWorkStore;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

class DueWorkIT {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final int BATCH = 50;
  private static final int MANY = 3_000;
  private static final int PLANNED_FOR_GOOD = 100;
  private static Database database;
  private static PostgresStores stores;
  private static DueWorkStore dueWork;

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    stores = TestStores.on(database.requests(), Map.of());
    dueWork = stores.dueWork();
  }

  @AfterAll
  static void stop() {
    stores.close();
    database.close();
  }

  @BeforeEach
  void empty() {
    TestDatabase.execute(database, "TRUNCATE due_work, due_at_once, campaigns");
  }

  /** Rows e<from> to e<to>, due one second after the other up to NOW. */
  private static void put(int from, int to, String campaignId) {
    TestDatabase.execute(
        database,
        String.format(
            "INSERT INTO due_work SELECT 'conversation', 'e' || i, 'step', '%s', t, t, now()"
                + " FROM (SELECT i, timestamptz '%s' - i * interval '1 second' AS t"
                + " FROM generate_series(%d, %d) AS i) AS s",
            campaignId, NOW, from, to));
  }

  @Test
  void whatIsDueIsLeasedOldestFirstAndComesAgainWhenTheLeaseEnds() {
    put(0, 9, "cmp_a");
    put(-5, -1, "");
    List<DueWorkStore.Item> first = get(dueWork.lease(NOW, LEASE, 4, Set.of()));
    assertThat(first).extracting(i -> i.key().entityId()).containsExactly("e9", "e8", "e7", "e6");
    assertThat(get(dueWork.lease(NOW, LEASE, 100, Set.of()))).hasSize(6);
    assertThat(get(dueWork.lease(NOW, LEASE, 100, Set.of()))).isEmpty();
    get(dueWork.finish(first));
    Instant later = NOW.plus(LEASE);
    List<DueWorkStore.Item> again = get(dueWork.lease(later, LEASE, 100, Set.of()));
    assertThat(again).hasSize(11).extracting(i -> i.key().entityId()).doesNotContain("e9", "e6");
    assertThat(again)
        .contains(
            new DueWorkStore.Item(
                new DueWorkStore.Key("conversation", "e-5", "step"),
                NOW.plusSeconds(5),
                later.plus(LEASE),
                Optional.empty()));
  }

  @Test
  void noCampaignWaitsBehindTheOlderWorkOfAnother() {
    put(100, 999, "cmp_a");
    put(10, 12, "cmp_b");
    put(20, 20, "");
    List<DueWorkStore.Item> leased = get(dueWork.lease(NOW, LEASE, 8, Set.of()));
    assertThat(leased)
        .extracting(i -> i.key().entityId())
        .containsExactly("e999", "e998", "e997", "e20", "e12", "e11", "e10");
    assertThat(get(dueWork.lease(NOW, LEASE, 2, Set.of())))
        .extracting(i -> i.key().entityId())
        .containsExactly("e996", "e995");
  }

  @Test
  void whatIsNotWantedNowStaysForLater() {
    put(1, 3, "cmp_a");
    put(10, 12, "cmp_b");
    put(20, 20, "");
    assertThat(get(dueWork.lease(NOW, LEASE, 8, Set.of("cmp_a", "cmp_c"))))
        .extracting(i -> i.key().entityId())
        .containsExactly("e20", "e12", "e11", "e10");
    assertThat(get(dueWork.lease(NOW, LEASE, 8, Set.of()))).hasSize(3);
  }

  /** What was planned while nothing was due is used when much is, until the statistics are made. */
  @Test
  void aBatchReadsItsOwnRowsAloneHoweverManyMoreAreDueThanWhenItWasPlanned() {
    // Its own database: in this one, connections still have to tell what they did in other tests.
    stop();
    start();
    TestDatabase.execute(database, "ALTER TABLE due_work SET (autovacuum_enabled = off)");
    TestDatabase.execute(database, "VACUUM ANALYZE due_work");
    DueWorkStore.Key nobody = new DueWorkStore.Key("conversation", "nobody", "step");
    for (int i = 0; i < PLANNED_FOR_GOOD; i++) {
      get(dueWork.finish(List.of(new DueWorkStore.Item(nobody, NOW, NOW, Optional.empty()))));
      assertThat(get(dueWork.lease(NOW, LEASE, BATCH, Set.of()))).isEmpty();
    }
    put(1, MANY, "cmp_a");
    long deletedBefore = deleted();
    long readBefore = rowsRead();

    List<DueWorkStore.Item> leased = get(dueWork.lease(NOW, LEASE, BATCH, Set.of()));
    assertThat(leased).hasSize(BATCH);
    get(dueWork.finish(leased));

    // A connection tells what it has counted when it is used again, a second later.
    await("the database's own counts")
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              get(
                  dueWork.finish(
                      List.of(new DueWorkStore.Item(nobody, NOW, NOW, Optional.empty()))));
              return deleted() - deletedBefore >= BATCH;
            });
    assertThat(rowsRead() - readBefore).isLessThan(MANY * BATCH / 10);
  }

  private static long deleted() {
    return number(
        database.requests(),
        "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'due_work'");
  }

  private static long rowsRead() {
    return number(
        database.requests(),
        "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'due_work'");
  }

  @Test
  void aRowThatWasPutToAnotherTimeSurvivesTheEndOfTheEarlierWork() {
    put(1, 2, "cmp_a");
    List<DueWorkStore.Item> leased = get(dueWork.lease(NOW, LEASE, 10, Set.of()));
    TestDatabase.execute(
        database,
        "UPDATE due_work SET due = due + interval '1 day', visible_at = due + interval '1 day'"
            + " WHERE entity_id = 'e1'");
    get(dueWork.finish(leased));
    List<DueWorkStore.Item> left = get(dueWork.lease(NOW.plusSeconds(90_000), LEASE, 10, Set.of()));
    assertThat(left).extracting(i -> i.key().entityId()).containsExactly("e1");
  }

  @Test
  void aRowThatWasPutToTheSameTimeSurvivesTheEndOfTheEarlierWork() {
    put(1, 2, "cmp_a");
    List<DueWorkStore.Item> leased = get(dueWork.lease(NOW, LEASE, 10, Set.of()));
    TestDatabase.execute(database, "UPDATE due_work SET visible_at = due WHERE entity_id = 'e1'");
    get(dueWork.finish(leased));
    assertThat(get(dueWork.lease(NOW, LEASE, 10, Set.of())))
        .extracting(i -> i.key().entityId())
        .containsExactly("e1");
  }

  @Test
  void rowsOfAPausedCampaignStayUntilItGoesOn() {
    put(1, 3, "cmp_paused");
    put(4, 5, "cmp_running");
    String campaign =
        "INSERT INTO campaigns (id, tenant, version, status, definition, audience_id, created_at)"
            + " VALUES ('%s', 'default', 1, '%s', '{}', 'aud', now())";
    TestDatabase.execute(database, String.format(campaign, "cmp_paused", "paused"));
    TestDatabase.execute(database, String.format(campaign, "cmp_running", "running"));
    assertThat(get(dueWork.lease(NOW, LEASE, 10, Set.of())))
        .extracting(i -> i.key().entityId())
        .containsExactly("e5", "e4");
    TestDatabase.execute(database, "UPDATE campaigns SET status = 'running'");
    assertThat(get(dueWork.lease(NOW, LEASE, 10, Set.of()))).hasSize(3);
  }

  @Test
  void ofACampaignWithARateOnlyAsMuchIsTakenAsGoesInAMoment() {
    put(1, 100, "cmp_paced");
    put(101, 200, "cmp_quick");
    TestDatabase.execute(
        database,
        "INSERT INTO campaigns (id, tenant, version, status, definition, audience_id, created_at,"
            + " rate_per_second) VALUES ('cmp_paced', 'default', 1, 'running', '{}', 'aud', now(),"
            + " 50)");
    List<DueWorkStore.Item> leased = get(dueWork.lease(NOW, LEASE, 100, Set.of()));
    assertThat(leased).hasSize(55);
    assertThat(leased).filteredOn(item -> item.ratePerSecond().isPresent()).hasSize(5);
    TestDatabase.execute(database, "UPDATE campaigns SET status = 'cancelling'");
    assertThat(get(dueWork.lease(NOW, LEASE, 100, Set.of("cmp_quick"))))
        .hasSize(95)
        .allMatch(item -> item.ratePerSecond().isEmpty());
  }

  @Test
  void scannersThatRunAtTheSameTimeNeverGetTheSameRow() {
    put(0, 4_999, "cmp_a");
    List<CompletionStage<List<DueWorkStore.Item>>> leases = new ArrayList<>();
    for (int i = 0; i < 60; i++) leases.add(dueWork.lease(NOW, LEASE, 200, Set.of()));
    List<DueWorkStore.Key> got = new ArrayList<>();
    leases.forEach(lease -> get(lease).forEach(item -> got.add(item.key())));
    for (List<DueWorkStore.Item> more = get(dueWork.lease(NOW, LEASE, 1_000, Set.of()));
        !more.isEmpty();
        more = get(dueWork.lease(NOW, LEASE, 1_000, Set.of()))) {
      more.forEach(item -> got.add(item.key()));
    }
    assertThat(got).hasSize(5_000).doesNotHaveDuplicates();
  }

  /**
   * A projection may put a row in a transaction that began after the request's and ended before.
   */
  @Test
  void workThatWasPutBesideTheRequestIsLeasedNow() {
    TestDatabase.execute(
        database,
        "INSERT INTO due_at_once VALUES ('cmp_a', '"
            + NOW
            + "', now() - interval '1 second', 2, now())");
    put(-1, -1, "cmp_a");
    assertThat(get(dueWork.lease(NOW, LEASE, 10, Set.of()))).hasSize(1);
  }

  @Test
  void workThatIsCalledDueAtOnceIsLeasedNowAndThatOfAnotherCampaignKeepsItsTime() {
    put(-20_000, -1, "cmp_a");
    put(-20_001, -20_001, "cmp_b");
    TestDatabase.execute(
        database, "INSERT INTO due_at_once VALUES ('cmp_a', '" + NOW + "', now(), 2, now())");
    List<DueWorkStore.Item> got = new ArrayList<>();
    for (List<DueWorkStore.Item> more = get(dueWork.lease(NOW, LEASE, 3_000, Set.of()));
        !more.isEmpty();
        more = get(dueWork.lease(NOW, LEASE, 3_000, Set.of()))) {
      got.addAll(more);
      get(dueWork.finish(more));
    }
    assertThat(got).hasSize(20_000).allMatch(item -> item.due().equals(NOW));
    assertThat(number(database.background(), "SELECT count(*) FROM due_work")).isEqualTo(1);
  }
}

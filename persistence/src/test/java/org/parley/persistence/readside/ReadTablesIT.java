package org.parley.persistence.readside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.parley.persistence.store.TestStores.get;
import static org.parley.persistence.store.TestStores.number;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CallResult;
import org.parley.core.api.CallResult.EndedBy;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignPerformance;
import org.parley.core.api.CampaignProgress;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Latency;
import org.parley.core.api.Page;
import org.parley.core.api.RefusedException;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;
import org.parley.core.spi.Reports;
import org.parley.core.spi.RunStore;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;
import org.parley.persistence.store.PostgresStores;
import org.parley.persistence.store.TestStores;

class ReadTablesIT {
  private static final String TENANT = "default";
  private static final Instant OCTOBER = Instant.parse("2026-10-20T08:00:00Z");
  private static final Instant NOVEMBER = Instant.parse("2026-11-20T08:00:00Z");
  private static Database database;
  private static PostgresStores stores;
  private static Reports reports;
  private static ReadTables tables;

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.fresh();
    stores = TestStores.on(database.requests(), Map.of());
    reports = stores.reports();
    tables = new ReadTables(0, ReadSideSettings.of(TestDatabase.settings(Map.of())));
    try (Connection c = database.background().getConnection()) {
      MonthlyPartitions.make(c, java.time.LocalDate.of(2026, 10, 5), 3);
    }
  }

  @AfterAll
  static void stop() {
    stores.close();
    database.close();
  }

  private static void apply(Change... changes) {
    apply(tables, changes);
  }

  private static void apply(ReadTables to, Change... changes) {
    ChangeGroup group = new ChangeGroup();
    for (Change change : changes) group.add(change);
    try (Connection c = database.background().getConnection()) {
      c.setAutoCommit(false);
      to.apply(c, group);
      c.commit();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static CampaignView campaign(
      String id, CampaignStatus status, Instant createdAt, Optional<Long> audienceSize) {
    return campaign(id, status, createdAt, audienceSize, "{{x}}");
  }

  private static CampaignView campaign(
      String id,
      CampaignStatus status,
      Instant createdAt,
      Optional<Long> audienceSize,
      String text) {
    CampaignDefinition definition =
        new CampaignDefinition(
            "Spring \"sale\" " + id,
            "aud_1",
            Category.MARKETING,
            List.of(
                new CampaignDefinition.Step(
                    "hello", Channel.EMAIL, Optional.empty(), Template.text("Hi", text)),
                new CampaignDefinition.Step(
                    "nudge",
                    Channel.EMAIL,
                    Optional.of(
                        new CampaignDefinition.After(
                            "hello", Trigger.NO_REPLY, Duration.ofDays(2), Optional.empty())),
                    Template.text("Hi again", "{{x}}"))),
            new CampaignDefinition.Schedule(
                Optional.of(createdAt),
                Optional.empty(),
                Optional.of(
                    new CampaignDefinition.SendWindow(
                        LocalTime.of(9, 0), LocalTime.of(20, 0), "customer"))),
            new CampaignDefinition.Policy(
                Optional.of(
                    new CampaignDefinition.FrequencyCap(
                        1, Duration.ofDays(1), CampaignDefinition.OnLimit.HOLD)),
                Optional.empty(),
                Optional.of(5_000)));
    return new CampaignView(
        id,
        3,
        status,
        definition,
        audienceSize,
        createdAt,
        Optional.of(createdAt),
        Optional.empty());
  }

  private static Change.CampaignChanged changed(CampaignView campaign) {
    return new Change.CampaignChanged(TENANT, campaign);
  }

  private static Communication touch(
      String customerId, StepKey key, Communication.State state, Instant at) {
    return new Communication(
        customerId,
        key,
        Channel.EMAIL,
        state,
        state == Communication.State.FAILED ? Optional.of("mailboxUnavailable") : Optional.empty(),
        1,
        Optional.of(AttemptId.of(CustomerKey.of(customerId), key, 1)),
        Optional.of("main"),
        Optional.empty(),
        Optional.of(at.minusMillis(40)),
        at);
  }

  /** What somebody's mailbox sends while they are away. */
  private static Communication notice(String customerId, StepKey key, Instant at) {
    return new Communication(
        customerId,
        key,
        Channel.EMAIL,
        Communication.State.RECEIVED,
        Optional.of("outOfOffice"),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        at);
  }

  private static Change.CommunicationChanged told(Communication communication) {
    return new Change.CommunicationChanged(TENANT, communication);
  }

  @Test
  void aCampaignIsListedAsItWasWrittenNewestFirst() {
    List<CampaignView> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      CampaignView view =
          campaign("cmp_l" + i, CampaignStatus.DRAFT, OCTOBER.minusSeconds(i), Optional.empty());
      made.add(view);
      apply(new Change.CampaignChanged("listed", view));
    }
    Page<CampaignView> first =
        get(reports.campaigns("listed", Optional.empty(), Optional.empty(), 3));
    assertThat(first.items()).isEqualTo(made.subList(0, 3));
    Page<CampaignView> second = get(reports.campaigns("listed", Optional.empty(), first.next(), 3));
    assertThat(second.items()).isEqualTo(made.subList(3, 5));
    assertThat(second.next()).isEmpty();
    assertThat(
            get(reports.campaigns(
                    "listed", Optional.of(CampaignStatus.RUNNING), Optional.empty(), 3))
                .items())
        .isEmpty();
    assertThatThrownBy(
            () -> get(reports.campaigns("listed", Optional.empty(), Optional.of("W10"), 3)))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void aPageOfLargeCampaignsEndsEarlyAndTheNextOneGoesOnBehindIt() {
    String large = "x".repeat(4 << 20);
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String id = "cmp_w" + i;
      Instant createdAt = OCTOBER.minusSeconds(i);
      made.add(id);
      apply(
          new Change.CampaignChanged(
              "weighty", campaign(id, CampaignStatus.DRAFT, createdAt, Optional.empty(), large)));
    }
    List<String> found = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<CampaignView> page = get(reports.campaigns("weighty", Optional.empty(), cursor, 1_000));
      assertThat(page.items()).hasSizeBetween(1, 3);
      page.items().forEach(campaign -> found.add(campaign.id()));
      cursor = page.next();
    } while (cursor.isPresent());
    assertThat(found).isEqualTo(made);
  }

  @Test
  void progressAddsUpOverAllProjectionsAndItsVersionGrows() {
    ReadTables other = new ReadTables(1, ReadSideSettings.of(TestDatabase.settings(Map.of())));
    apply(changed(campaign("cmp_p", CampaignStatus.RUNNING, NOVEMBER, Optional.of(10L))));
    long before = get(reports.progress(TENANT, "cmp_p")).orElseThrow().version();
    apply(
        new Change.Counted("cmp_p", "recipient", "delivered", 2),
        new Change.Counted("cmp_p", "recipient", "delivered", 2),
        new Change.Counted("cmp_p", "recipient", "held", 1),
        new Change.Counted("cmp_p", "recipient", "held", -1),
        new Change.Counted("cmp_p", "recipient", "finished", 5),
        new Change.Counted("cmp_p", "step", "hello/delivered", 4));
    apply(
        other,
        new Change.Counted("cmp_p", "recipient", "failed", 1),
        new Change.Counted("cmp_p", "recipient", "delivered", 1),
        new Change.Counted("cmp_p", "reason", "mailboxUnavailable", 1),
        new Change.Counted("cmp_p", "step", "hello/failed", 1),
        new Change.Counted("cmp_p", "recipient", "unknown", 1));
    CampaignProgress progress = get(reports.progress(TENANT, "cmp_p")).orElseThrow();
    assertThat(progress.accepted()).isEqualTo(10);
    assertThat(progress.delivered()).isEqualTo(5);
    assertThat(progress.failed()).isEqualTo(1);
    assertThat(progress.unknown()).isEqualTo(1);
    assertThat(progress.pending()).isEqualTo(3);
    assertThat(progress.held()).isZero();
    assertThat(progress.reasons()).isEqualTo(Map.of("mailboxUnavailable", 1L));
    assertThat(progress.steps()).isEqualTo(Map.of("hello", Map.of("delivered", 4L, "failed", 1L)));
    assertThat(progress.version()).isGreaterThan(before);
    assertThat(get(reports.progress("other", "cmp_p"))).isEmpty();

    assertThat(get(stores.runs().completed())).doesNotContain("cmp_p");
    apply(other, new Change.Counted("cmp_p", "recipient", "finished", 5));
    assertThat(get(stores.runs().completed())).contains("cmp_p");
  }

  @Test
  void aTouchIsOneRowAlsoWhenItChangesInALaterMonth() {
    apply(changed(campaign("cmp_m", CampaignStatus.RUNNING, OCTOBER, Optional.of(3L))));
    StepKey hello = new StepKey("cmp_m", "hello");
    StepKey message = StepKey.message("msg_late");
    apply(
        told(touch("c1", hello, Communication.State.HELD, OCTOBER)),
        told(touch("c2", hello, Communication.State.SENDING, OCTOBER)),
        told(touch("c2", hello, Communication.State.DELIVERED, OCTOBER.plusSeconds(1))),
        told(touch("c1", message, Communication.State.HELD, OCTOBER)));
    apply(
        told(touch("c1", hello, Communication.State.DELIVERED, NOVEMBER)),
        told(touch("c3", hello, Communication.State.FAILED, NOVEMBER)),
        told(touch("c1", message, Communication.State.DELIVERED, NOVEMBER)));
    List<Communication> all =
        get(reports.recipients(TENANT, "cmp_m", Optional.empty(), Optional.empty(), 10)).items();
    assertThat(all)
        .containsExactly(
            touch("c1", hello, Communication.State.DELIVERED, NOVEMBER),
            touch("c2", hello, Communication.State.DELIVERED, OCTOBER.plusSeconds(1)),
            touch("c3", hello, Communication.State.FAILED, NOVEMBER));
    assertThat(get(reports.message(TENANT, "msg_late")))
        .contains(touch("c1", message, Communication.State.DELIVERED, NOVEMBER));
    assertThat(
            number(
                database.background(),
                "SELECT count(*) FROM communications_2026_11 WHERE campaign_id = 'cmp_m'"))
        .isEqualTo(1);
    assertThat(number(database.background(), "SELECT count(*) FROM communications_default"))
        .isZero();
  }

  @Test
  void recipientsAreListedInPagesByState() {
    apply(changed(campaign("cmp_r", CampaignStatus.RUNNING, NOVEMBER, Optional.of(25L))));
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      Communication.State state =
          i % 5 == 0 ? Communication.State.FAILED : Communication.State.DELIVERED;
      changes.add(told(touch("c" + (100 + i), new StepKey("cmp_r", "hello"), state, NOVEMBER)));
    }
    apply(changes.toArray(new Change[0]));
    List<String> found = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<Communication> page =
          get(reports.recipients(TENANT, "cmp_r", Optional.empty(), cursor, 10));
      page.items().forEach(c -> found.add(c.customerId()));
      cursor = page.next();
    } while (cursor.isPresent());
    assertThat(found).hasSize(25).doesNotHaveDuplicates().isSorted();
    assertThat(
            get(reports.recipients(
                    TENANT, "cmp_r", Optional.of(Communication.State.FAILED), Optional.empty(), 10))
                .items())
        .extracting(Communication::customerId)
        .containsExactly("c100", "c105", "c110", "c115", "c120");
    assertThat(
            get(reports.recipients("other", "cmp_r", Optional.empty(), Optional.empty(), 10))
                .items())
        .isEmpty();
  }

  @Test
  void aTimelineIsNewestFirstOverAllCampaigns() {
    for (int i = 0; i < 7; i++) {
      StepKey key = new StepKey("cmp_t" + i, "hello");
      Instant at = OCTOBER.plus(Duration.ofDays(6L * i));
      apply(told(touch("timeline-customer", key, Communication.State.DELIVERED, at)));
    }
    Page<Communication> first =
        get(reports.timeline(TENANT, "timeline-customer", Optional.empty(), 4));
    Page<Communication> second =
        get(reports.timeline(TENANT, "timeline-customer", first.next(), 4));
    assertThat(first.items())
        .extracting(c -> c.key().campaignId())
        .containsExactly("cmp_t6", "cmp_t5", "cmp_t4", "cmp_t3");
    assertThat(second.items())
        .extracting(c -> c.key().campaignId())
        .containsExactly("cmp_t2", "cmp_t1", "cmp_t0");
  }

  @Test
  void whatHappenedOnTheLineIsKept() {
    StepKey key = new StepKey("cmp_call", "ring");
    Communication call =
        new Communication(
            "called",
            key,
            Channel.PHONE,
            Communication.State.DELIVERED,
            Optional.empty(),
            1,
            Optional.of(AttemptId.of(CustomerKey.of("called"), key, 1)),
            Optional.of("sip"),
            Optional.of("call-1"),
            Optional.of(new CallResult(Duration.ofMillis(4_250), "29#", EndedBy.CUSTOMER)),
            Optional.of(NOVEMBER.minusSeconds(9)),
            NOVEMBER);
    apply(told(call));
    assertThat(get(reports.timeline(TENANT, "called", Optional.empty(), 2)).items())
        .containsExactly(call);
  }

  @Test
  void latencyIsFromTheGrantToTheCarriersAcceptance() {
    apply(changed(campaign("cmp_q", CampaignStatus.RUNNING, NOVEMBER, Optional.of(100L))));
    List<Change> changes = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      Communication base =
          touch("c" + i, new StepKey("cmp_q", "hello"), Communication.State.DELIVERED, NOVEMBER);
      changes.add(
          told(
              new Communication(
                  base.customerId(),
                  base.key(),
                  base.channel(),
                  base.state(),
                  base.reason(),
                  1,
                  base.attempt(),
                  base.carrier(),
                  base.carrierRef(),
                  Optional.of(NOVEMBER.minusMillis(i)),
                  NOVEMBER)));
    }
    apply(changes.toArray(new Change[0]));
    assertThat(get(reports.latency(TENANT, "cmp_q"))).isEqualTo(new Latency(100, 50, 95, 99));
    assertThat(get(reports.latency(TENANT, "cmp_none"))).isEqualTo(new Latency(0, 0, 0, 0));
  }

  @Test
  void aRunHasOneCursorForEachSliceWhichNeverGoesBack() {
    apply(
        changed(campaign("cmp_run", CampaignStatus.RUNNING, NOVEMBER, Optional.of(5L))),
        new Change.RunOpened("cmp_run"));
    get(stores.runs().advance("cmp_run", 3, 200, false));
    get(stores.runs().advance("cmp_run", 3, 100, false));
    get(stores.runs().advance("cmp_run", 4, 50, true));
    RunStore.SliceRun run =
        get(stores.runs().open(3)).stream()
            .filter(r -> r.campaignId().equals("cmp_run"))
            .findFirst()
            .orElseThrow();
    assertThat(run)
        .isEqualTo(
            new RunStore.SliceRun(
                "cmp_run", TENANT, "aud_1", 3, 200, CampaignStatus.RUNNING, Optional.of(5_000)));
    assertThat(get(stores.runs().open(4))).noneMatch(r -> r.campaignId().equals("cmp_run"));
    apply(
        changed(campaign("cmp_run", CampaignStatus.COMPLETED, NOVEMBER, Optional.of(5L))),
        new Change.RunOpened("cmp_run"));
    assertThat(get(stores.runs().open(3))).noneMatch(r -> r.campaignId().equals("cmp_run"));
  }

  @Test
  void ofDueWorkTheLastWordCountsAlsoWhenItWasCalledDueBefore() {
    DueWorkStore.Key kept = new DueWorkStore.Key("conversation", "main.default.k", "step");
    DueWorkStore.Key gone = new DueWorkStore.Key("conversation", "main.default.g", "step");
    DueWorkStore.Key late = new DueWorkStore.Key("conversation", "main.default.l", "step");
    DueWorkStore.Key other = new DueWorkStore.Key("conversation", "main.default.o", "step");
    Optional<String> campaign = Optional.of("cmp_due");
    Instant tomorrow = NOVEMBER.plus(Duration.ofDays(1));
    apply(new Change.DuePut(gone, campaign, tomorrow));
    apply(
        new Change.DuePut(kept, campaign, tomorrow),
        new Change.DueDropped(kept),
        new Change.DuePut(kept, campaign, NOVEMBER),
        new Change.DuePut(gone, campaign, NOVEMBER),
        new Change.DueDropped(gone));
    assertThat(get(stores.dueWork().lease(NOVEMBER, Duration.ofSeconds(30), 10, Set.of())))
        .containsExactly(
            new DueWorkStore.Item(kept, NOVEMBER, NOVEMBER.plusSeconds(30), Optional.empty()));
    apply(new Change.DueAtOnce("cmp_due", NOVEMBER.plusSeconds(60)));
    // The next step after what was on the wire at the call, and what nothing has called due.
    apply(new Change.DuePut(late, campaign, tomorrow));
    apply(new Change.DuePut(other, Optional.of("cmp_other"), tomorrow));
    assertThat(
            get(
                stores
                    .dueWork()
                    .lease(NOVEMBER.plusSeconds(60), Duration.ofSeconds(30), 10, Set.of())))
        .extracting(DueWorkStore.Item::key)
        .contains(late)
        .doesNotContain(other, gone);
  }

  @Test
  void performanceIsRefreshedWhenSomethingHasChanged() throws SQLException {
    apply(
        changed(campaign("cmp_f", CampaignStatus.RUNNING, NOVEMBER, Optional.of(3L))),
        new Change.Counted("cmp_f", "step", "hello/delivered", 3),
        told(touch("c1", new StepKey("cmp_f", "hello"), Communication.State.DELIVERED, NOVEMBER)),
        told(
            touch(
                "c1",
                new StepKey("cmp_f", "reply-1"),
                Communication.State.RECEIVED,
                NOVEMBER.plusSeconds(90))),
        told(notice("c2", new StepKey("cmp_f", "reply-2"), NOVEMBER.plusSeconds(1))));
    assertThat(get(reports.performance(TENANT, "cmp_f")))
        .contains(new CampaignPerformance("cmp_f", 0, 0, Optional.empty()));
    try (Connection c = database.background().getConnection()) {
      assertThat(PerformanceView.refresh(c, Duration.ofSeconds(1))).isTrue();
      assertThat(PerformanceView.refresh(c, Duration.ofSeconds(1))).isFalse();
    }
    assertThat(get(reports.performance(TENANT, "cmp_f")))
        .contains(new CampaignPerformance("cmp_f", 3, 1, Optional.of(Duration.ofSeconds(90))));
    assertThat(get(reports.performance(TENANT, "cmp_unknown"))).isEmpty();
  }
}

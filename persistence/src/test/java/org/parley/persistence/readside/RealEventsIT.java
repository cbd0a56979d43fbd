package org.parley.persistence.readside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.parley.persistence.store.TestStores.get;

import com.typesafe.config.Config;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.CampaignPerformance;
import org.parley.core.api.CampaignProgress;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.Communication.State;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.campaign.CampaignEvent.CampaignChanged;
import org.parley.core.conversation.Story;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.DueWorkStore;
import org.parley.core.spi.JournalRecord;
import org.parley.core.spi.Reports;
import org.parley.core.spi.RunStore;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;
import org.parley.persistence.store.PostgresStores;
import org.parley.persistence.store.TestStores;

/** The engine's own events, through the journal plugin, folded by the engine's own fold. */
class RealEventsIT {
  private static final String TENANT = "default";
  private static final String CAMPAIGN = "cmp_real";
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final StepKey HELLO = new StepKey(CAMPAIGN, "hello");
  private static final StepKey NUDGE = new StepKey(CAMPAIGN, "nudge");
  private static final Outcome ACCEPTED = Outcome.accepted("main", Optional.of("ref-1"));
  private static final Optional<MessageRequest> RECEIPT =
      Optional.of(
          new MessageRequest(
              Channel.EMAIL, Category.TRANSACTIONAL, Template.text("Receipt", "Thank you")));

  private static Database database;
  private static TestNode node;
  private static PostgresStores stores;
  private static Reports reports;

  /** Events to be kept, as if an entity had decided them. */
  private record Keep(List<JournalRecord> events, ActorRef<Done> replyTo) {}

  private static final class Keeper extends EventSourcedBehavior<Keep, JournalRecord, Integer> {
    Keeper(String persistenceId) {
      super(PersistenceId.ofUniqueId(persistenceId));
    }

    @Override
    public Integer emptyState() {
      return 0;
    }

    @Override
    public CommandHandler<Keep, JournalRecord, Integer> commandHandler() {
      return (state, keep) ->
          Effect().persist(keep.events()).thenReply(keep.replyTo(), after -> Done.getInstance());
    }

    @Override
    public EventHandler<Integer, JournalRecord> eventHandler() {
      return (state, event) -> state + 1;
    }
  }

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
    Config config = database.journalConfig();
    node = TestNode.start(config);
    stores = TestStores.on(database.requests(), Map.of());
    reports = stores.reports();
    ReadSide.start(node.system(), database.background());
  }

  @AfterAll
  static void stop() {
    node.close();
    stores.close();
    database.close();
  }

  private static void keep(String persistenceId, List<JournalRecord> events) {
    Behavior<Keep> behavior = new Keeper(persistenceId);
    ActorRef<Keep> keeper =
        node.system().systemActorOf(behavior, "keeper-" + System.nanoTime(), Props.empty());
    CompletionStage<Done> kept =
        AskPattern.ask(
            keeper,
            replyTo -> new Keep(events, replyTo),
            Duration.ofSeconds(20),
            node.system().scheduler());
    get(kept);
  }

  private static void keep(Story... stories) {
    for (Story story : stories) keep(story.persistenceId(), story.written());
  }

  private static void campaign(long version, CampaignStatus status) {
    CampaignDefinition definition =
        new CampaignDefinition(
            "Spring",
            "aud_1",
            Category.MARKETING,
            List.of(
                new Step("hello", Channel.EMAIL, Optional.empty(), Template.text("Hi", "Hi")),
                new Step("nudge", Channel.EMAIL, Optional.empty(), Template.text("Hi", "Hi"))),
            Schedule.NOW,
            Policy.NONE);
    keep(
        "campaign|" + TENANT + '.' + CAMPAIGN,
        List.of(
            new CampaignChanged(
                new CampaignView(
                    CAMPAIGN,
                    version,
                    status,
                    definition,
                    status == CampaignStatus.DRAFT ? Optional.empty() : Optional.of(7L),
                    NOW.minusSeconds(60),
                    status == CampaignStatus.DRAFT ? Optional.empty() : Optional.of(NOW),
                    status.isFinal() ? Optional.of(NOW) : Optional.empty()),
                NOW)));
  }

  private static void awaitFinished(long finished) {
    await("progress shows " + finished + " finished")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(get(reports.progress(TENANT, CAMPAIGN)).map(CampaignProgress::finished))
                    .contains(finished));
  }

  private static void assertAddsUp(CampaignProgress p) {
    assertThat(p.delivered() + p.failed() + p.suppressed() + p.unknown() + p.pending())
        .isEqualTo(p.accepted());
  }

  private static DueWorkStore.Key due(String customerId, StepKey key) {
    return new DueWorkStore.Key(
        "conversation", CustomerKey.of(customerId).entityId(), key.toString());
  }

  @Test
  void reportsAreAFoldOfTheJournal() throws Exception {
    campaign(1, CampaignStatus.DRAFT);
    campaign(2, CampaignStatus.RUNNING);
    await("the runs are opened")
        .atMost(Duration.ofSeconds(20))
        .until(() -> get(stores.runs().open(0)).size() == 1);
    for (int slice = 0; slice < AudienceStore.SLICES; slice++) {
      assertThat(get(stores.runs().open(slice)))
          .containsExactly(
              new RunStore.SliceRun(
                  CAMPAIGN, TENANT, "aud_1", slice, 0, CampaignStatus.RUNNING, Optional.empty()));
    }

    Story answered = Story.of("c1").granted(HELLO, Optional.empty(), NOW);
    Instant delivered = NOW.plusMillis(40);
    answered.settled(HELLO, ACCEPTED, Optional.empty(), Optional.of(NUDGE), delivered);
    answered.replied(HELLO, "in-1", delivered.plusSeconds(90));
    answered.skipped(NUDGE, "replied", delivered.plusSeconds(100));
    Story failed = Story.of("c2").granted(HELLO, Optional.empty(), NOW);
    failed.settled(
        HELLO,
        Outcome.rejected("main", "mailboxUnavailable", "550"),
        Optional.empty(),
        Optional.empty(),
        NOW.plusMillis(50));
    Story refused = Story.of("c3").refused(HELLO, "optedOut", NOW);
    Story unknown = Story.of("c4").granted(HELLO, Optional.empty(), NOW);
    unknown.settled(
        HELLO,
        Outcome.unknown("main", "connectionLost", "after the dot"),
        Optional.empty(),
        Optional.empty(),
        NOW.plusMillis(60));
    Instant morning = NOW.plus(Duration.ofHours(10));
    Story held = Story.of("c5").held(HELLO, "quietHours", morning, NOW);
    Story retried = Story.of("c7").granted(HELLO, Optional.empty(), NOW);
    retried.settled(
        HELLO,
        Outcome.notSent("main", "connectFailed", "refused"),
        Optional.of(NOW.plusSeconds(5)),
        Optional.empty(),
        NOW.plusMillis(10));
    retried.granted(HELLO, Optional.empty(), NOW.plusSeconds(5));
    Instant second = NOW.plusSeconds(5).plusMillis(20);
    retried.settled(HELLO, ACCEPTED, Optional.empty(), Optional.of(NUDGE), second);
    Story messages = Story.of("c8").granted(StepKey.message("msg_1"), RECEIPT, NOW);
    messages.settled(
        StepKey.message("msg_1"), ACCEPTED, Optional.empty(), Optional.empty(), delivered);
    messages.granted(StepKey.message("msg_2"), RECEIPT, NOW);
    keep(answered, failed, refused, unknown, held, retried, messages);

    awaitFinished(4);
    await("the last message is seen")
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                get(reports.message(TENANT, "msg_2")).isPresent()
                    && get(reports.progress(TENANT, CAMPAIGN)).orElseThrow().delivered() == 2
                    && get(reports.progress(TENANT, CAMPAIGN)).orElseThrow().held() == 1);
    progressAddsUp();
    recipientsSayWhy();
    timelineAndMessagesAreThere();
    dueWorkIsThere(morning, second.plus(Duration.ofDays(2)));
    performanceCountsTheAnswer();

    assertThat(get(stores.runs().completed())).doesNotContain(CAMPAIGN);
    held.refused(HELLO, "ended", NOW.plusSeconds(10));
    Story last = Story.of("c6").refused(HELLO, "ended", NOW.plusSeconds(10));
    retried.granted(NUDGE, Optional.empty(), NOW.plusSeconds(20));
    retried.settled(
        NUDGE,
        Outcome.rejected("main", "mailboxUnavailable", "550"),
        Optional.empty(),
        Optional.empty(),
        NOW.plusSeconds(21));
    keep(held, last, retried);
    awaitFinished(7);
    CampaignProgress end = get(reports.progress(TENANT, CAMPAIGN)).orElseThrow();
    assertAddsUp(end);
    assertThat(end.pending()).isZero();
    assertThat(end.held()).isZero();
    assertThat(end.delivered()).as("whom one step reached").isEqualTo(2);
    assertThat(end.suppressed()).isEqualTo(3);
    assertThat(end.reasons()).containsEntry("ended", 2L).containsEntry("optedOut", 1L);
    assertThat(get(stores.runs().completed())).contains(CAMPAIGN);
    campaign(3, CampaignStatus.COMPLETED);
    await("the campaign has ended")
        .atMost(Duration.ofSeconds(20))
        .until(() -> get(stores.runs().completed()).isEmpty());
    assertThat(get(stores.runs().open(0))).isEmpty();
  }

  private static void progressAddsUp() {
    CampaignProgress progress = get(reports.progress(TENANT, CAMPAIGN)).orElseThrow();
    assertThat(progress.status()).isEqualTo(CampaignStatus.RUNNING);
    assertThat(progress.accepted()).isEqualTo(7);
    assertThat(progress.failed()).isEqualTo(1);
    assertThat(progress.suppressed()).isEqualTo(1);
    assertThat(progress.unknown()).isEqualTo(1);
    assertThat(progress.pending()).isEqualTo(2);
    assertAddsUp(progress);
    assertThat(progress.reasons())
        .isEqualTo(Map.of("mailboxUnavailable", 1L, "optedOut", 1L, "connectionLost", 1L));
    assertThat(progress.steps().get("hello"))
        .isEqualTo(
            Map.of("delivered", 2L, "failed", 1L, "suppressed", 1L, "unknown", 1L, "held", 1L));
    assertThat(progress.steps().get("nudge")).isEqualTo(Map.of("skipped", 1L));
  }

  private static void recipientsSayWhy() {
    Map<State, String> why =
        Map.of(
            State.FAILED, "c2 mailboxUnavailable",
            State.SUPPRESSED, "c3 optedOut",
            State.UNKNOWN, "c4 connectionLost",
            State.HELD, "c5 quietHours",
            State.SKIPPED, "c1 replied");
    why.forEach(
        (state, expected) ->
            assertThat(
                    get(reports.recipients(
                            TENANT, CAMPAIGN, Optional.of(state), Optional.empty(), 10))
                        .items())
                .extracting(c -> c.customerId() + ' ' + c.reason().orElse("-"))
                .as(state.label())
                .containsExactly(expected));
    List<Communication> delivered =
        get(reports.recipients(
                TENANT, CAMPAIGN, Optional.of(State.DELIVERED), Optional.empty(), 10))
            .items();
    assertThat(delivered).extracting(Communication::customerId).containsExactly("c1", "c7");
    assertThat(delivered).extracting(Communication::attempts).containsExactly(1, 2);
    assertThat(delivered.get(1).carrierRef()).contains("ref-1");
    assertThat(get(reports.latency(TENANT, CAMPAIGN)).count()).isEqualTo(2);
  }

  private static void timelineAndMessagesAreThere() {
    assertThat(get(reports.timeline(TENANT, "c1", Optional.empty(), 10)).items())
        .extracting(c -> c.key().stepId() + ' ' + c.state().label())
        .containsExactly("nudge skipped", "hello/reply/in-1 received", "hello delivered");
    Communication first = get(reports.message(TENANT, "msg_1")).orElseThrow();
    assertThat(first.state()).isEqualTo(State.DELIVERED);
    assertThat(first.customerId()).isEqualTo("c8");
    assertThat(get(reports.message(TENANT, "msg_2")).orElseThrow().state())
        .isEqualTo(State.SENDING);
  }

  /** A row stays until the scanner that woke its conversation takes it away. */
  private static void dueWorkIsThere(Instant morning, Instant nudgeAt) {
    Instant far = NOW.plus(Duration.ofDays(30));
    List<DueWorkStore.Item> rows =
        get(stores.dueWork().lease(far, Duration.ofMillis(1), 100, Set.of()));
    Instant leasedUntil = far.plusMillis(1);
    assertThat(rows)
        .contains(
            new DueWorkStore.Item(due("c5", HELLO), morning, leasedUntil, Optional.empty()),
            new DueWorkStore.Item(due("c7", NUDGE), nudgeAt, leasedUntil, Optional.empty()),
            new DueWorkStore.Item(
                due("c8", StepKey.message("msg_2")),
                NOW.plusSeconds(30),
                leasedUntil,
                Optional.empty()));
    assertThat(rows)
        .extracting(DueWorkStore.Item::key)
        .containsExactlyInAnyOrder(
            due("c1", NUDGE),
            due("c5", HELLO),
            due("c7", HELLO),
            due("c7", NUDGE),
            due("c8", StepKey.message("msg_2")));
  }

  private static void performanceCountsTheAnswer() throws Exception {
    try (Connection connection = database.background().getConnection()) {
      await("the view may be made again")
          .atMost(Duration.ofSeconds(20))
          .until(() -> PerformanceView.refresh(connection, Duration.ofSeconds(1)));
    }
    assertThat(get(reports.performance(TENANT, CAMPAIGN)))
        .contains(new CampaignPerformance(CAMPAIGN, 2, 1, Optional.of(Duration.ofSeconds(90))));
  }
}

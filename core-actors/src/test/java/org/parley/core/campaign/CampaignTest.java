package org.parley.core.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Refusal;
import org.parley.core.api.Template;
import org.parley.core.campaign.CampaignCommand.Cancel;
import org.parley.core.campaign.CampaignCommand.Complete;
import org.parley.core.campaign.CampaignCommand.Create;
import org.parley.core.campaign.CampaignCommand.Edit;
import org.parley.core.campaign.CampaignCommand.Get;
import org.parley.core.campaign.CampaignCommand.Pause;
import org.parley.core.campaign.CampaignCommand.Resume;
import org.parley.core.campaign.CampaignCommand.Start;
import org.parley.core.campaign.CampaignCommand.Wake;

class CampaignTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          PersistenceTestKitPlugin.getInstance()
              .config()
              .withFallback(
                  ConfigFactory.parseString("pekko.persistence.testkit.events.serialize = off"))
              .withFallback(ConfigFactory.load()));
  private static final PersistenceTestKit JOURNAL = PersistenceTestKit.create(KIT.system());
  private static final Instant MORNING = Instant.parse("2026-11-24T10:00:00Z");
  private static final Instant NOON = MORNING.plus(Duration.ofHours(2));

  private final String id = "cmp_" + System.nanoTime();
  private final AtomicReference<Instant> now = new AtomicReference<>(MORNING);
  private final List<CampaignView> news = new CopyOnWriteArrayList<>();
  private final List<String> frozen = new CopyOnWriteArrayList<>();
  private final Queue<CompletableFuture<Optional<Audience>>> answers = new ArrayDeque<>();
  private ActorRef<CampaignCommand> campaign = start();

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private ActorRef<CampaignCommand> start() {
    Campaign.Parts parts =
        new Campaign.Parts(
            audienceId -> {
              frozen.add(audienceId);
              CompletableFuture<Optional<Audience>> answer = answers.poll();
              return answer != null
                  ? answer
                  : CompletableFuture.completedFuture(Optional.of(audience(audienceId, 3)));
            },
            news::add,
            persistenceId ->
                CompletableFuture.completedFuture(
                    (long) JOURNAL.persistedInStorage(persistenceId).size()),
            now::get);
    return KIT.spawn(Campaign.create(id, PersistenceId.of("campaign", "default." + id), parts));
  }

  /** An incarnation that was given up writes after this one has read. */
  private void writtenLate(CampaignStatus status, CampaignView before) {
    CampaignView changed =
        new CampaignView(
            id,
            before.version() + 1,
            status,
            before.definition(),
            before.audienceSize(),
            before.createdAt(),
            before.startedAt(),
            Optional.empty());
    JOURNAL.persistForRecovery(
        "campaign|default." + id, List.of(new CampaignEvent.CampaignChanged(changed, MORNING)));
  }

  @Test
  void whatWasWrittenLateIsNotAnsweredOver() {
    ask(to -> new CampaignCommand.Create(SPRING, to));
    CampaignView running = ask(CampaignCommand.Start::new);
    writtenLate(CampaignStatus.PAUSED, running);
    assertThat(refused(CampaignCommand.Resume::new).kind()).isEqualTo(Refusal.Kind.BUSY);
    crash();
    CampaignView resumed = ask(CampaignCommand.Resume::new);
    assertThat(resumed.status()).isEqualTo(CampaignStatus.RUNNING);
    assertThat(resumed.version()).isEqualTo(running.version() + 2);
  }

  private void crash() {
    KIT.stop(campaign);
    campaign = start();
  }

  private static Audience audience(String audienceId, long size) {
    return new Audience(
        audienceId, "Everyone", Audience.Status.FROZEN, List.of(), size, 0, MORNING);
  }

  private static CampaignDefinition definition(String name, Optional<Instant> startAt) {
    return new CampaignDefinition(
        name,
        "aud_1",
        Category.MARKETING,
        List.of(
            new Step("hello", Channel.EMAIL, Optional.empty(), Template.text("Hello", "Hello"))),
        new Schedule(startAt, Optional.empty(), Optional.empty()),
        Policy.NONE);
  }

  private static final CampaignDefinition SPRING = definition("Spring", Optional.empty());
  private static final CampaignDefinition LATER = definition("Later", Optional.of(NOON));

  private TestProbe<CampaignCommand.CampaignReply> tell(
      Function<ActorRef<CampaignCommand.CampaignReply>, CampaignCommand> command) {
    TestProbe<CampaignCommand.CampaignReply> probe =
        KIT.createTestProbe(CampaignCommand.CampaignReply.class);
    campaign.tell(command.apply(probe.ref()));
    return probe;
  }

  private CampaignView ask(
      Function<ActorRef<CampaignCommand.CampaignReply>, CampaignCommand> command) {
    CampaignCommand.CampaignReply reply = tell(command).receiveMessage();
    assertThat(reply.refusal()).isEmpty();
    return reply.campaign().orElseThrow();
  }

  private Refusal refused(
      Function<ActorRef<CampaignCommand.CampaignReply>, CampaignCommand> command) {
    CampaignCommand.CampaignReply reply = tell(command).receiveMessage();
    assertThat(reply.campaign()).isEmpty();
    return reply.refusal().orElseThrow();
  }

  private CampaignView create(CampaignDefinition definition) {
    return ask(replyTo -> new Create(definition, replyTo));
  }

  private int written() {
    return JOURNAL.persistedInStorage("campaign|default." + id).size();
  }

  /** Brings a new campaign to a status. */
  private CampaignView reach(CampaignStatus status) {
    CampaignView draft = create(status == CampaignStatus.SCHEDULED ? LATER : SPRING);
    return switch (status) {
      case DRAFT -> draft;
      case SCHEDULED, RUNNING -> ask(Start::new);
      case PAUSED -> {
        ask(Start::new);
        yield ask(Pause::new);
      }
      case CANCELLING -> {
        ask(Start::new);
        yield ask(Cancel::new);
      }
      case CANCELLED -> ask(Cancel::new);
      case COMPLETED -> {
        ask(Start::new);
        campaign.tell(new Complete());
        yield ask(Get::new);
      }
    };
  }

  // ---- draft

  @Test
  void theSameCampaignIsCreatedOnce() {
    CampaignView first = create(SPRING);
    assertThat(first.status()).isEqualTo(CampaignStatus.DRAFT);
    assertThat(first.version()).isEqualTo(1);
    assertThat(create(SPRING)).isEqualTo(first);
    ask(Start::new);
    assertThat(create(SPRING).status()).as("as it is now").isEqualTo(CampaignStatus.RUNNING);
  }

  @Test
  void anotherCampaignUnderTheSameIdIsRefused() {
    create(SPRING);
    Refusal refusal = refused(replyTo -> new Create(LATER, replyTo));
    assertThat(refusal.kind()).isEqualTo(Refusal.Kind.CONFLICT);
    assertThat(refusal.code()).isEqualTo("campaignExists");
    assertThat(written()).isEqualTo(1);
  }

  @Test
  void whatWasNeverCreatedIsUnknownToEveryCommand() {
    List<Function<ActorRef<CampaignCommand.CampaignReply>, CampaignCommand>> commands =
        List.of(
            Get::new,
            Start::new,
            Pause::new,
            Resume::new,
            Cancel::new,
            Wake::new,
            replyTo -> new Edit(SPRING, Optional.empty(), replyTo));
    campaign.tell(new Complete());
    for (var command : commands) {
      assertThat(refused(command).kind()).isEqualTo(Refusal.Kind.NOT_FOUND);
    }
    assertThat(written()).isZero();
  }

  @Test
  void anEditOfTheVersionThatWasSeenIsTakenAndAnotherIsStale() {
    create(SPRING);
    CampaignView edited =
        ask(replyTo -> new Edit(definition("Summer", Optional.empty()), Optional.of(1L), replyTo));
    assertThat(edited.version()).isEqualTo(2);
    assertThat(edited.definition().name()).isEqualTo("Summer");
    Refusal stale = refused(replyTo -> new Edit(SPRING, Optional.of(1L), replyTo));
    assertThat(stale.kind()).isEqualTo(Refusal.Kind.STALE);
    assertThat(stale.detail()).contains("version 2, not 1");
    assertThat(ask(Get::new)).isEqualTo(edited);
  }

  @Test
  void anEditThatTakesTheStartAwayMakesAScheduledCampaignADraftAgain() {
    reach(CampaignStatus.SCHEDULED);
    CampaignView edited = ask(replyTo -> new Edit(SPRING, Optional.empty(), replyTo));
    assertThat(edited.status()).isEqualTo(CampaignStatus.DRAFT);
  }

  // ---- start

  @Test
  void aStartFreezesTheAudienceAndTellsTheNews() {
    create(SPRING);
    CampaignView running = ask(Start::new);
    assertThat(running.status()).isEqualTo(CampaignStatus.RUNNING);
    assertThat(running.audienceSize()).contains(3L);
    assertThat(running.startedAt()).contains(MORNING);
    assertThat(frozen).containsExactly("aud_1");
    assertThat(news.get(news.size() - 1)).isEqualTo(running);
  }

  @Test
  void startsThatComeTogetherFreezeOnceAndAreAllAnswered() {
    create(SPRING);
    CompletableFuture<Optional<Audience>> slow = new CompletableFuture<>();
    answers.add(slow);
    List<TestProbe<CampaignCommand.CampaignReply>> askers = new ArrayList<>();
    for (int i = 0; i < 16; i++) askers.add(tell(Start::new));
    assertThat(refused(Start::new).kind()).as("one too many").isEqualTo(Refusal.Kind.BUSY);
    slow.complete(Optional.of(audience("aud_1", 7)));
    for (TestProbe<CampaignCommand.CampaignReply> asker : askers) {
      assertThat(asker.receiveMessage().campaign().orElseThrow().audienceSize()).contains(7L);
    }
    assertThat(frozen).hasSize(1);
    assertThat(written()).isEqualTo(2);
  }

  @Test
  void anAudienceWithoutMembersStartsNothing() {
    create(SPRING);
    answers.add(CompletableFuture.completedFuture(Optional.empty()));
    assertThat(refused(Start::new).code()).isEqualTo("emptyAudience");
    assertThat(ask(Get::new).status()).isEqualTo(CampaignStatus.DRAFT);
    assertThat(ask(Start::new).status()).as("later").isEqualTo(CampaignStatus.RUNNING);
  }

  @Test
  void anAudienceStoreThatFailsIsAReasonToAskAgain() {
    create(SPRING);
    answers.add(CompletableFuture.failedFuture(new IllegalStateException("away")));
    assertThat(refused(Start::new).kind()).isEqualTo(Refusal.Kind.BUSY);
    assertThat(ask(Start::new).status()).isEqualTo(CampaignStatus.RUNNING);
  }

  @Test
  void anEditDuringTheStartIsStartedWithItsOwnAudience() {
    create(SPRING);
    CompletableFuture<Optional<Audience>> slow = new CompletableFuture<>();
    answers.add(slow);
    TestProbe<CampaignCommand.CampaignReply> asker = tell(Start::new);
    CampaignDefinition other =
        new CampaignDefinition(
            "Spring", "aud_2", SPRING.category(), SPRING.steps(), SPRING.schedule(), Policy.NONE);
    ask(replyTo -> new Edit(other, Optional.empty(), replyTo));
    slow.complete(Optional.of(audience("aud_1", 7)));
    CampaignView running = asker.receiveMessage().campaign().orElseThrow();
    assertThat(running.definition().audience()).isEqualTo("aud_2");
    assertThat(running.audienceSize()).as("members of aud_2").contains(3L);
    assertThat(frozen).containsExactly("aud_1", "aud_2");
  }

  @Test
  void aScheduledStartWaitsForItsTimeAndBeginsWhenItIsWoken() {
    create(LATER);
    CampaignView scheduled = ask(Start::new);
    assertThat(scheduled.status()).isEqualTo(CampaignStatus.SCHEDULED);
    assertThat(scheduled.audienceSize()).contains(3L);
    assertThat(scheduled.startedAt()).isEmpty();
    assertThat(ask(Wake::new)).as("woken too early").isEqualTo(scheduled);
    now.set(NOON);
    CampaignView running = ask(Wake::new);
    assertThat(running.status()).isEqualTo(CampaignStatus.RUNNING);
    assertThat(running.startedAt()).contains(NOON);
    assertThat(ask(Wake::new)).as("woken again").isEqualTo(running);
  }

  @Test
  void aCampaignThatIsWokenAMomentTooEarlyStartsAtItsTime() {
    create(LATER);
    ask(Start::new);
    now.set(NOON.minusMillis(50));
    assertThat(ask(Wake::new).status()).isEqualTo(CampaignStatus.SCHEDULED);
    now.set(NOON);
    Awaitility.await("it runs")
        .until(() -> ask(CampaignCommand.Get::new).status() == CampaignStatus.RUNNING);
  }

  @Test
  void wakingADraftStartsNothing() {
    create(SPRING);
    assertThat(ask(Wake::new).status()).isEqualTo(CampaignStatus.DRAFT);
    assertThat(frozen).isEmpty();
  }

  // ---- the rest of its life

  @Test
  void aRunningCampaignRestsAndGoesOn() {
    CampaignView running = reach(CampaignStatus.RUNNING);
    CampaignView paused = ask(Pause::new);
    assertThat(paused.status()).isEqualTo(CampaignStatus.PAUSED);
    assertThat(ask(Pause::new)).as("paused twice").isEqualTo(paused);
    CampaignView resumed = ask(Resume::new);
    assertThat(resumed.status()).isEqualTo(CampaignStatus.RUNNING);
    assertThat(resumed.startedAt()).isEqualTo(running.startedAt());
    assertThat(ask(Resume::new)).as("resumed twice").isEqualTo(resumed);
    assertThat(written()).isEqualTo(4);
  }

  @Test
  void whatHasBegunIsCancelledOnceAllThatIsUnderWayHasEnded() {
    reach(CampaignStatus.RUNNING);
    now.set(NOON);
    CampaignView cancelling = ask(Cancel::new);
    assertThat(cancelling.status()).isEqualTo(CampaignStatus.CANCELLING);
    assertThat(cancelling.finishedAt()).isEmpty();
    assertThat(ask(Cancel::new)).isEqualTo(cancelling);
    campaign.tell(new Complete());
    CampaignView cancelled = ask(Get::new);
    assertThat(cancelled.status()).isEqualTo(CampaignStatus.CANCELLED);
    assertThat(cancelled.finishedAt()).contains(NOON);
  }

  @ParameterizedTest
  @EnumSource(names = {"DRAFT", "SCHEDULED"})
  void whatHasNotBegunIsCancelledAtOnce(CampaignStatus status) {
    reach(status);
    CampaignView cancelled = ask(Cancel::new);
    assertThat(cancelled.status()).isEqualTo(CampaignStatus.CANCELLED);
    assertThat(cancelled.finishedAt()).isPresent();
    assertThat(ask(Get::new).audienceSize()).as("nobody is left pending").isEmpty();
  }

  @Test
  void aCampaignCompletesOnce() {
    CampaignView completed = reach(CampaignStatus.COMPLETED);
    assertThat(completed.status()).isEqualTo(CampaignStatus.COMPLETED);
    assertThat(completed.finishedAt()).isPresent();
    campaign.tell(new Complete());
    assertThat(ask(Get::new)).isEqualTo(completed);
    assertThat(ask(Start::new)).as("started again").isEqualTo(completed);
  }

  /** A receipt that comes later may plan a fallback, which is not to be sent then. */
  @Test
  void whatHasCompletedCanStillBeCancelled() {
    reach(CampaignStatus.COMPLETED);
    assertThat(ask(Cancel::new).status()).isEqualTo(CampaignStatus.CANCELLING);
    campaign.tell(new Complete());
    assertThat(ask(Get::new).status()).isEqualTo(CampaignStatus.CANCELLED);
  }

  @ParameterizedTest
  @EnumSource(CampaignStatus.class)
  void everyStatusAnswersEveryCommandAndRefusesWhatMakesNoSense(CampaignStatus status) {
    CampaignView reached = reach(status);
    assertThat(reached.status()).isEqualTo(status);
    switch (status) {
      case DRAFT, SCHEDULED -> {
        assertRefused(Pause::new, "cannot be paused");
        assertRefused(Resume::new, "cannot be resumed");
      }
      case RUNNING, PAUSED -> assertRefused(CampaignTest::edit, "cannot be edited");
      case CANCELLING -> {
        assertRefused(Start::new, "cannot be started");
        assertRefused(Pause::new, "cannot be paused");
        assertRefused(Resume::new, "cannot be resumed");
        assertRefused(CampaignTest::edit, "cannot be edited");
      }
      case CANCELLED -> {
        assertRefused(Start::new, "a campaign that is cancelled cannot be started");
        assertRefused(Pause::new, "cannot be paused");
        assertRefused(Resume::new, "cannot be resumed");
        assertRefused(CampaignTest::edit, "cannot be edited");
        assertThat(ask(Cancel::new)).isEqualTo(reached);
      }
      case COMPLETED -> {
        assertRefused(Pause::new, "cannot be paused");
        assertRefused(Resume::new, "cannot be resumed");
        assertRefused(CampaignTest::edit, "cannot be edited");
      }
    }
    assertThat(ask(Get::new)).as("nothing has changed").isEqualTo(reached);
    assertThat(ask(Wake::new)).as("nothing was due").isEqualTo(reached);
  }

  private static CampaignCommand edit(ActorRef<CampaignCommand.CampaignReply> replyTo) {
    return new Edit(LATER, Optional.empty(), replyTo);
  }

  private void assertRefused(
      Function<ActorRef<CampaignCommand.CampaignReply>, CampaignCommand> command, String detail) {
    Refusal refusal = refused(command);
    assertThat(refusal.code()).isEqualTo("wrongStatus");
    assertThat(refusal.detail()).contains(detail);
  }

  // ---- crashes

  @ParameterizedTest
  @EnumSource(CampaignStatus.class)
  void aCampaignIsAfterACrashWhatItWasBefore(CampaignStatus status) {
    CampaignView before = reach(status);
    news.clear();
    crash();
    assertThat(ask(Get::new)).isEqualTo(before);
    assertThat(news).as("nothing is done again").isEmpty();
  }

  @Test
  void aStartThatACrashInterruptsIsMadeByTheNextOne() {
    create(SPRING);
    answers.add(new CompletableFuture<>());
    tell(Start::new);
    Awaitility.await("the audience is asked").until(() -> frozen.size() == 1);
    crash();
    assertThat(ask(Get::new).status()).isEqualTo(CampaignStatus.DRAFT);
    assertThat(ask(Start::new).status()).isEqualTo(CampaignStatus.RUNNING);
  }

  @Test
  void aChangeThatCannotBeWrittenIsNotTold() {
    reach(CampaignStatus.RUNNING);
    int told = news.size();
    JOURNAL.failNextPersisted("campaign|default." + id);
    tell(Pause::new);
    assertThat(ask(Get::new).status()).isEqualTo(CampaignStatus.RUNNING);
    assertThat(news).hasSize(told);
  }
}

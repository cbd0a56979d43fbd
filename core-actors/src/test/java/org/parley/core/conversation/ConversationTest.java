package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.ConversationAsk.MessageReply;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;
import org.parley.core.conversation.ConversationCommand.Foreseen;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.Settled;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.ReceiptTaken;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound;

class ConversationTest {
  private static final Outcome ACCEPTED = Outcome.accepted("main", Optional.of("ref-1"));
  private static final MessageRequest RECEIPT =
      new MessageRequest(
          Channel.EMAIL, Category.TRANSACTIONAL, Template.text("Your receipt", "Thank you"));

  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  // ---- grants

  @Test
  void aGrantIsOnDiskBeforeTheCarrierIsAsked() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    assertThat(desk.last(OutreachGranted.class).attempt()).isEqualTo(handed.attempt().id());
    assertThat(handed.attempt().address()).isEqualTo("ada@example.com");
    handed.answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    OutreachSettled settled = desk.last(OutreachSettled.class);
    assertThat(settled.move().orElseThrow().to()).isEqualTo(Standing.DELIVERED);
    assertThat(settled.move().orElseThrow().finished()).isEqualTo(1);
  }

  @Test
  void aGrantThatCannotBePersistedReachesNobodyAndKeepsNoPlace() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.failNextPersist();
    desk.engage("hello");
    Awaitility.await("the place goes back").until(() -> desk.places.taken() == 0);
    assertThat(desk.handed).isEmpty();
    Awaitility.await("the conversation comes back")
        .untilAsserted(
            () -> {
              desk.engage("hello");
              assertThat(desk.handed).isNotEmpty();
            });
  }

  @Test
  void aConversationThatDoesNotComeBackFromAFailureKeepsNoPlace() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.context();
    desk.loseJournal();
    desk.engage("hello");
    Awaitility.await("the grant is not written").until(() -> desk.lostWrites.get() > 0);
    Awaitility.await("the place goes back").until(() -> desk.places.taken() == 0);
  }

  @Test
  void whoAsksAgainGetsTheSameAnswerAndNothingIsSentAgain() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    desk.handed(1).answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    desk.crash();
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.handed).hasSize(1);
  }

  @Test
  void thePlaceIsGivenBackOnceTheOutcomeIsDurable() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    assertThat(desk.places.taken()).isEqualTo(1);
    handed.answer().accept(ACCEPTED);
    Awaitility.await("the place goes back").until(() -> desk.places.taken() == 0);
  }

  @Test
  void withoutAFreePlaceNothingIsGrantedUntilThereIsOne() {
    desk.running(Policy.NONE, Desk.first("hello"));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.engage("hello");
    CustomerContext context = desk.ask(ConversationAsk.GetContext::new);
    assertThat(context.touches()).isEmpty();
    assertThat(desk.events()).isEmpty();
    desk.places.release();
    desk.places.release();
    assertThat(desk.handed(1).attempt().number()).isEqualTo(1);
  }

  @Test
  void whatIsCancelledWhileItWaitsForAPlaceIsNotGranted() {
    desk.running(Policy.NONE, Desk.first("hello"));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    int taken = desk.places.taken();
    desk.engage("hello");
    Awaitility.await("it waits").until(() -> desk.places.waiting() == 1);
    desk.put(
        Desk.CAMPAIGN,
        CampaignStatus.CANCELLING,
        Policy.NONE,
        Schedule.NOW,
        3,
        Desk.first("hello"));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    for (int i = 0; i < taken; i++) desk.places.release();
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.places.taken()).isZero();
    assertThat(desk.events()).noneMatch(OutreachGranted.class::isInstance);
  }

  @Test
  void aConversationThatStopsWhileItWaitsKeepsNoPlace() {
    desk.running(Policy.NONE, Desk.first("hello"));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.engage("hello");
    Awaitility.await("it waits").until(() -> desk.places.waiting() == 1);
    desk.crash();
    int taken = desk.places.taken();
    for (int i = 0; i < taken; i++) desk.places.release();
    assertThat(desk.places.taken()).isZero();
  }

  @Test
  void whoWaitsForAConversationThatIsPutAsideIsToldToAskAgain() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    desk.putAside();
    assertThat(desk.verdict()).isEqualTo(Kind.BUSY);
    desk.engage("hello");
    handed.answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.handed).hasSize(1);
  }

  // ---- doubt

  @Test
  void anAttemptWhoseOutcomeWasLostIsReportedUnknownAndNotSentAgain() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    desk.crash();
    awaitDoubt();
    OutreachSettled settled = desk.last(OutreachSettled.class);
    assertThat(settled.outcome().kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(settled.attempt()).isEqualTo(handed.attempt().id());
    assertThat(desk.handed).hasSize(1);
  }

  @Test
  void anOpenGrantIsWaitedForBeforeItIsInDoubt() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    desk.crash();
    desk.pass(Duration.ofSeconds(60));
    desk.engage("hello");
    desk.ask(ConversationAsk.GetContext::new);
    desk.verdicts.expectNoMessage(Duration.ZERO);
    handed.answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
  }

  @Test
  void aGrantTellsItsNodesLifeAndEndsByTheClockThatNobodySets() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.writeSlowly(Duration.ofSeconds(4));
    desk.engage("hello");
    Attempt attempt = desk.handed(1).attempt();
    assertThat(desk.last(OutreachGranted.class).epoch()).isEqualTo(Desk.EPOCH);
    assertThat(attempt.epoch()).isEqualTo(Desk.EPOCH);
    assertThat(attempt.until()).isEqualTo(Desk.MORNING.plusSeconds(30));
    assertThat(desk.left(attempt)).as("while it was written").isEqualTo(Duration.ofSeconds(26));
  }

  @Test
  void aClockThatIsSetForwardMakesNoDoubtOfWhatMayStillBeSent() {
    knowAda();
    send();
    desk.handed(1);
    desk.step(Duration.ofMinutes(10));
    lookAfterMessage();
    desk.pass(Duration.ofSeconds(89));
    lookAfterMessage();
    assertThat(desk.events()).noneMatch(OutreachSettled.class::isInstance);
    desk.pass(Duration.ofSeconds(2));
    lookAfterMessage();
    assertThat(desk.last(OutreachSettled.class).outcome()).isEqualTo(Outcome.unknown("noOutcome"));
  }

  @Test
  void whoTakesAnOpenGrantOverWaitsForItByAClockThatNobodySets() {
    knowAda();
    send();
    Desk.Handed first = desk.handed(1);
    desk.crash();
    desk.step(Duration.ofMinutes(5)); // the clock of the node that it lives on now
    lookAfterMessage();
    desk.pass(Duration.ofSeconds(29));
    lookAfterMessage();
    assertThat(desk.events()).noneMatch(OutreachSettled.class::isInstance);
    desk.step(Duration.ofMinutes(-10));
    desk.pass(Duration.ofSeconds(62));
    lookAfterMessage();
    assertThat(desk.last(OutreachSettled.class).outcome()).isEqualTo(Outcome.unknown("noOutcome"));
    assertThat(first.attempt().number()).isEqualTo(1);
  }

  @Test
  void aGrantThatIsOlderThanAnyDifferenceOfClocksIsInDoubtAtOnce() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    desk.handed(1);
    desk.crash();
    desk.pass(Duration.ofSeconds(90).plusMinutes(6).plusMillis(1));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
  }

  @Test
  void aWokenNodesLateRefusalEndsADoubtAndNothingIsSentAgain() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    desk.crash();
    awaitDoubt();
    int free = desk.places.taken();
    handed.answer().accept(Outcome.notSent("expired"));
    Awaitility.await("the correction")
        .until(() -> desk.last(OutreachSettled.class).outcome().kind() == Outcome.Kind.NOT_SENT);
    assertThat(desk.last(OutreachSettled.class).retryAt()).isEmpty();
    Awaitility.await("it is acknowledged").until(() -> desk.places.taken() == free - 1);
    desk.pass(Duration.ofMinutes(10));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.handed).hasSize(1);
  }

  @Test
  void aWokenNodesLateRefusalSaysNothingOfTheGrantThatFollowedTheDoubt() {
    knowAda();
    send();
    Desk.Handed first = desk.handed(1);
    desk.crash();
    lookAfterMessage();
    desk.pass(Duration.ofSeconds(91));
    lookAfterMessage();
    lookAfterMessage();
    Desk.Handed second = desk.handed(2);
    assertThat(second.attempt().id()).isEqualTo(first.attempt().id());
    first.answer().accept(Outcome.notSent("expired"));
    Awaitility.await("it is acknowledged").until(() -> desk.places.taken() == 1);
    assertThat(desk.last(OutreachSettled.class).outcome().kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    second.answer().accept(ACCEPTED);
    Awaitility.await("it is accepted")
        .until(() -> desk.last(OutreachSettled.class).outcome().kind() == Outcome.Kind.ACCEPTED);
    assertThat(desk.handed).hasSize(2);
  }

  /** Somebody asks after Ada's message, and the conversation has taken it in. */
  private void lookAfterMessage() {
    desk.tell(new ConversationCommand.Wake(StepKey.message("msg_1"), desk.verdicts.ref()));
    desk.ask(ConversationAsk.GetContext::new);
  }

  /** Asks for the touch until the grant that a crash left open is in doubt. */
  private void awaitDoubt() {
    desk.engage("hello");
    desk.ask(ConversationAsk.GetContext::new);
    desk.pass(Duration.ofSeconds(91));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
  }

  @Test
  void anOutcomeThatComesLateCorrectsTheDoubt() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    desk.crash();
    awaitDoubt();
    handed.answer().accept(ACCEPTED);
    Awaitility.await("the correction")
        .until(() -> desk.last(OutreachSettled.class).outcome().kind() == Outcome.Kind.ACCEPTED);
    assertThat(desk.last(OutreachSettled.class).move().orElseThrow())
        .isEqualTo(new ConversationEvent.Move(Standing.UNKNOWN, Standing.DELIVERED, 0));
  }

  @Test
  void aTransactionalMessageInDoubtIsTriedAgainUnderItsOwnKey() {
    knowAda();
    MessageReply reply = send();
    assertThat(reply.state()).contains(Communication.State.SENDING);
    Desk.Handed first = desk.handed(1);
    first.answer().accept(Outcome.unknown("main", "connectionLost", "after the final dot"));
    Awaitility.await("it is held")
        .until(() -> desk.last(OutreachSettled.class).retryAt().isPresent());
    desk.tell(new ConversationCommand.Wake(StepKey.message("msg_1"), desk.verdicts.ref()));
    assertThat(desk.handed(2).attempt().id()).isEqualTo(first.attempt().id());
  }

  @Test
  void aBounceOfTheFirstCopyWaitsForTheSecondWhichNothingOvertakes() {
    knowAda();
    send();
    Desk.Handed first = desk.handed(1);
    first.answer().accept(Outcome.unknown("main", "connectionLost", "after the final dot"));
    Awaitility.await("it is held")
        .until(() -> desk.last(OutreachSettled.class).retryAt().isPresent());
    desk.tell(new ConversationCommand.Wake(StepKey.message("msg_1"), desk.verdicts.ref()));
    Desk.Handed second = desk.handed(2);
    TestProbe<ReturnTaken> taken =
        desk.asked(
            (ActorRef<ReturnTaken> to) ->
                new TakeBounce(
                    Inbound.Bounce.Kind.HARD,
                    Channel.EMAIL,
                    Optional.empty(),
                    Optional.of(first.attempt().id()),
                    Optional.empty(),
                    "mx",
                    desk.now(),
                    to));
    assertThat(desk.context().touches().get(0).state()).isEqualTo("granted");
    second.answer().accept(Outcome.accepted("main", Optional.of("ref")));
    assertThat(taken.receiveMessage().fate()).isEqualTo(ReturnTaken.Fate.RECORDED);
    assertThat(desk.last(ReceiptTaken.class).reason()).contains("hardBounce");
  }

  // ---- what an incarnation that was given up writes late

  @Test
  void anOutcomeOfAGrantThatWasWrittenLateIsNotAcknowledgedBeforeItIsKnown() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    desk.handed(1);
    OutreachGranted granted = desk.last(OutreachGranted.class);
    desk.remember(List.of());
    desk.context();
    desk.writtenLate(granted);
    Outcome accepted = Outcome.accepted("main", Optional.of("ref"));
    TestProbe<Settled> first = desk.asked(to -> settle(granted, accepted, to));
    desk.awaitEnd();
    first.expectNoMessage(Duration.ZERO);
    desk.putAside();
    Settled unused = desk.ask((ActorRef<Settled> to) -> settle(granted, accepted, to));
    assertThat(desk.last(OutreachSettled.class).outcome()).isEqualTo(accepted);
  }

  private static ConversationCommand.Settle settle(
      OutreachGranted granted, Outcome outcome, ActorRef<Settled> replyTo) {
    return new ConversationCommand.Settle(
        granted.attempt(), outcome, Optional.of(granted.at()), replyTo);
  }

  @Test
  void whatWasWrittenLateIsShownWithinSeconds() {
    knowAda();
    Profile grace =
        new Profile(
            Optional.of("grace@example.com"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            desk.now());
    desk.writtenLate(new ConversationEvent.CustomerUpdated(grace, desk.now()));
    desk.pass(Duration.ofSeconds(11));
    TestProbe<CustomerContext> stale = desk.asked(ConversationAsk.GetContext::new);
    desk.awaitEnd();
    stale.expectNoMessage(Duration.ZERO);
    desk.putAside();
    assertThat(desk.context().customer().profile()).isEqualTo(grace);
  }

  // ---- what was not sent

  @Test
  void whatWasNotSentIsTriedAgainUnderANewKeyAfterTheBackoff() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed first = desk.handed(1);
    first.answer().accept(Outcome.notSent("main", "connectFailed", "refused"));
    assertThat(desk.verdict()).isEqualTo(Kind.HELD);
    assertThat(desk.last(OutreachSettled.class).retryAt()).contains(Desk.MORNING.plusSeconds(5));
    desk.step(Duration.ofMinutes(-5));
    desk.wake("hello");
    assertThat(desk.verdict()).as("the row must stay: woken too early").isEqualTo(Kind.BUSY);
    desk.step(Duration.ofMinutes(5));
    desk.wake("hello");
    desk.ask(ConversationAsk.GetContext::new);
    desk.verdicts.expectNoMessage(Duration.ZERO);
    desk.pass(Duration.ofSeconds(5));
    desk.wake("hello");
    Desk.Handed second = desk.handed(2);
    assertThat(second.attempt().id()).isNotEqualTo(first.attempt().id());
    assertThat(second.attempt().number()).isEqualTo(2);
  }

  @Test
  void triesEndAndTheTouchHasFailed() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    for (int i = 1; i <= 3; i++) {
      desk.handed(i).answer().accept(Outcome.notSent("main", "connectFailed", "refused"));
      assertThat(desk.verdict()).isEqualTo(i < 3 ? Kind.HELD : Kind.SETTLED);
      desk.pass(Duration.ofMinutes(1));
      if (i < 3) desk.wake("hello");
    }
    assertThat(desk.last(OutreachSettled.class).move().orElseThrow().to())
        .isEqualTo(Standing.FAILED);
  }

  // ---- rules

  @Test
  void whoHasOptedOutIsNotContacted() {
    desk.running(Policy.NONE, Desk.first("hello"));
    optOut();
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.last(OutreachRefused.class).reason()).isEqualTo("optedOut");
    assertThat(desk.handed).isEmpty();
  }

  @Test
  void anOptOutBeatsWhatWaitsForAPlace() {
    desk.running(Policy.NONE, Desk.first("hello"));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.engage("hello");
    Awaitility.await("it waits").until(() -> desk.places.waiting() == 1);
    optOut();
    desk.places.release();
    desk.places.release();
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.handed).isEmpty();
  }

  @Test
  void theFrequencyCapHoldsOverAllCampaignsAndCountsDoubts() {
    Policy capped =
        new Policy(
            Optional.of(new FrequencyCap(1, Duration.ofDays(1), OnLimit.SKIP)),
            Optional.empty(),
            Optional.empty());
    desk.running(capped, Desk.first("hello"));
    desk.put("cmp_other", CampaignStatus.RUNNING, capped, Schedule.NOW, 2, Desk.first("hello"));
    desk.engage("hello");
    desk.handed(1).answer().accept(Outcome.unknown("main", "connectionLost", "after the dot"));
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    desk.engage("cmp_other", "hello");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.last(OutreachRefused.class).reason()).isEqualTo("frequencyCap");
  }

  @Test
  void quietHoursHoldATouchUntilTheyEndOnTheCustomersClock() {
    Policy quiet =
        new Policy(
            Optional.empty(),
            Optional.of(new QuietHours(LocalTime.of(9, 0), LocalTime.of(11, 30))),
            Optional.empty());
    desk.running(quiet, Desk.first("hello"));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.HELD);
    assertThat(desk.last(OutreachHeld.class).until()).isEqualTo("2026-11-24T11:30:00Z");
    desk.pass(Duration.ofMinutes(90));
    desk.wake("hello");
    assertThat(desk.handed(1).attempt().number()).isEqualTo(1);
  }

  @Test
  void aPausedCampaignDecidesNothing() {
    desk.put(
        Desk.CAMPAIGN, CampaignStatus.PAUSED, Policy.NONE, Schedule.NOW, 3, Desk.first("hello"));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.PAUSED);
    assertThat(desk.events()).isEmpty();
  }

  @Test
  void aCancelledCampaignIsRefusedWithThatReason() {
    desk.put(
        Desk.CAMPAIGN,
        CampaignStatus.CANCELLING,
        Policy.NONE,
        Schedule.NOW,
        3,
        Desk.first("hello"));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.last(OutreachRefused.class).reason()).isEqualTo("campaignCancelled");
  }

  @Test
  void oneAttemptAtATimeLeavesForACustomer() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.put(
        "cmp_other", CampaignStatus.RUNNING, Policy.NONE, Schedule.NOW, 2, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed first = desk.handed(1);
    desk.engage("cmp_other", "hello");
    desk.ask(ConversationAsk.GetContext::new);
    assertThat(desk.handed).hasSize(1);
    first.answer().accept(ACCEPTED);
    assertThat(desk.handed(2).attempt().key().campaignId()).isEqualTo("cmp_other");
  }

  @Test
  void foreseeingChangesNothing() {
    desk.running(Policy.NONE, Desk.first("hello"));
    Foreseen foreseen =
        desk.ask(
            replyTo ->
                new ConversationCommand.Foresee(
                    new StepKey(Desk.CAMPAIGN, "hello"), Desk.ADA, replyTo));
    assertThat(foreseen.decision()).isEqualTo("send");
    assertThat(desk.events()).isEmpty();
  }

  // ---- steps

  @Test
  void aNudgeFollowsWhenNobodyAnswers() {
    desk.running(Policy.NONE, Desk.first("hello"), nudge(Trigger.NO_REPLY));
    deliver("hello", 1);
    assertThat(desk.last(StepScheduled.class).due())
        .isEqualTo(Desk.MORNING.plus(Duration.ofDays(2)));
    desk.pass(Duration.ofDays(2));
    desk.wake("nudge");
    assertThat(desk.handed(2).attempt().key().stepId()).isEqualTo("nudge");
  }

  @Test
  void aNudgeIsSkippedWhenTheCustomerHasAnswered() {
    desk.running(Policy.NONE, Desk.first("hello"), nudge(Trigger.NO_REPLY));
    deliver("hello", 1);
    answer();
    desk.pass(Duration.ofDays(2));
    desk.wake("nudge");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.last(StepSkipped.class).reason()).isEqualTo("replied");
    assertThat(desk.last(StepSkipped.class).move().orElseThrow().finished()).isEqualTo(1);
  }

  @Test
  void anAnswerBringsItsBranchForwardOnce() {
    desk.running(Policy.NONE, Desk.first("hello"), nudge(Trigger.REPLY));
    deliver("hello", 1);
    assertThat(desk.last(StepScheduled.class).awaitsReply()).isTrue();
    for (int i = 0; i < 2; i++) {
      answer();
    }
    assertThat(desk.last(StepScheduled.class).due())
        .isEqualTo(Desk.MORNING.plus(Duration.ofDays(2)));
    assertThat(desk.events().stream().filter(ConversationEvent.ReplyReceived.class::isInstance))
        .hasSize(1);
  }

  @Test
  void theWaitForAnAnswerEnds() {
    desk.running(Policy.NONE, Desk.first("hello"), nudge(Trigger.REPLY));
    deliver("hello", 1);
    desk.pass(After.DEFAULT_WITHIN);
    desk.wake("nudge");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.last(StepSkipped.class).reason()).isEqualTo("noReply");
  }

  @Test
  void aFailedStepTakesItsOwnBranch() {
    desk.running(Policy.NONE, Desk.first("hello"), nudge(Trigger.FAILED));
    desk.engage("hello");
    desk.handed(1).answer().accept(Outcome.rejected("main", "mailboxUnavailable", "no"));
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.last(StepScheduled.class).key().stepId()).isEqualTo("nudge");
  }

  @Test
  void nothingFollowsADoubt() {
    desk.running(Policy.NONE, Desk.first("hello"), nudge(Trigger.DELIVERED));
    desk.engage("hello");
    desk.handed(1).answer().accept(Outcome.unknown("main", "connectionLost", "after the dot"));
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.events()).noneMatch(StepScheduled.class::isInstance);
  }

  // ---- single messages and customers

  @Test
  void theSameMessageIdIsSentOnce() {
    knowAda();
    for (int i = 0; i < 2; i++) {
      MessageReply reply = send();
      assertThat(reply.refusal()).isEmpty();
    }
    desk.handed(1).answer().accept(ACCEPTED);
    Awaitility.await("settled").until(() -> desk.places.taken() == 0);
    MessageReply reply = send();
    assertThat(reply.state()).contains(Communication.State.DELIVERED);
    assertThat(desk.handed).hasSize(1);
  }

  @Test
  void aMessageFindsAReservedPlaceWhenMarketingHasTakenTheOthers() {
    knowAda();
    while (desk.places.tryTake(Category.MARKETING)) {
      assertThat(desk.places.taken()).isPositive();
    }
    send();
    assertThat(desk.handed(1).attempt().category()).isEqualTo(Category.TRANSACTIONAL);
  }

  @Test
  void aWriteThatExpectsAnotherVersionIsRefused() {
    knowAda();
    CustomerReply reply = update(Desk.ADA, Optional.of(7L));
    assertThat(reply.refusal().orElseThrow().kind()).isEqualTo(Refusal.Kind.STALE);
  }

  @Test
  void theNewerOfTwoProfilesWins() {
    desk.running(Policy.NONE, Desk.first("hello"));
    Profile moved =
        new Profile(
            Optional.of("ada@example.org"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Desk.MORNING);
    update(moved, Optional.empty());
    desk.engage("hello"); // its audience was imported a minute before
    assertThat(desk.handed(1).attempt().address()).isEqualTo("ada@example.org");
  }

  @Test
  void whatAConversationKnowsSurvivesACrash() {
    knowAda();
    optOut();
    CustomerReply before = desk.ask(ConversationAsk.GetCustomer::new);
    desk.crash();
    CustomerReply after = desk.ask(ConversationAsk.GetCustomer::new);
    assertThat(after).isEqualTo(before);
    assertThat(after.customer().orElseThrow().consent())
        .isEqualTo(Map.of(Channel.EMAIL, ConsentState.OPTED_OUT));
  }

  @Test
  void moreThanTheBoundOfWaitingTouchesIsAnsweredBusy() {
    for (String id : List.of("cmp_a", "cmp_b", "cmp_c", "cmp_d")) {
      desk.put(id, CampaignStatus.RUNNING, Policy.NONE, Schedule.NOW, 2, Desk.first("hello"));
    }
    desk.engage("cmp_a", "hello");
    desk.handed(1);
    desk.engage("cmp_b", "hello");
    desk.engage("cmp_c", "hello");
    desk.engage("cmp_d", "hello");
    assertThat(desk.verdict()).isEqualTo(Kind.BUSY);
  }

  private static org.parley.core.api.CampaignDefinition.Step nudge(Trigger on) {
    return Desk.after("nudge", new After("hello", on, Duration.ofDays(2), Optional.empty()));
  }

  private void deliver(String step, int number) {
    desk.engage(step);
    desk.handed(number).answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
  }

  private MessageReply send() {
    return desk.ask(
        (ActorRef<MessageReply> replyTo) ->
            new ConversationAsk.SendMessage("msg_1", RECEIPT, replyTo));
  }

  private CustomerReply update(Profile profile, Optional<Long> ifVersion) {
    return desk.ask(
        (ActorRef<CustomerReply> replyTo) ->
            new ConversationAsk.UpdateCustomer(profile, ifVersion, replyTo));
  }

  private void answer() {
    CustomerReply reply =
        desk.ask(
            (ActorRef<CustomerReply> replyTo) ->
                new ConversationAsk.RecordReply(
                    "in-1", Channel.EMAIL, "Yes please", Optional.empty(), replyTo));
    assertThat(reply.refusal()).isEmpty();
  }

  private void knowAda() {
    CustomerReply reply = update(Desk.ADA, Optional.empty());
    assertThat(reply.customer().orElseThrow().version()).isEqualTo(1);
  }

  private void optOut() {
    CustomerReply reply =
        desk.ask(
            replyTo ->
                new ConversationAsk.ChangeConsent(
                    Map.of(Channel.EMAIL, ConsentState.OPTED_OUT),
                    "test",
                    Optional.empty(),
                    replyTo));
    assertThat(reply.refusal()).isEmpty();
  }
}

package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationAsk.MessageReply;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.Settled;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.ReceiptTaken;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound;

/** What becomes of attempts that nobody answers for, and of what is written late. */
class DoubtTest {
  private static final Outcome ACCEPTED = Outcome.accepted("main", Optional.of("ref-1"));

  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
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
    desk.knowAda();
    desk.send();
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
    desk.knowAda();
    desk.send();
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
  void noOutcomeIsLateWhileTheNodeStandsStill() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    desk.standStill(Duration.ofMinutes(3));
    desk.engage("hello");
    handed.answer().accept(Outcome.notSent("expired"));
    assertThat(desk.verdict()).as("it is tried again").isEqualTo(Kind.HELD);
    assertThat(desk.events())
        .filteredOn(OutreachSettled.class::isInstance)
        .extracting(event -> ((OutreachSettled) event).outcome().kind())
        .containsExactly(Outcome.Kind.NOT_SENT);
  }

  @Test
  void whatIsLookedAtTooSoonBecauseTheNodeStoodStillIsLookedAtAgain() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    desk.handed(1);
    desk.crash();
    desk.engage("hello");
    desk.ask(ConversationAsk.GetContext::new);
    desk.pass(Duration.ofSeconds(90).minusMillis(20));
    desk.tell(new ConversationCommand.LookAgain(new StepKey(Desk.CAMPAIGN, "hello")));
    desk.ask(ConversationAsk.GetContext::new);
    desk.pass(Duration.ofMillis(20));
    assertThat(desk.verdict()).as("nobody has asked again").isEqualTo(Kind.SETTLED);
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
    desk.knowAda();
    desk.send();
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
        .isEqualTo(
            new ConversationEvent.Move(
                Standing.UNKNOWN,
                Standing.DELIVERED,
                0,
                Optional.of("noOutcome"),
                Optional.empty()));
  }

  @Test
  void aTransactionalMessageInDoubtIsTriedAgainUnderItsOwnKey() {
    desk.knowAda();
    MessageReply reply = desk.send();
    assertThat(reply.state()).contains(Communication.State.SENDING);
    Desk.Handed first = desk.handed(1);
    first.answer().accept(Outcome.unknown("main", "connectionLost", "after the final dot"));
    Awaitility.await("it is held")
        .until(() -> desk.last(OutreachSettled.class).retryAt().isPresent());
    desk.tell(new ConversationCommand.Wake(StepKey.message("msg_1"), desk.verdicts.ref()));
    assertThat(desk.handed(2).attempt().id()).isEqualTo(first.attempt().id());
  }

  @Test
  void whatIsNotSentAfterADoubtIsHeldAndTriedAgainWhateverStoppedIt() {
    desk.knowAda();
    desk.send();
    List<Outcome> outcomes =
        List.of(
            Outcome.notSent("expired"),
            Outcome.unknown("connectionLost"),
            Outcome.notSent("noCarrier"),
            Outcome.notSent("expired"),
            Outcome.notSent("connectFailed"));
    for (int i = 0; i < outcomes.size(); i++) {
      desk.handed(i + 1).answer().accept(outcomes.get(i));
      int settled = i + 1;
      Awaitility.await("it is held")
          .until(
              () ->
                  desk.events().stream().filter(OutreachSettled.class::isInstance).count()
                      == settled);
      assertThat(desk.last(OutreachSettled.class).retryAt()).isPresent();
      desk.pass(Duration.ofMinutes(2));
      desk.tell(new ConversationCommand.Wake(StepKey.message("msg_1"), desk.verdicts.ref()));
    }
    desk.handed(6);
  }

  @Test
  void aLateAnswerToWhatWaitsToBeSentOnceMoreEndsIt() {
    desk.knowAda();
    desk.send();
    OutreachGranted granted = desk.last(OutreachGranted.class);
    desk.handed(1).answer().accept(Outcome.unknown("noOutcome"));
    Awaitility.await("it is held")
        .until(() -> desk.last(OutreachSettled.class).retryAt().isPresent());
    Settled unused = desk.ask((ActorRef<Settled> to) -> settle(granted, ACCEPTED, to));
    assertThat(desk.send().state()).contains(Communication.State.DELIVERED);
    desk.tell(new ConversationCommand.Wake(StepKey.message("msg_1"), desk.verdicts.ref()));
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.handed).hasSize(1);
  }

  @Test
  void aBounceOfTheFirstCopyWaitsForTheSecondWhichNothingOvertakes() {
    desk.knowAda();
    desk.send();
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
    desk.knowAda();
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

  @Test
  void whatIsKnownIsShownWhileTheJournalStandsStill() {
    desk.knowAda();
    desk.pass(Duration.ofSeconds(11));
    desk.journalStands = true;
    assertThat(desk.context().customer().profile().email()).contains("ada@example.com");
  }
}

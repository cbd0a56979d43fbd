package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.LocalTime;
import java.util.Optional;
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
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.Outcome;
import org.parley.core.api.StepKey;
import org.parley.core.api.Trigger;
import org.parley.core.conversation.ConversationCommand.Foreseen;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;

/** What the rules say at the moment of a grant, and what follows a step. */
class RulesAndStepsTest {
  private static final Outcome ACCEPTED = Outcome.accepted("main", Optional.of("ref-1"));

  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  // ---- rules

  @Test
  void whoHasOptedOutIsNotContacted() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.optOut();
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
    desk.optOut();
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

  private static org.parley.core.api.CampaignDefinition.Step nudge(Trigger on) {
    return Desk.after("nudge", new After("hello", on, Duration.ofDays(2), Optional.empty()));
  }

  private void deliver(String step, int number) {
    desk.engage(step);
    desk.handed(number).answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
  }

  private void answer() {
    CustomerReply reply =
        desk.ask(
            (ActorRef<CustomerReply> replyTo) ->
                new ConversationAsk.RecordReply(
                    "in-1", Channel.EMAIL, "Yes please", Optional.empty(), replyTo));
    assertThat(reply.refusal()).isEmpty();
  }
}

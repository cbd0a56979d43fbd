package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition.Policy;
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
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.spi.Places;

class ConversationTest {
  private static final Outcome ACCEPTED = Outcome.accepted("main", Optional.of("ref-1"));

  private static final Profile REACHABLE =
      new Profile(
          Optional.of("ada@example.com"),
          Optional.of("+442079460000"),
          Optional.of("Europe/London"),
          Optional.empty(),
          Map.of(),
          Desk.MORNING);

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
  void whoAsksAgainWhileAllPlacesAreTakenWaitsOn() {
    desk.running(Policy.NONE, Desk.first("hello"));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    for (int times = 0; times < 5; times++) desk.engage("hello");
    assertThat(desk.context().touches()).isEmpty();
    desk.verdicts.expectNoMessage(Duration.ZERO);

    desk.places.release();
    desk.places.release();
    desk.handed(1).answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.context().touches()).hasSize(1);
    desk.verdicts.expectNoMessage(Duration.ZERO);
  }

  @Test
  void whatSomebodyElseAsksForWhileAllPlacesAreTakenKeepsItsTurnAndAnswersThem() {
    desk.running(Policy.NONE, Desk.first("hello"));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.engage("hello");
    Awaitility.await("it waits").until(() -> desk.places.waiting() == 1);
    AtomicBoolean another = new AtomicBoolean();
    assertThat(desk.places.await(Category.MARKETING, () -> another.set(true))).isTrue();
    TestProbe<Verdict> gone = desk.verdicts;
    desk.askAsSomebodyElse();
    desk.engage("hello");
    desk.context();
    assertThat(desk.places.waiting()).isEqualTo(2);

    int free = desk.places.capacity();
    while (desk.places.waiting() == 2) {
      assertThat(free--).isPositive();
      desk.places.release();
    }
    assertThat(another).as("who came later").isFalse();
    desk.handed(1).answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    gone.expectNoMessage(Duration.ZERO);
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
    desk.context();
    desk.verdicts.expectNoMessage(Duration.ZERO);
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

  @Test
  void whatWaitsForAPlaceOfOneChannelHoldsUpNothingOfAnother() {
    desk.textPlaces = new Places(4, 25, 8);
    desk.know(REACHABLE);
    desk.running(Policy.NONE, Desk.first("hello"), Desk.text("text"));
    desk.places.resize(0);
    desk.engage("hello");
    Awaitility.await("it waits").until(() -> desk.places.waiting() == 1);
    desk.engage("text");
    Desk.Handed text = desk.handed(1);
    assertThat(text.attempt().channel()).isEqualTo(Channel.SMS);

    desk.places.resize(4);
    desk.context();
    assertThat(desk.handed).as("one attempt at a time").hasSize(1);
    assertThat(desk.places.taken()).isZero();
    text.answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.handed(2).attempt().channel()).isEqualTo(Channel.EMAIL);
  }

  @Test
  void aMessageGetsItsReservedPlaceWhileMarketingForTheSameCustomerWaits() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.knowAda();
    while (desk.places.tryTake(Category.MARKETING)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.engage("hello");
    Awaitility.await("it waits").until(() -> desk.places.waiting() == 1);
    desk.send();
    assertThat(desk.handed(1).attempt().category()).isEqualTo(Category.TRANSACTIONAL);
  }

  @Test
  void whatWaitsForAPlaceOfAPausedCampaignIsToldSoAndTheNextOneIsServed() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.put("cmp_b", CampaignStatus.RUNNING, Policy.NONE, Schedule.NOW, 2, Desk.first("hello"));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.engage("hello");
    desk.engage("cmp_b", "hello");
    Awaitility.await("both wait").until(() -> desk.places.waiting() == 2);
    desk.put(
        Desk.CAMPAIGN, CampaignStatus.PAUSED, Policy.NONE, Schedule.NOW, 3, Desk.first("hello"));
    desk.places.release();
    desk.places.release();
    assertThat(desk.verdict()).isEqualTo(Kind.PAUSED);
    assertThat(desk.handed(1).attempt().key().campaignId()).isEqualTo("cmp_b");
  }

  @Test
  void moreMessagesThanACustomerMayWaitForAreRefused() {
    desk.knowAda();
    desk.places.resize(0);
    for (int i = 0; i < Conversation.MAX_UNFINISHED; i++) {
      assertThat(desk.send("msg_" + i).refusal()).isEmpty();
    }
    Refusal refusal = desk.send("one_more").refusal().orElseThrow();
    assertThat(refusal.kind()).isEqualTo(Refusal.Kind.BUSY);
    assertThat(refusal.detail()).contains("1000 messages");
    assertThat(desk.send("msg_0").refusal()).as("it is known").isEmpty();
  }

  // ---- what was not sent

  @Test
  void whatCameBackBeforeACarrierWasAskedUsesNoTryUp() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    List<String> reasons =
        List.of("expired", "noCarrier", "expired", "connectFailed", "noCarrier", "connectFailed");
    for (int i = 0; i < reasons.size(); i++) {
      desk.handed(i + 1).answer().accept(Outcome.notSent(reasons.get(i)));
      assertThat(desk.verdict()).as(reasons.get(i)).isEqualTo(Kind.HELD);
      desk.pass(Duration.ofMinutes(2));
      desk.wake("hello");
    }
    desk.handed(7).answer().accept(Outcome.notSent("connectFailed"));
    assertThat(desk.verdict()).as("the third try").isEqualTo(Kind.SETTLED);
    assertThat(desk.last(OutreachSettled.class).move().orElseThrow().to())
        .isEqualTo(Standing.FAILED);
  }

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
  void whatIsWokenWhileNoCarrierTakesAnythingIsPutOffLongerEachTime() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    desk.handed(1).answer().accept(Outcome.notSent("main", "connectFailed", "refused"));
    assertThat(desk.verdict()).isEqualTo(Kind.HELD);
    desk.places.resize(0);
    Duration passed = Duration.ofSeconds(5);
    for (int seconds : List.of(5, 30, 120, 120)) {
      desk.pass(passed);
      desk.wake("hello");
      assertThat(desk.verdict()).isEqualTo(Kind.HELD);
      passed = Duration.ofSeconds(seconds);
      OutreachHeld held = desk.last(OutreachHeld.class);
      assertThat(held.reason()).isEqualTo("noCarrier");
      assertThat(held.until()).isEqualTo(desk.now().plus(passed));
    }
    desk.places.resize(4);
    desk.pass(passed);
    desk.wake("hello");
    assertThat(desk.handed(2).attempt().number()).isEqualTo(2);
  }

  @Test
  void whatWaitsForAPlaceWhenTheCarriersGoAwayIsPutOffWhenItIsWokenAgain() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.engage("hello");
    desk.handed(1).answer().accept(Outcome.notSent("main", "connectFailed", "refused"));
    assertThat(desk.verdict()).isEqualTo(Kind.HELD);
    desk.pass(Duration.ofSeconds(5));
    Awaitility.await("the place goes back").until(() -> desk.places.taken() == 0);
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.wake("hello");
    assertThat(desk.context().touches()).hasSize(1);
    desk.verdicts.expectNoMessage(Duration.ZERO);

    desk.places.resize(0);
    desk.wake("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.HELD);
    for (int taken = desk.places.taken(); taken > 0; taken--) desk.places.release();
    desk.places.resize(4);
    assertThat(desk.context().touches()).hasSize(1);
    assertThat(desk.handed).as("its wait for a place is over").hasSize(1);
    assertThat(desk.places.taken()).isZero();
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

  // ---- single messages and customers

  @Test
  void theSameMessageIdIsSentOnce() {
    desk.knowAda();
    for (int i = 0; i < 2; i++) {
      MessageReply reply = desk.send();
      assertThat(reply.refusal()).isEmpty();
    }
    desk.handed(1).answer().accept(ACCEPTED);
    Awaitility.await("settled").until(() -> desk.places.taken() == 0);
    MessageReply reply = desk.send();
    assertThat(reply.state()).contains(Communication.State.DELIVERED);
    assertThat(desk.handed).hasSize(1);
  }

  @Test
  void aMessageFindsAReservedPlaceWhenMarketingHasTakenTheOthers() {
    desk.knowAda();
    while (desk.places.tryTake(Category.MARKETING)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.send();
    assertThat(desk.handed(1).attempt().category()).isEqualTo(Category.TRANSACTIONAL);
  }

  @Test
  void aWriteThatExpectsAnotherVersionIsRefused() {
    desk.knowAda();
    CustomerReply reply = desk.update(Desk.ADA, Optional.of(7L));
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
    desk.update(moved, Optional.empty());
    desk.engage("hello"); // its audience was imported a minute before
    assertThat(desk.handed(1).attempt().address()).isEqualTo("ada@example.org");
  }

  @Test
  void whatAConversationKnowsSurvivesACrash() {
    desk.knowAda();
    desk.optOut();
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
}

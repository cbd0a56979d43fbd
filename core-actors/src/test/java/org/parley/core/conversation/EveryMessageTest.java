package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.ConversationAsk.MessageReply;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.Refusal;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;
import org.parley.core.campaign.CampaignBook.Lookup;
import org.parley.core.check.ReturnTokens;
import org.parley.core.conversation.ConversationCommand.Foreseen;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.Settled;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.conversation.Touch.Phase;
import org.parley.core.spi.Inbound;

/** One of every message in every phase of a touch: each is answered, and none ends the actor. */
class EveryMessageTest {
  private static final Instant AT = Desk.MORNING.minus(Duration.ofHours(1));
  private static final MessageRequest RECEIPT =
      new MessageRequest(
          Channel.EMAIL, Category.TRANSACTIONAL, Template.text("Your receipt", "Thank you"));

  private final Desk desk = new Desk();
  private final Map<Class<?>, Consumer<StepKey>> cases = new HashMap<>();

  EveryMessageTest() {
    on(ConversationCommand.Engage.class, Verdict.class)
        .sends((key, to) -> new ConversationCommand.Engage(key, Desk.ADA, 1, to));
    on(ConversationCommand.Settle.class, Settled.class)
        .sends(
            (key, to) ->
                new ConversationCommand.Settle(
                    attempt(key),
                    Outcome.accepted("main", Optional.empty()),
                    Optional.empty(),
                    to));
    on(ConversationCommand.Wake.class, Verdict.class).sends(ConversationCommand.Wake::new);
    on(ConversationCommand.Foresee.class, Foreseen.class)
        .sends((key, to) -> new ConversationCommand.Foresee(key, Desk.ADA, to));
    on(ConversationAsk.UpdateCustomer.class, CustomerReply.class)
        .sends((key, to) -> new ConversationAsk.UpdateCustomer(Desk.ADA, Optional.empty(), to));
    on(ConversationAsk.ChangeConsent.class, CustomerReply.class)
        .sends(
            (key, to) ->
                new ConversationAsk.ChangeConsent(
                    Map.of(Channel.EMAIL, ConsentState.OPTED_OUT), "test", Optional.empty(), to));
    on(ConversationAsk.GetCustomer.class, CustomerReply.class)
        .sends((key, to) -> new ConversationAsk.GetCustomer(to));
    on(ConversationAsk.GetContext.class, CustomerContext.class)
        .sends((key, to) -> new ConversationAsk.GetContext(to));
    on(ConversationAsk.SendMessage.class, MessageReply.class)
        .sends((key, to) -> new ConversationAsk.SendMessage(key.stepId(), RECEIPT, to));
    on(ConversationAsk.RecordReply.class, CustomerReply.class)
        .sends(
            (key, to) ->
                new ConversationAsk.RecordReply(
                    "in-1", Channel.EMAIL, "Yes", Optional.of(key), to));
    on(ConversationAsk.HandOff.class, CustomerReply.class)
        .sends((key, to) -> new ConversationAsk.HandOff("a question", to));
    on(ConversationAsk.Release.class, CustomerReply.class)
        .sends((key, to) -> new ConversationAsk.Release(to));
    on(ConversationCommand.Knows.class, ReturnTaken.class)
        .sends((key, to) -> new ConversationCommand.Knows(attempt(key), to));
    on(ConversationCommand.TakeReply.class, ReturnTaken.class)
        .sends(
            (key, to) ->
                new ConversationCommand.TakeReply(
                    "in-2",
                    Channel.EMAIL,
                    "Yes",
                    Optional.of(ReturnTokens.mark(key)),
                    Optional.of(attempt(key)),
                    Optional.empty(),
                    false,
                    false,
                    to));
    on(ConversationCommand.TakeReceipt.class, ReturnTaken.class)
        .sends(
            (key, to) ->
                new ConversationCommand.TakeReceipt(
                    Optional.of(attempt(key)), false, Optional.empty(), "main", "ref", AT, to));
    on(ConversationCommand.TakeBounce.class, ReturnTaken.class)
        .sends(
            (key, to) ->
                new ConversationCommand.TakeBounce(
                    Inbound.Bounce.Kind.COMPLAINT,
                    Channel.EMAIL,
                    Optional.of(ReturnTokens.mark(key)),
                    Optional.empty(),
                    Optional.empty(),
                    "main",
                    AT,
                    to));
    // These stay on the node and are answered to nobody, or to whom the command within names.
    cases.put(
        ConversationCommand.DefinitionReady.class,
        key ->
            assertAnswered(
                Verdict.class,
                to ->
                    new ConversationCommand.DefinitionReady(
                        new ConversationCommand.Engage(key, Desk.ADA, 1, to),
                        new Lookup(Optional.empty()))));
    cases.put(
        ConversationCommand.Looked.class,
        key ->
            assertAnswered(
                Verdict.class,
                to ->
                    new ConversationCommand.Looked<>(
                        new Verdict(key, "ada", 1, Verdict.Kind.HELD), to, 1, 0, Optional.of(0L))));
    cases.put(
        ConversationCommand.LookAgain.class,
        key -> desk.tell(new ConversationCommand.LookAgain(key)));
    cases.put(ConversationCommand.PlaceOffered.class, key -> offerAPlaceThatNobodyWants());
  }

  private record Case<R>(EveryMessageTest test, Class<?> type, Class<R> reply) {
    private interface Message<R> {
      ConversationMessage to(StepKey key, ActorRef<R> replyTo);
    }

    void sends(Message<R> message) {
      test.cases.put(type, key -> test.assertAnswered(reply, replyTo -> message.to(key, replyTo)));
    }
  }

  private <R> Case<R> on(Class<?> type, Class<R> reply) {
    return new Case<>(this, type, reply);
  }

  private <R> void assertAnswered(
      Class<R> reply, java.util.function.Function<ActorRef<R>, ConversationMessage> message) {
    R answer = desk.ask(message);
    assertThat(answer).isInstanceOf(reply);
  }

  private void offerAPlaceThatNobodyWants() {
    List<PlaceRequest> offered = new ArrayList<>();
    assertThat(PlaceRequest.start(desk.places, Category.MARKETING, offered::add)).isPresent();
    desk.tell(new ConversationCommand.PlaceOffered(offered.get(0)));
    desk.ask(ConversationAsk.GetContext::new);
    offered.get(0).cancel();
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private AttemptId attempt(StepKey key) {
    return AttemptId.of(desk.customer, key, 1);
  }

  /** What is on disk when a touch is in a phase. */
  private List<ConversationEvent> history(StepKey key, Phase phase) {
    Optional<MessageRequest> message = key.isMessage() ? Optional.of(RECEIPT) : Optional.empty();
    ConversationEvent granted =
        new OutreachGranted(
            key,
            Channel.EMAIL,
            attempt(key),
            1,
            !key.isMessage(),
            Optional.of(Desk.ADA),
            message,
            AT.plusSeconds(30),
            Optional.empty(),
            Optional.empty(),
            AT);
    return switch (phase) {
      case SCHEDULED, AWAITING_REPLY ->
          List.of(
              new StepScheduled(
                  key,
                  Channel.EMAIL,
                  phase == Phase.AWAITING_REPLY,
                  AT,
                  Optional.empty(),
                  Optional.empty(),
                  AT));
      case HELD ->
          List.of(
              new OutreachHeld(
                  key,
                  Channel.EMAIL,
                  "quietHours",
                  Optional.of(Desk.ADA),
                  message,
                  AT,
                  Optional.empty(),
                  Optional.empty(),
                  AT));
      case GRANTED -> List.of(granted);
      case DELIVERED -> List.of(granted, settled(key, Outcome.accepted("main", Optional.empty())));
      case FAILED -> List.of(granted, settled(key, Outcome.rejected("main", "mailbox", "no")));
      case UNKNOWN -> List.of(granted, settled(key, Outcome.unknown("noOutcome")));
      case SUPPRESSED ->
          List.of(
              new OutreachRefused(
                  key,
                  Channel.EMAIL,
                  "optedOut",
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  AT));
      case SKIPPED ->
          List.of(
              new StepSkipped(
                  key, Channel.EMAIL, "replied", Optional.empty(), Optional.empty(), AT));
    };
  }

  private ConversationEvent settled(StepKey key, Outcome outcome) {
    return new OutreachSettled(
        key,
        Channel.EMAIL,
        attempt(key),
        1,
        outcome,
        AT,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        AT.plusSeconds(1));
  }

  private static List<Class<?>> messages() {
    return Stream.of(ConversationCommand.class, ConversationAsk.class)
        .flatMap(type -> Arrays.stream(type.getPermittedSubclasses()))
        .<Class<?>>map(type -> type)
        .toList();
  }

  private void sendEveryMessage(StepKey key, List<ConversationEvent> history) {
    desk.running(
        Policy.NONE,
        Desk.first("hello"),
        Desk.after(
            "nudge", new After("hello", Trigger.NO_REPLY, Duration.ofDays(2), Optional.empty())));
    desk.answerAtOnce(Outcome.accepted("main", Optional.empty()));
    for (Class<?> type : messages()) {
      desk.remember(history);
      assertThat(cases).as("a case for each message").containsKey(type);
      Objects.requireNonNull(cases.get(type)).accept(key);
      // Woken for what it does not know, it has stopped; the next message starts it, as in
      // sharding.
      if (type == ConversationCommand.Wake.class && history.isEmpty()) desk.crash();
      CustomerContext context = desk.ask(ConversationAsk.GetContext::new);
      assertThat(context.customer().customerId())
          .as("after " + type.getSimpleName())
          .isEqualTo(desk.customer.customerId());
    }
  }

  @Test
  void everyMessageIsAnsweredBeforeAnythingIsKnown() {
    sendEveryMessage(new StepKey(Desk.CAMPAIGN, "hello"), List.of());
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void everyMessageIsAnsweredInEveryPhaseOfACampaignsTouch(Phase phase) {
    StepKey key = new StepKey(Desk.CAMPAIGN, "hello");
    sendEveryMessage(key, history(key, phase));
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SCHEDULED", "AWAITING_REPLY", "SKIPPED"}) // these are for steps only
  void everyMessageIsAnsweredInEveryPhaseOfASingleMessage(Phase phase) {
    StepKey key = StepKey.message("msg_1");
    sendEveryMessage(key, history(key, phase));
  }

  @Test
  void anAnswerWhoseCampaignSaysNothingIsNotWrittenSoThatItComesAgain() {
    StepKey key = new StepKey(Desk.CAMPAIGN, "hello");
    desk.remember(history(key, Phase.DELIVERED));
    CustomerReply reply =
        desk.ask(
            (ActorRef<CustomerReply> to) ->
                new ConversationAsk.RecordReply(
                    "in-1", Channel.EMAIL, "Yes", Optional.empty(), to));
    assertThat(reply.refusal().orElseThrow().kind()).isEqualTo(Refusal.Kind.BUSY);
    assertThat(desk.events()).noneMatch(ConversationEvent.ReplyReceived.class::isInstance);
  }
}

package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CallResult;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Fallback;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.ConversationAsk.MessageReply;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerView;
import org.parley.core.api.Intent;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;
import org.parley.core.check.ReturnTokens;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.TakeReceipt;
import org.parley.core.conversation.ConversationCommand.TakeReply;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;
import org.parley.core.conversation.ConversationEvent.AddressSuppressed;
import org.parley.core.conversation.ConversationEvent.ConsentChanged;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.ReceiptTaken;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.ReplyClassifier.Meaning;
import org.parley.core.spi.ReplyClassifier.Sentiment;

/** What comes back from carriers, and what a conversation makes of it. */
class AnswersTest {
  private static final Outcome ACCEPTED = Outcome.accepted("main", Optional.of("ref-1"));
  private static final Template TEXT =
      new Template(Optional.empty(), Optional.of("Hello"), Optional.empty());
  private static final Profile GRACE =
      new Profile(
          Optional.of("grace@example.com"),
          Optional.of("+442079460000"),
          Optional.of("Europe/London"),
          Optional.of("en-GB"),
          Map.of(),
          Desk.MORNING.minusSeconds(1));

  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  private static StepKey key(String step) {
    return new StepKey(Desk.CAMPAIGN, step);
  }

  private static Step step(String id, Channel channel, Optional<After> after) {
    Template template = channel == Channel.EMAIL ? Template.text("Hello", "Hello") : TEXT;
    return new Step(id, channel, after, template);
  }

  private static Optional<After> on(String step, Trigger trigger) {
    return Optional.of(new After(step, trigger, Duration.ofHours(1), Optional.empty()));
  }

  private static Step call(String id, Fallback fallback) {
    return new Step(id, Channel.PHONE, Optional.empty(), TEXT, Optional.of(fallback));
  }

  private void known() {
    CustomerReply known =
        desk.ask(
            (ActorRef<CustomerReply> to) ->
                new ConversationAsk.UpdateCustomer(GRACE, Optional.empty(), to));
    assertThat(known.customer()).isPresent();
    desk.pass(Duration.ofSeconds(1));
  }

  private void send(String step, Outcome outcome) {
    int before = desk.handed.size();
    desk.engage(step);
    desk.handed(before + 1).answer().accept(outcome);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
  }

  private void means(Optional<Keyword> keyword, Intent intent) {
    desk.means = text -> new Meaning(keyword, intent, 0.9, Sentiment.NEUTRAL);
  }

  private ReturnTaken write(String id, Channel channel, String text) {
    return write(id, channel, text, false);
  }

  private ReturnTaken write(String id, Channel channel, String text, boolean automatic) {
    return desk.ask(
        (ActorRef<ReturnTaken> to) ->
            new TakeReply(
                id,
                channel,
                text,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                automatic,
                false,
                to));
  }

  private ReturnTaken receipt(String step, boolean delivered) {
    AttemptId attempt = AttemptId.of(desk.customer, key(step), 1);
    return desk.ask(
        (ActorRef<ReturnTaken> to) ->
            new TakeReceipt(
                Optional.of(attempt),
                delivered,
                Optional.of("absentSubscriber"),
                "smsc",
                "4fa1",
                desk.now(),
                to));
  }

  private ReturnTaken bounce(String step, Inbound.Bounce.Kind kind) {
    return desk.ask(
        (ActorRef<ReturnTaken> to) ->
            new TakeBounce(
                kind,
                Channel.EMAIL,
                Optional.of(ReturnTokens.mark(key(step))),
                Optional.empty(),
                Optional.empty(),
                "mx",
                desk.now(),
                to));
  }

  private CustomerView customer() {
    return desk.ask(ConversationAsk.GetCustomer::new).customer().orElseThrow();
  }

  private CustomerContext.Touch touch(String step) {
    return desk.ask(ConversationAsk.GetContext::new).touches().stream()
        .filter(t -> t.key().equals(key(step)))
        .findFirst()
        .orElseThrow();
  }

  private long count(Class<? extends ConversationEvent> type) {
    return desk.events().stream().filter(type::isInstance).count();
  }

  // ---- commands

  @Test
  void stopOptsOutInTheSameBreathAndIsConfirmedOnce() {
    known();
    desk.running(Policy.NONE, step("hello", Channel.SMS, Optional.empty()));
    send("hello", ACCEPTED);
    means(Optional.of(Keyword.STOP), Intent.OTHER);
    desk.answerAtOnce(ACCEPTED);
    ReturnTaken taken = write("in-1", Channel.SMS, "STOP");
    assertThat(taken.fate()).isEqualTo(ReturnTaken.Fate.RECORDED);
    assertThat(taken.keyword()).contains(Keyword.STOP);
    assertThat(customer().consent()).containsEntry(Channel.SMS, ConsentState.OPTED_OUT);
    Desk.Handed confirmation = desk.handed(2);
    assertThat(confirmation.attempt().category()).isEqualTo(Category.TRANSACTIONAL);
    assertThat(confirmation.attempt().template().text().orElseThrow()).contains("unsubscribed");
    List<ConversationEvent> events = desk.events();
    int at = events.indexOf(desk.last(ReplyReceived.class));
    assertThat(events.get(at + 1)).isInstanceOf(ConsentChanged.class);
    assertThat(events.get(at + 2)).isInstanceOf(OutreachHeld.class);

    write("in-1", Channel.SMS, "STOP");
    write("in-2", Channel.SMS, "STOP");
    MessageReply refused =
        desk.ask(
            (ActorRef<MessageReply> to) ->
                new ConversationAsk.SendMessage(
                    "msg_1", new MessageRequest(Channel.SMS, Category.TRANSACTIONAL, TEXT), to));
    assertThat(refused.state()).contains(Communication.State.SUPPRESSED);
    assertThat(desk.handed).hasSize(2);
  }

  @Test
  void startOptsInAgain() {
    known();
    means(Optional.of(Keyword.STOP), Intent.OTHER);
    write("in-1", Channel.SMS, "STOP");
    means(Optional.of(Keyword.START), Intent.OTHER);
    write("in-2", Channel.SMS, "START");
    assertThat(customer().consent()).containsEntry(Channel.SMS, ConsentState.OPTED_IN);
  }

  @Test
  void helpIsAnsweredOnceInADay() {
    known();
    desk.answerAtOnce(ACCEPTED);
    means(Optional.of(Keyword.HELP), Intent.OTHER);
    write("in-1", Channel.SMS, "HELP");
    desk.handed(1);
    desk.pass(Duration.ofHours(23));
    write("in-2", Channel.SMS, "HELP");
    assertThat(count(OutreachHeld.class)).isEqualTo(1);
    desk.pass(Duration.ofHours(1));
    write("in-3", Channel.SMS, "HELP");
    desk.handed(2);
  }

  @Test
  void byEmailACommandIsObeyedWithoutAWord() {
    known();
    means(Optional.of(Keyword.STOP), Intent.OTHER);
    write("in-1", Channel.EMAIL, "unsubscribe");
    assertThat(customer().consent()).containsEntry(Channel.EMAIL, ConsentState.OPTED_OUT);
    assertThat(count(OutreachHeld.class)).isZero();
  }

  @Test
  void aClassifierThatFailsLosesNoAnswer() {
    desk.means =
        text -> {
          throw new IllegalStateException("no model");
        };
    assertThat(write("in-1", Channel.EMAIL, "Yes").fate()).isEqualTo(ReturnTaken.Fate.RECORDED);
    assertThat(desk.last(ReplyReceived.class).intent()).contains(Intent.OTHER);
  }

  // ---- what an answer is about

  @Test
  void anAnswerIsAboutWhatReachedThemLastAndNotAboutWhatWasPlannedLast() {
    known();
    desk.running(
        Policy.NONE, Desk.text("hello"), step("nudge", Channel.SMS, on("hello", Trigger.NO_REPLY)));
    send("hello", ACCEPTED);
    desk.pass(Duration.ofMinutes(1));
    desk.ask(
        (ActorRef<MessageReply> to) ->
            new ConversationAsk.SendMessage(
                "msg_1", new MessageRequest(Channel.SMS, Category.TRANSACTIONAL, TEXT), to));
    desk.handed(2).answer().accept(ACCEPTED);
    assertThat(write("in-1", Channel.SMS, "Thanks").fate()).isEqualTo(ReturnTaken.Fate.RECORDED);
    assertThat(desk.last(ReplyReceived.class).to()).contains(StepKey.message("msg_1"));
    desk.pass(Duration.ofDays(8));
    desk.wake("nudge");
    desk.handed(3).answer().accept(ACCEPTED);
    write("in-2", Channel.SMS, "Yes");
    assertThat(desk.last(ReplyReceived.class).to()).contains(key("nudge"));
  }

  @Test
  void whatACommandWasAnsweredWithAsksForNothing() {
    known();
    desk.running(Policy.NONE, Desk.text("hello"));
    send("hello", ACCEPTED);
    desk.pass(Duration.ofMinutes(1));
    desk.answerAtOnce(ACCEPTED);
    means(Optional.of(Keyword.HELP), Intent.OTHER);
    write("in-1", Channel.SMS, "HELP");
    desk.handed(2);
    means(Optional.empty(), Intent.OTHER);
    write("in-2", Channel.SMS, "Yes");
    assertThat(desk.last(ReplyReceived.class).to()).contains(key("hello"));
  }

  // ---- branches by intent

  @Test
  void onlyAnAnswerThatMeansItBringsABranchForward() {
    desk.running(
        Policy.NONE,
        Desk.first("hello"),
        step("info", Channel.EMAIL, on("hello", Trigger.REPLY_QUESTION)),
        step("thanks", Channel.EMAIL, on("hello", Trigger.REPLY)));
    send("hello", ACCEPTED);
    means(Optional.empty(), Intent.INTERESTED);
    write("in-1", Channel.EMAIL, "Sounds good");
    assertThat(touch("thanks").due()).contains(desk.now().plus(Duration.ofHours(1)));
    assertThat(touch("info").due()).contains(desk.now().plus(After.DEFAULT_WITHIN));
    means(Optional.empty(), Intent.QUESTION);
    write("in-2", Channel.EMAIL, "What does it cost?");
    assertThat(touch("info").due()).contains(desk.now().plus(Duration.ofHours(1)));
    ReplyReceived reply = desk.last(ReplyReceived.class);
    assertThat(reply.intent()).contains(Intent.QUESTION);
    assertThat(reply.sentiment()).contains(Sentiment.NEUTRAL);
  }

  @Test
  void aBranchThatWaitsForAnotherAnswerIsSkippedAtTheEndOfItsWait() {
    desk.running(
        Policy.NONE,
        Desk.first("hello"),
        step("info", Channel.EMAIL, on("hello", Trigger.REPLY_QUESTION)));
    send("hello", ACCEPTED);
    means(Optional.empty(), Intent.NOT_NOW);
    write("in-1", Channel.EMAIL, "Not now");
    desk.pass(After.DEFAULT_WITHIN);
    desk.wake("info");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(desk.last(StepSkipped.class).reason()).isEqualTo("otherReply");
  }

  @Test
  void aNoticeThatSomebodyIsAwayIsNoAnswer() {
    desk.running(
        Policy.NONE,
        Desk.first("hello"),
        step("nudge", Channel.EMAIL, on("hello", Trigger.NO_REPLY)),
        step("thanks", Channel.EMAIL, on("hello", Trigger.REPLY)));
    send("hello", ACCEPTED);
    means(Optional.empty(), Intent.OUT_OF_OFFICE);
    write("in-1", Channel.EMAIL, "I am away until Monday");
    assertThat(touch("thanks").due()).contains(desk.now().plus(After.DEFAULT_WITHIN));
    desk.pass(Duration.ofHours(1));
    desk.answerAtOnce(ACCEPTED);
    desk.wake("nudge");
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
  }

  // ---- handoff

  @Test
  void whileAPersonHasTheConversationCampaignsHoldAndTheirMessagesPass() {
    desk.running(Policy.NONE, Desk.first("hello"));
    desk.answerAtOnce(ACCEPTED);
    desk.ask((ActorRef<CustomerReply> to) -> new ConversationAsk.HandOff("an invoice", to));
    desk.ask((ActorRef<CustomerReply> to) -> new ConversationAsk.HandOff("again", to));
    desk.engage("hello");
    assertThat(desk.verdict()).isEqualTo(Kind.HELD);
    assertThat(touch("hello").reason()).contains("handoff");
    assertThat(customer().handedOff().orElseThrow().reason()).isEqualTo("an invoice");
    MessageReply answer =
        desk.ask(
            (ActorRef<MessageReply> to) ->
                new ConversationAsk.SendMessage(
                    "msg_1",
                    new MessageRequest(
                        Channel.EMAIL,
                        Category.MARKETING,
                        Template.text("Your invoice", "Here it is")),
                    to));
    assertThat(answer.state()).contains(Communication.State.SENDING);
    desk.handed(1);

    CustomerReply released =
        desk.ask((ActorRef<CustomerReply> to) -> new ConversationAsk.Release(to));
    assertThat(released.customer().orElseThrow().handedOff()).isEmpty();
    assertThat(desk.last(OutreachHeld.class).until()).isEqualTo(desk.now());
    assertThat(desk.handed(2).attempt().key()).isEqualTo(key("hello"));
  }

  // ---- receipts and bounces

  @Test
  void aReceiptClearsADoubt() {
    known();
    desk.running(
        Policy.NONE,
        step("hello", Channel.SMS, Optional.empty()),
        step("more", Channel.SMS, on("hello", Trigger.DELIVERED)));
    send("hello", Outcome.unknown("noOutcome"));
    assertThat(touch("hello").state()).isEqualTo("unknown");
    receipt("hello", true);
    receipt("hello", true);
    receipt("hello", false);
    assertThat(touch("hello").state()).isEqualTo("delivered");
    assertThat(touch("more").state()).isEqualTo("scheduled");
    assertThat(count(ReceiptTaken.class)).isEqualTo(1);
  }

  @Test
  void aReceiptThatSaysFailedFallsBackAndDropsWhatWasPlanned() {
    known();
    Fallback mail =
        new Fallback(
            Optional.of(Channel.EMAIL), Optional.of(Template.text("Hi", "Hi")), Optional.empty());
    desk.running(
        Policy.NONE,
        new Step("hello", Channel.SMS, Optional.empty(), TEXT, Optional.of(mail)),
        step("nudge", Channel.SMS, on("hello", Trigger.NO_REPLY)));
    send("hello", ACCEPTED);
    assertThat(receipt("hello", false).fate()).isEqualTo(ReturnTaken.Fate.RECORDED);
    receipt("hello", false);
    assertThat(touch("hello").state()).isEqualTo("failed");
    assertThat(touch("hello").reason()).contains("absentSubscriber");
    assertThat(touch("nudge").state()).isEqualTo("skipped");
    assertThat(touch("hello.fallback").state()).isEqualTo("scheduled");
    assertThat(count(ReceiptTaken.class)).isEqualTo(1);
    StepScheduled fallback = desk.last(StepScheduled.class);
    assertThat(fallback.move())
        .contains(
            new ConversationEvent.Move(
                Standing.DELIVERED,
                Standing.FAILED,
                0,
                Optional.empty(),
                Optional.of("absentSubscriber")));
    // The message was at the carrier, so caps go on counting it.
    assertThat(desk.ask(ConversationAsk.GetContext::new).marketingContacts()).hasSize(1);
    desk.wake("hello.fallback");
    Desk.Handed sent = desk.handed(2);
    assertThat(sent.attempt().channel()).isEqualTo(Channel.EMAIL);
    sent.answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(touch("nudge").state()).as("the mail has reached them").isEqualTo("scheduled");
    assertThat(desk.last(StepScheduled.class).was()).contains(Communication.State.SKIPPED);
  }

  @Test
  void aFallbackThatDoesNotArriveDropsWhatWasPlannedAfterIt() {
    known();
    Fallback mail =
        new Fallback(
            Optional.of(Channel.EMAIL), Optional.of(Template.text("Hi", "Hi")), Optional.empty());
    desk.running(
        Policy.NONE,
        new Step("hello", Channel.SMS, Optional.empty(), TEXT, Optional.of(mail)),
        step("nudge", Channel.SMS, on("hello", Trigger.NO_REPLY)));
    send("hello", Outcome.rejected("main", "unknownSubscriber", ""));
    desk.wake("hello.fallback");
    desk.handed(2).answer().accept(ACCEPTED);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(touch("nudge").state()).isEqualTo("scheduled");
    bounce("hello.fallback", Inbound.Bounce.Kind.HARD);
    assertThat(touch("nudge").state()).as("nothing has reached them").isEqualTo("skipped");
  }

  @Test
  void whoAnswersWhileTheReminderWaitsForAPlaceIsNotReminded() {
    known();
    desk.running(
        Policy.NONE,
        Desk.first("hello"),
        step("nudge", Channel.SMS, on("hello", Trigger.NO_REPLY)));
    send("hello", ACCEPTED);
    desk.pass(Duration.ofDays(8));
    while (desk.places.tryTake(Category.TRANSACTIONAL)) {
      assertThat(desk.places.taken()).isPositive();
    }
    desk.wake("nudge");
    Awaitility.await("it waits").until(() -> desk.places.waiting() == 1);
    write("reply-1", Channel.EMAIL, "Thank you");
    desk.places.release();
    desk.places.release();
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    assertThat(touch("nudge").reason()).contains("replied");
    assertThat(desk.handed).hasSize(1);
  }

  @Test
  void whatACampaignGoesByIsKeptHoweverManyMessagesFollow() {
    known();
    desk.running(
        Policy.NONE,
        Desk.first("hello"),
        step("nudge", Channel.SMS, on("hello", Trigger.NO_REPLY)));
    send("hello", ACCEPTED);
    write("reply-1", Channel.EMAIL, "Thank you");
    List<ConversationEvent> events = new ArrayList<>(desk.events());
    for (int i = 0; i <= ConversationState.MAX_OVER; i++) {
      events.add(
          new OutreachRefused(
              StepKey.message("msg_" + i),
              Channel.SMS,
              "noAddress",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              desk.now()));
    }
    desk.remember(events);
    desk.pass(Duration.ofDays(8));
    desk.wake("nudge");
    assertThat(desk.verdict()).isEqualTo(Kind.REFUSED);
    StepSkipped skipped = desk.last(StepSkipped.class);
    assertThat(skipped.reason()).isEqualTo("replied");
    assertThat(skipped.move().orElseThrow().from()).isEqualTo(Standing.DELIVERED);
  }

  @Test
  void aReceiptThatIsFasterThanTheOutcomeSettlesTheAttempt() {
    known();
    desk.running(Policy.NONE, step("hello", Channel.SMS, Optional.empty()));
    desk.engage("hello");
    Desk.Handed handed = desk.handed(1);
    receipt("hello", true);
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    handed.answer().accept(ACCEPTED);
    Awaitility.await("the place goes back").until(() -> desk.places.taken() == 0);
    assertThat(count(OutreachSettled.class)).isZero();
  }

  @Test
  void aReceiptForAnAttemptOfSomebodyElseIsUnmatched() {
    assertThat(receipt("hello", true).fate()).isEqualTo(ReturnTaken.Fate.UNMATCHED);
    assertThat(desk.events()).isEmpty();
  }

  @Test
  void aHardBounceSuppressesTheAddressUntilThereIsAnother() {
    desk.running(Policy.NONE, Desk.first("hello"), Desk.first("more"));
    send("hello", ACCEPTED);
    bounce("hello", Inbound.Bounce.Kind.SOFT);
    assertThat(count(AddressSuppressed.class)).isZero();
    bounce("hello", Inbound.Bounce.Kind.HARD);
    bounce("hello", Inbound.Bounce.Kind.HARD);
    assertThat(count(AddressSuppressed.class)).isEqualTo(1);
    assertThat(touch("hello").reason()).contains("hardBounce");
    MessageRequest receipt =
        new MessageRequest(
            Channel.EMAIL, Category.TRANSACTIONAL, Template.text("Receipt", "Thank you"));
    MessageReply refused =
        desk.ask((ActorRef<MessageReply> to) -> new ConversationAsk.SendMessage("m1", receipt, to));
    assertThat(refused.reason()).contains("addressSuppressed");
    known();
    MessageReply sent =
        desk.ask((ActorRef<MessageReply> to) -> new ConversationAsk.SendMessage("m2", receipt, to));
    assertThat(sent.state()).contains(Communication.State.SENDING);
  }

  @Test
  void aComplaintOptsOutAndFallsBackToNothing() {
    known();
    Fallback text = new Fallback(Optional.of(Channel.SMS), Optional.of(TEXT), Optional.empty());
    desk.running(
        Policy.NONE,
        new Step(
            "hello",
            Channel.EMAIL,
            Optional.empty(),
            Template.text("Hi", "Hi"),
            Optional.of(text)));
    send("hello", ACCEPTED);
    bounce("hello", Inbound.Bounce.Kind.COMPLAINT);
    bounce("hello", Inbound.Bounce.Kind.COMPLAINT);
    assertThat(customer().consent()).containsEntry(Channel.EMAIL, ConsentState.OPTED_OUT);
    assertThat(touch("hello").state()).isEqualTo("failed");
    assertThat(count(StepScheduled.class)).isZero();
    assertThat(count(ConsentChanged.class)).isEqualTo(1);
  }

  // ---- calls

  private static Outcome pressed(String digits) {
    return Outcome.answered(
        "sip",
        "call-1",
        new CallResult(Duration.ofSeconds(20), digits, CallResult.EndedBy.CUSTOMER));
  }

  @Test
  void aOneIsAnAnswerThatSaysInterested() {
    known();
    desk.running(
        Policy.NONE,
        step("call", Channel.PHONE, Optional.empty()),
        step("link", Channel.SMS, on("call", Trigger.REPLY_INTERESTED)),
        step("nudge", Channel.SMS, on("call", Trigger.NO_REPLY)));
    send("call", pressed("*314"));
    assertThat(desk.last(ReplyReceived.class).intent()).contains(Intent.INTERESTED);
    assertThat(touch("link").due()).contains(desk.now().plus(Duration.ofHours(1)));
    assertThat(desk.events())
        .noneMatch(e -> e instanceof StepScheduled s && s.key().equals(key("nudge")));
    assertThat(customer().preferredChannel()).contains(Channel.PHONE);
  }

  @Test
  void aTwoIsCalledOnceMore() {
    known();
    desk.running(Policy.NONE, step("call", Channel.PHONE, Optional.empty()));
    send("call", pressed("2"));
    Instant due = desk.now().plus(Fallback.DEFAULT_CALLBACK);
    assertThat(touch("call.callback").due()).contains(due);
    desk.pass(Fallback.DEFAULT_CALLBACK);
    desk.answerAtOnce(pressed("2"));
    desk.wake("call.callback");
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.handed).hasSize(2);
    assertThat(count(StepScheduled.class)).isEqualTo(1);
  }

  @Test
  void aNineOptsOutOfCalls() {
    known();
    desk.running(Policy.NONE, step("call", Channel.PHONE, Optional.empty()));
    send("call", pressed("91"));
    assertThat(customer().consent()).containsEntry(Channel.PHONE, ConsentState.OPTED_OUT);
    assertThat(count(ReplyReceived.class)).isZero();
  }

  @Test
  void aCallThatFailsIsPlacedOnceMoreWithinTheRules() {
    known();
    Duration later = Duration.ofHours(2);
    desk.running(
        Policy.NONE,
        call("call", new Fallback(Optional.empty(), Optional.empty(), Optional.of(later))),
        step("thanks", Channel.SMS, on("call", Trigger.DELIVERED)));
    send("call", Outcome.rejected("sip", "busy", "486"));
    assertThat(touch("call.callback").due()).contains(desk.now().plus(later));
    desk.pass(later);
    desk.answerAtOnce(pressed(""));
    desk.wake("call.callback");
    assertThat(desk.verdict()).isEqualTo(Kind.SETTLED);
    assertThat(desk.handed(2).attempt().channel()).isEqualTo(Channel.PHONE);
    assertThat(touch("thanks").state()).isEqualTo("scheduled");
  }

  @Test
  void aCallThatFailsFallsBackToATextWhichIsPreferredFromThenOn() {
    known();
    Fallback text = new Fallback(Optional.of(Channel.SMS), Optional.of(TEXT), Optional.empty());
    desk.running(Policy.NONE, call("call", text));
    long version = customer().version();
    send("call", Outcome.rejected("sip", "noAnswer", "480"));
    assertThat(touch("call.fallback").due()).contains(desk.now());
    assertThat(customer().preferredChannel()).contains(Channel.SMS);
    assertThat(customer().version()).isGreaterThan(version);
  }
}

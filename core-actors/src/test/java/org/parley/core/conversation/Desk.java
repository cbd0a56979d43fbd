package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.JournalOperation;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.ProcessingPolicy;
import org.apache.pekko.persistence.testkit.ProcessingResult;
import org.apache.pekko.persistence.testkit.ProcessingSuccess;
import org.apache.pekko.persistence.testkit.StorageFailure;
import org.apache.pekko.persistence.testkit.WriteEvents;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.awaitility.Awaitility;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.ConversationAsk.MessageReply;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Intent;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.core.conversation.ConversationCommand.Engage;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.conversation.ConversationCommand.Wake;
import org.parley.core.delivery.Courier;
import org.parley.core.delivery.OptOuts;
import org.parley.core.policy.PolicySettings;
import org.parley.core.policy.Rules;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Places;
import org.parley.core.spi.ReplyClassifier.Meaning;
import org.parley.core.spi.ReplyClassifier.Sentiment;

/** One customer's conversation with everything around it real but the journal and the carrier. */
final class Desk implements AutoCloseable {
  static final String CAMPAIGN = "cmp_spring";
  static final long EPOCH = 7;
  static final Instant MORNING = Instant.parse("2026-11-24T10:00:00Z");
  static final Profile ADA =
      new Profile(
          Optional.of("ada@example.com"),
          Optional.empty(),
          Optional.of("Europe/London"),
          Optional.empty(),
          Map.of("firstName", "Ada"),
          MORNING.minusSeconds(60));

  private static final MessageRequest RECEIPT =
      new MessageRequest(
          Channel.EMAIL, Category.TRANSACTIONAL, Template.text("Your receipt", "Thank you"));

  /** An attempt at the carrier, and how to answer it. */
  record Handed(Attempt attempt, Consumer<Outcome> answer) {}

  final List<Handed> handed = new CopyOnWriteArrayList<>();
  final Places places = new Places(4, 25, 8);

  /** Those of text messages, which are the same until a test says otherwise. */
  volatile Places textPlaces = places;

  final AtomicInteger lostWrites = new AtomicInteger();
  final CustomerKey customer = CustomerKey.of("ada-" + System.nanoTime());
  TestProbe<Verdict> verdicts;
  private final ActorTestKit kit;
  private final PersistenceTestKit journal;
  private final AtomicReference<Instant> now = new AtomicReference<>(MORNING);
  // Where it begins means nothing, so it begins where it soon wraps around.
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);
  private final AtomicLong awakeNanos = new AtomicLong(Long.MAX_VALUE - 2_000_000_000L);
  private final Map<String, CampaignView> campaigns = new ConcurrentHashMap<>();
  private final ConversationParts parts;
  private final CampaignBook book;
  private volatile Optional<Outcome> atOnce = Optional.empty();

  /** What texts mean; nothing in particular until a test says so. */
  volatile Function<String, Meaning> means =
      text -> new Meaning(Optional.empty(), Intent.OTHER, 1, Sentiment.NEUTRAL);

  /** Whether the journal does not say how far it goes, and does not fail either. */
  volatile boolean journalStands;

  private volatile ActorRef<ConversationMessage> conversation;

  Desk() {
    kit =
        ActorTestKit.create(
            PersistenceTestKitPlugin.getInstance()
                .config()
                .withFallback(
                    ConfigFactory.parseString("pekko.persistence.testkit.events.serialize = off"))
                .withFallback(ConfigFactory.load()));
    journal = PersistenceTestKit.create(kit.system());
    verdicts = kit.createTestProbe(Verdict.class);
    InstantSource clock = this::now;
    book =
        new CampaignBook(
            id -> CompletableFuture.completedFuture(Optional.ofNullable(campaigns.get(id))), clock);
    parts =
        new ConversationParts(
            new ConversationSettings(
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMinutes(7),
                Duration.ofMinutes(6),
                List.of(Duration.ofSeconds(5), Duration.ofSeconds(30)),
                1,
                2,
                0),
            new Rules(new PolicySettings(Optional.empty(), ZoneId.of("UTC"), false)),
            book,
            id ->
                journalStands
                    ? new CompletableFuture<>()
                    : CompletableFuture.completedFuture(
                        (long) journal.persistedInStorage(id).size()),
            Map.of(
                Channel.EMAIL, pool(Channel.EMAIL),
                Channel.SMS, pool(Channel.SMS),
                Channel.PHONE, pool(Channel.PHONE)),
            new Courier(
                kit::spawn,
                (to, message) -> conversation.tell(message),
                Duration.ofSeconds(10),
                nanos::get),
            new OptOuts(),
            new UnsubscribeTokens(new byte[32]),
            ReplySettings.from(ConfigFactory.load()),
            (text, channel, locale) -> means.apply(text),
            id -> {},
            EPOCH,
            clock,
            nanos::get,
            awakeNanos::get,
            ConversationParts.whole(kit.system().settings().config()));
    conversation = start();
  }

  private AgentPool pool(Channel channel) {
    return new AgentPool() {
      @Override
      public Channel channel() {
        return channel;
      }

      @Override
      public Places places() {
        return channel == Channel.SMS ? textPlaces : places;
      }

      @Override
      public void deliver(Attempt attempt, Consumer<Outcome> whenSettled) {
        handed.add(new Handed(attempt, whenSettled));
        atOnce.ifPresent(whenSettled);
      }
    };
  }

  private ActorRef<ConversationMessage> start() {
    return kit.spawn(
        Conversation.create(
            customer, PersistenceId.of("conversation", customer.entityId()), parts));
  }

  /** Warms this node up. */
  void warmUp(Duration limit) {
    WarmUp.run(kit.system(), "default", parts, limit);
  }

  /** The journal's reads and writes for whom a name is part of, from now on. */
  List<JournalOperation> operationsOf(String name) {
    List<JournalOperation> operations = new CopyOnWriteArrayList<>();
    journal.withPolicy(
        new ProcessingPolicy<JournalOperation>() {
          @Override
          public ProcessingResult tryProcess(String id, JournalOperation operation) {
            if (id.contains(name)) operations.add(operation);
            return ProcessingSuccess.getInstance();
          }
        });
    return operations;
  }

  /** Kills the conversation; the next one has only the journal. */
  void crash() {
    askAsSomebodyElse(); // nobody hears its last words
    putAside();
  }

  /** From now on a run or scanner that began anew asks. */
  void askAsSomebodyElse() {
    verdicts = kit.createTestProbe(Verdict.class);
  }

  /** Stops the conversation as passivation does, and starts it again. */
  void putAside() {
    kit.stop(conversation);
    conversation = start();
  }

  /** Puts other events on disk in place of all there were, and starts from them. */
  void remember(List<? extends ConversationEvent> events) {
    kit.stop(conversation);
    journal.clearByPersistenceId("conversation|" + customer.entityId());
    journal.persistForRecovery("conversation|" + customer.entityId(), List.<Object>copyOf(events));
    conversation = start();
  }

  /** An incarnation that was given up writes after this one has read. */
  void writtenLate(ConversationEvent event) {
    journal.persistForRecovery("conversation|" + customer.entityId(), List.<Object>of(event));
  }

  /** Waits until the conversation has ended by itself. */
  void awaitEnd() {
    kit.createTestProbe().expectTerminated(conversation);
  }

  /** Has the carrier answer each attempt at once from now on. */
  void answerAtOnce(Outcome outcome) {
    atOnce = Optional.of(outcome);
  }

  Instant now() {
    return Objects.requireNonNull(now.get());
  }

  void pass(Duration time) {
    standStill(time);
    awakeNanos.addAndGet(time.toNanos());
  }

  /** Time passes in which the node does not run. */
  void standStill(Duration time) {
    now.set(now().plus(time));
    nanos.addAndGet(time.toNanos());
  }

  /** Somebody sets the clock: no time has passed. */
  void step(Duration by) {
    now.set(now().plus(by));
  }

  /** How long an attempt may still start on the wire, by the clock that nobody sets. */
  Duration left(Attempt attempt) {
    return Duration.ofNanos(attempt.deadlineNanos() - nanos.get());
  }

  /** A marketing campaign of these steps, running. */
  void running(Policy policy, Step... steps) {
    put(CAMPAIGN, CampaignStatus.RUNNING, policy, Schedule.NOW, 2, steps);
  }

  void put(
      String id,
      CampaignStatus status,
      Policy policy,
      Schedule schedule,
      long version,
      Step... steps) {
    CampaignView campaign =
        new CampaignView(
            id,
            version,
            status,
            new CampaignDefinition(
                "Spring", "aud_1", Category.MARKETING, List.of(steps), schedule, policy),
            Optional.of(1L),
            MORNING,
            Optional.of(MORNING),
            Optional.empty());
    campaigns.put(id, campaign);
    book.tell(campaign);
  }

  static Step first(String id) {
    return new Step(id, Channel.EMAIL, Optional.empty(), Template.text("Hello", "Hello"));
  }

  static Step text(String id) {
    Template text = new Template(Optional.empty(), Optional.of("Hello"), Optional.empty());
    return new Step(id, Channel.SMS, Optional.empty(), text);
  }

  static Step after(String id, After after) {
    return new Step(id, Channel.EMAIL, Optional.of(after), Template.text("Again", "Again"));
  }

  void tell(ConversationMessage message) {
    conversation.tell(message);
  }

  <R> R ask(Function<ActorRef<R>, ConversationMessage> message) {
    return asked(message).receiveMessage();
  }

  /** Asks, and leaves the answer to whoever waits for it. */
  <R> TestProbe<R> asked(Function<ActorRef<R>, ConversationMessage> message) {
    TestProbe<R> probe = kit.createTestProbe();
    conversation.tell(message.apply(probe.ref()));
    return probe;
  }

  CustomerContext context() {
    return ask(ConversationAsk.GetContext::new);
  }

  /** Has the customer known, by what Ada is. */
  void knowAda() {
    know(ADA);
  }

  void know(Profile profile) {
    CustomerReply reply = update(profile, Optional.empty());
    assertThat(reply.customer().orElseThrow().version()).isEqualTo(1);
  }

  /** Opts the customer out of mail. */
  void optOut() {
    CustomerReply reply =
        ask(
            replyTo ->
                new ConversationAsk.ChangeConsent(
                    Map.of(Channel.EMAIL, ConsentState.OPTED_OUT),
                    "test",
                    Optional.empty(),
                    replyTo));
    assertThat(reply.refusal()).isEmpty();
  }

  /** Sends them a receipt. */
  MessageReply send() {
    return send("msg_1");
  }

  MessageReply send(String messageId) {
    return ask(
        (ActorRef<MessageReply> replyTo) ->
            new ConversationAsk.SendMessage(messageId, RECEIPT, replyTo));
  }

  /** Tells what is known of them. */
  CustomerReply update(Profile profile, Optional<Long> ifVersion) {
    return ask(
        (ActorRef<CustomerReply> replyTo) ->
            new ConversationAsk.UpdateCustomer(profile, ifVersion, replyTo));
  }

  void engage(String campaignId, String step) {
    tell(new Engage(new StepKey(campaignId, step), ADA, 1, verdicts.ref()));
  }

  void engage(String step) {
    engage(CAMPAIGN, step);
  }

  void wake(String step) {
    tell(new Wake(new StepKey(CAMPAIGN, step), verdicts.ref()));
  }

  Verdict.Kind verdict() {
    return verdicts.receiveMessage().kind();
  }

  /** Waits until the carrier has got so many attempts in all; the latest of them. */
  Handed handed(int count) {
    Awaitility.await("attempt " + count).until(() -> handed.size() >= count);
    return handed.get(count - 1);
  }

  /** What is on disk. */
  List<ConversationEvent> events() {
    List<ConversationEvent> out = new ArrayList<>();
    for (Object event : journal.persistedInStorage("conversation|" + customer.entityId())) {
      out.add((ConversationEvent) event);
    }
    return out;
  }

  <E extends ConversationEvent> E last(Class<E> type) {
    List<ConversationEvent> all = events();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (type.isInstance(all.get(i))) return type.cast(all.get(i));
    }
    throw new AssertionError("no " + type.getSimpleName() + " among " + all);
  }

  /** Writing to the journal takes so long from now on. */
  void writeSlowly(Duration time) {
    journal.withPolicy(
        new ProcessingPolicy<JournalOperation>() {
          @Override
          public ProcessingResult tryProcess(String id, JournalOperation operation) {
            if (operation instanceof WriteEvents) pass(time);
            return ProcessingSuccess.getInstance();
          }
        });
  }

  /** From now on the journal neither writes nor reads. */
  void loseJournal() {
    journal.withPolicy(
        new ProcessingPolicy<JournalOperation>() {
          @Override
          public ProcessingResult tryProcess(String id, JournalOperation operation) {
            if (operation instanceof WriteEvents) lostWrites.incrementAndGet();
            return new StorageFailure(new IllegalStateException("away"));
          }
        });
  }

  void failNextPersist() {
    journal.failNextPersisted("conversation|" + customer.entityId());
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }
}

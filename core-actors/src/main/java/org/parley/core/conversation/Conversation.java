package org.parley.core.conversation;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EffectBuilder;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.Recovery;
import org.apache.pekko.persistence.typed.javadsl.ReplyEffect;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.campaign.CampaignBook.Lookup;
import org.parley.core.conversation.ConversationCommand.DefinitionReady;
import org.parley.core.conversation.ConversationCommand.Engage;
import org.parley.core.conversation.ConversationCommand.Foresee;
import org.parley.core.conversation.ConversationCommand.Foreseen;
import org.parley.core.conversation.ConversationCommand.Knows;
import org.parley.core.conversation.ConversationCommand.LookAgain;
import org.parley.core.conversation.ConversationCommand.Looked;
import org.parley.core.conversation.ConversationCommand.PlaceOffered;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.Settle;
import org.parley.core.conversation.ConversationCommand.Settled;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.conversation.ConversationCommand.Wake;
import org.parley.core.conversation.ConversationEvent.ConsentChanged;
import org.parley.core.conversation.ConversationEvent.CustomerUpdated;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.conversation.Touch.Phase;
import org.parley.core.policy.Decision;
import org.parley.core.policy.Rules;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.ShardTypes;

/**
 * The one live conversation with a customer: every decision to contact them is made durable here.
 */
public final class Conversation
    extends EventSourcedBehaviorWithEnforcedReplies<
        ConversationMessage, ConversationEvent, ConversationState> {

  public static final EntityTypeKey<ConversationMessage> TYPE =
      EntityTypeKey.create(ConversationMessage.class, ShardTypes.CONVERSATION);

  /** Touches of one customer that may be planned or under way before another message is taken. */
  static final int MAX_UNFINISHED = 1_000;

  /** For how long a timer in memory stands in for a row of due work. */
  private static final Duration LONGEST_TIMER = Duration.ofMinutes(1);

  private final ActorContext<ConversationMessage> context;
  private final CustomerKey customer;
  private final ConversationParts parts;
  private final Freshness freshness;

  // What this incarnation knows beside its state; null most of the time, for there are many of us.
  private @Nullable Underway underway;

  /** The behaviour of one customer's conversation. */
  public static Behavior<ConversationMessage> create(
      CustomerKey customer, PersistenceId id, ConversationParts parts) {
    return Behaviors.setup(context -> new Conversation(context, customer, id, parts));
  }

  private Conversation(
      ActorContext<ConversationMessage> context,
      CustomerKey customer,
      PersistenceId id,
      ConversationParts parts) {
    super(
        id,
        // Pekko's own line would name the persistence id, and so the customer; the journal says
        // why.
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2)
            .withLoggingEnabled(false));
    this.context = context;
    this.customer = customer;
    this.parts = parts;
    this.freshness = new Freshness(context, parts, id.id());
  }

  @Override
  public ConversationState emptyState() {
    return ConversationState.EMPTY;
  }

  @Override
  public EventHandler<ConversationState, ConversationEvent> eventHandler() {
    return ConversationState::after;
  }

  @Override
  public CommandHandlerWithReply<ConversationMessage, ConversationEvent, ConversationState>
      commandHandler() {
    return this::on;
  }

  @Override
  public Recovery recovery() {
    return parts.settings().snapshotEvery() > 0
        ? Recovery.withSnapshotSelectionCriteria(SnapshotSelectionCriteria.latest())
        : Recovery.withSnapshotSelectionCriteria(SnapshotSelectionCriteria.none());
  }

  @Override
  public Optional<Config> journalPluginConfig() {
    return Optional.of(parts.journalConfig());
  }

  @Override
  public Optional<Config> snapshotPluginConfig() {
    return Optional.of(parts.journalConfig());
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    int every = parts.settings().snapshotEvery();
    return every > 0 ? RetentionCriteria.snapshotEvery(every, 2) : RetentionCriteria.disabled();
  }

  @Override
  public SignalHandler<ConversationState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), state -> freshness.read())
        // Not only when it is back: one that is stopped before it is back hears nothing more.
        .onSignal(PreRestart.instance(), state -> forget())
        .onSignal(PostStop.instance(), state -> forget())
        .build();
  }

  private void forget() {
    if (underway != null) underway.forget();
    underway = null;
  }

  private Underway underway() {
    if (underway == null) underway = new Underway(customer);
    return underway;
  }

  private ReplyEffect<ConversationEvent, ConversationState> on(
      ConversationState state, ConversationMessage message) {
    if (message instanceof Engage ask) return engage(state, ask, null);
    if (message instanceof Settle told) return settle(state, told, null);
    if (message instanceof PlaceOffered offer) return placeOffered(state, offer);
    if (message instanceof Wake ask) return wake(state, ask, null);
    if (message instanceof DefinitionReady ready) return definitionReady(state, ready);
    if (message instanceof LookAgain look) return lookAgain(state, look);
    if (message instanceof Looked<?> looked) return looked(looked);
    if (message instanceof ConversationAsk.GetContext ask) {
      return show(ask.replyTo(), Views.context(customer, state, parts.clock().instant()));
    }
    if (message instanceof ConversationAsk.GetCustomer ask) {
      return show(ask.replyTo(), Views.reply(customer, state));
    }
    if (message instanceof ConversationAsk.UpdateCustomer ask) return update(state, ask);
    if (message instanceof ConversationAsk.ChangeConsent ask) return consent(state, ask);
    if (message instanceof ConversationAsk.SendMessage ask) return sendMessage(state, ask);
    if (message instanceof ConversationAsk.RecordReply ask) return reply(state, ask, null);
    if (message instanceof Foresee ask) return foresee(state, ask, null);
    if (message instanceof Returned told) return returned(state, told, null);
    if (message instanceof Knows ask) {
      return answer(ask.replyTo(), Returns.knows(customer, state, ask.attempt()));
    }
    if (message instanceof ConversationAsk.HandOff ask) {
      Instant now = parts.clock().instant();
      return handoff(state, Handoffs.begin(state, ask.reason(), now), ask.replyTo());
    }
    if (message instanceof ConversationAsk.Release ask) {
      return handoff(state, Handoffs.end(state, parts.clock().instant()), ask.replyTo());
    }
    return Effect().noReply();
  }

  // ---- the way to a grant

  private ReplyEffect<ConversationEvent, ConversationState> engage(
      ConversationState state, Engage ask, @Nullable Lookup found) {
    Waiter waiter = new Waiter(ask.key(), ask.position(), ask.replyTo());
    Optional<Touch> touch = state.touch(ask.key());
    if (touch.isPresent()) return askedAgain(state, touch.get(), waiter);
    CampaignView campaign = campaign(ask.key(), found);
    if (campaign == null) {
      return found == null ? load(ask, ask.key()) : verdict(waiter, Verdict.Kind.BUSY);
    }
    Wish wish = Wish.ofStep(campaign, ask.key(), newer(state, ask.profile()), waiter);
    return consider(state, wish, ask, campaign.status());
  }

  private ReplyEffect<ConversationEvent, ConversationState> wake(
      ConversationState state, Wake ask, @Nullable Lookup found) {
    Waiter waiter = new Waiter(ask.key(), 0, ask.replyTo());
    Optional<Touch> known = state.touch(ask.key());
    if (known.isEmpty()) return behind(waiter);
    Touch touch = known.get();
    if (touch.phase().isOver() || touch.phase() == Phase.GRANTED) {
      return askedAgain(state, touch, waiter);
    }
    Instant now = parts.clock().instant();
    if (ask.key().isMessage()) {
      if (touch.until().filter(now::isBefore).isPresent()) {
        return tooEarly(ask, Duration.between(now, touch.until().get()));
      }
      Wish wish = Wish.ofMessage(ask.key(), touch.message().orElseThrow(), waiter);
      return consider(state, wish, ask, CampaignStatus.RUNNING);
    }
    CampaignView campaign = campaign(ask.key(), found);
    if (campaign == null) {
      return found == null ? load(ask, ask.key()) : verdict(waiter, Verdict.Kind.BUSY);
    }
    // All that waits for a cancelled campaign is woken at once, whenever it was due.
    boolean cancelled = isCancelled(campaign.status());
    if (!cancelled && touch.until().filter(now::isBefore).isPresent()) {
      return tooEarly(ask, Duration.between(now, touch.until().get()));
    }
    Optional<String> skip = NextStep.skip(campaign.definition(), state, touch);
    if (skip.isPresent() && !cancelled) {
      // What may have reached them once is not called skipped.
      ConversationEvent end =
          touch.inDoubt() > 0
              ? Settlement.inDoubt(touch, skip.get(), now)
              : new StepSkipped(
                  ask.key(), touch.channel(), skip.get(), touch.seen(), Optional.empty(), now);
      return persist(state, ask.key(), List.of(end))
          .thenReply(waiter.replyTo(), s -> waiter.verdict(customer, Verdict.Kind.REFUSED));
    }
    Wish wish = Wish.ofStep(campaign, ask.key(), Optional.empty(), waiter);
    return consider(state, wish, ask, campaign.status());
  }

  /**
   * A row of due work is about a touch that is not known. Rows follow the journal, so it knows more
   * than this incarnation: a write that was thought lost came to be later. The next one knows it.
   */
  private ReplyEffect<ConversationEvent, ConversationState> behind(Waiter waiter) {
    return Effect()
        .stop()
        .thenReply(waiter.replyTo(), s -> waiter.verdict(customer, Verdict.Kind.BUSY));
  }

  /**
   * Woken by a node whose clock is ahead of ours: its row must stay, for nothing else wakes us. A
   * short time is waited for here, else every timer would be late by the lease of its row.
   */
  private ReplyEffect<ConversationEvent, ConversationState> tooEarly(Wake ask, Duration left) {
    if (left.compareTo(LONGEST_TIMER) > 0) {
      return verdict(new Waiter(ask.key(), 0, ask.replyTo()), Verdict.Kind.BUSY);
    }
    context.scheduleOnce(left, context.getSelf(), ask);
    return Effect().noReply();
  }

  /** The touch is known: the same answer as before, or once there is one. */
  private ReplyEffect<ConversationEvent, ConversationState> askedAgain(
      ConversationState state, Touch touch, Waiter waiter) {
    return switch (touch.phase()) {
      case SCHEDULED, AWAITING_REPLY, HELD -> verdict(waiter, Verdict.Kind.HELD);
      case SUPPRESSED, SKIPPED -> verdict(waiter, Verdict.Kind.REFUSED);
      case DELIVERED, FAILED, UNKNOWN -> verdict(waiter, Verdict.Kind.SETTLED);
      case GRANTED -> {
        underway().waitsToo(waiter);
        yield lookAfter(state, touch);
      }
    };
  }

  private ReplyEffect<ConversationEvent, ConversationState> consider(
      ConversationState state, Wish wish, ConversationMessage ask, CampaignStatus status) {
    AgentPool pool = parts.pools().get(wish.channel());
    boolean comesAgain = ask instanceof Wake && pool != null && pool.isShut();
    boolean stopped = status == CampaignStatus.PAUSED || isCancelled(status);
    if (underway != null) {
      if (comesAgain || stopped) underway.seeksNoMore(wish.key());
      else if (underway.seeksOn(wish.waiter(), ask)) return Effect().noReply();
    }
    if (status == CampaignStatus.PAUSED) return verdict(wish.waiter(), Verdict.Kind.PAUSED);
    if (stopped) return refuse(state, wish, "campaignCancelled").thenNoReply();
    Optional<Touch> open = state.open();
    if (open.isPresent()) {
      // One attempt at a time, so that the order on the wire is the order of grants.
      return underway().park(ask, parts.settings().maxParked())
          ? lookAfter(state, open.get())
          : verdict(wish.waiter(), Verdict.Kind.BUSY);
    }
    Decision decision = judge(state, wish);
    if (!(decision instanceof Decision.Send) || pool == null) {
      return notNow(state, wish, decision).thenNoReply();
    }
    boolean placed = underway != null && underway.takeInHand(pool.places());
    if (placed || pool.places().tryTake(wish.category())) {
      return grant(state, wish, pool).thenNoReply();
    }
    return comesAgain ? withoutCarrier(state, wish).thenNoReply() : seek(wish, ask, pool);
  }

  private ReplyEffect<ConversationEvent, ConversationState> seek(
      Wish wish, ConversationMessage ask, AgentPool pool) {
    if (underway().seeking() >= parts.settings().maxParked()) {
      return verdict(wish.waiter(), Verdict.Kind.BUSY);
    }
    ActorRef<ConversationMessage> self = context.getSelf();
    Optional<PlaceRequest> started =
        PlaceRequest.start(
            pool.places(), wish.category(), offered -> self.tell(new PlaceOffered(offered)));
    if (started.isEmpty()) return verdict(wish.waiter(), Verdict.Kind.BUSY);
    underway().seeks(started.get(), wish.waiter(), ask);
    return Effect().noReply();
  }

  /**
   * All is looked at anew: since it was asked the customer may have answered, another attempt may
   * have left, and its campaign may have ended.
   */
  private ReplyEffect<ConversationEvent, ConversationState> placeOffered(
      ConversationState state, PlaceOffered offer) {
    ConversationMessage ask = underway == null ? null : underway.use(offer.request());
    if (ask == null) return Effect().noReply(); // cancelled: the place has gone back by itself
    ReplyEffect<ConversationEvent, ConversationState> effect = on(state, ask);
    if (underway != null) {
      underway.giveBackInHand();
      if (underway.isIdle()) underway = null;
    }
    return effect;
  }

  private Decision judge(ConversationState state, Wish wish) {
    Profile profile = wish.newer().orElse(state.profile());
    boolean answers = Replies.isAnswer(customer, state, wish.key());
    Map<Channel, ConsentState> consent = answers ? Map.of() : state.consent();
    Instant now = parts.clock().instant();
    Decision decision =
        parts
            .rules()
            .judge(
                new Rules.Touch(wish.channel(), wish.category(), wish.schedule(), wish.policy()),
                new Rules.Person(profile, consent, state.suppressed(), state.contacts()),
                now);
    return Handoffs.judge(state, wish, decision, now);
  }

  private EffectBuilder<ConversationEvent, ConversationState> grant(
      ConversationState state, Wish wish, AgentPool pool) {
    underway().holdsPlace(pool.places());
    // Read before the grant is written: its life is not longer for a slow journal.
    long grantedNanos = parts.nanoClock().getAsLong();
    OutreachGranted granted = Grants.event(customer, state, wish, parts);
    long endNanos = grantedNanos + parts.settings().grantLife().toNanos();
    return persist(state, wish.key(), List.of(granted))
        .thenRun(
            (ConversationState after) -> {
              // A grant whose commit took long is handed out late; the outcome is on its way.
              long leftNanos = Math.max(0, endNanos - parts.nanoClock().getAsLong());
              long doubtFromNanos = parts.awakeClock().getAsLong() + leftNanos;
              underway().granted(granted.attempt(), wish.waiter(), doubtFromNanos);
              pool.deliver(
                  Grants.attempt(customer, after, wish, granted, endNanos, parts),
                  outcome ->
                      parts
                          .courier()
                          .carry(
                              customer, granted.attempt(), granted.at(), outcome, pool.places()));
            });
  }

  /** Whatever is decided but a grant: refused, or held with due work. */
  private EffectBuilder<ConversationEvent, ConversationState> notNow(
      ConversationState state, Wish wish, Decision decision) {
    if (decision instanceof Decision.Refuse no) return refuse(state, wish, no.reason());
    if (decision instanceof Decision.Hold later) {
      return hold(state, wish, later.reason(), later.until());
    }
    return withoutCarrier(state, wish);
  }

  private EffectBuilder<ConversationEvent, ConversationState> withoutCarrier(
      ConversationState state, Wish wish) {
    Optional<Touch> before =
        state
            .touch(wish.key())
            .filter(t -> t.reason().equals(Optional.of(ConversationSettings.NO_CARRIER)));
    Duration waited =
        before
            .flatMap(t -> t.until().map(until -> Duration.between(t.at(), until)))
            .orElse(Duration.ZERO);
    AgentPool pool = parts.pools().get(wish.channel());
    Optional<Instant> shutUntil = pool == null ? Optional.empty() : pool.shutUntil();
    Instant until = parts.settings().withoutCarrier(parts.clock().instant(), waited, shutUntil);
    return hold(state, wish, ConversationSettings.NO_CARRIER, until);
  }

  private EffectBuilder<ConversationEvent, ConversationState> refuse(
      ConversationState state, Wish wish, String reason) {
    Telemetry.contact(wish.channel(), "suppressed", reason);
    Optional<Touch> touch = state.touch(wish.key());
    Instant now = parts.clock().instant();
    ConversationEvent end =
        touch.filter(t -> t.inDoubt() > 0).isPresent()
            ? Settlement.inDoubt(touch.get(), reason, now)
            : new OutreachRefused(
                wish.key(),
                wish.channel(),
                reason,
                wish.newer(),
                touch.flatMap(Touch::seen),
                Optional.empty(),
                now);
    return persist(state, wish.key(), List.of(end))
        .thenRun((ConversationState s) -> wish.waiter().tell(customer, Verdict.Kind.REFUSED));
  }

  private EffectBuilder<ConversationEvent, ConversationState> hold(
      ConversationState state, Wish wish, String reason, Instant until) {
    Optional<Touch> touch = state.touch(wish.key());
    OutreachHeld kept =
        new OutreachHeld(
            wish.key(),
            wish.channel(),
            reason,
            wish.newer(),
            touch.isEmpty() ? wish.message() : Optional.empty(),
            until,
            touch.flatMap(Touch::seen),
            Optional.empty(),
            parts.clock().instant());
    return persist(state, wish.key(), List.of(kept))
        .thenRun((ConversationState s) -> wish.waiter().tell(customer, Verdict.Kind.HELD));
  }

  // ---- the way back

  private ReplyEffect<ConversationEvent, ConversationState> settle(
      ConversationState state, Settle told, @Nullable Lookup found) {
    Optional<Touch> touch = state.touchOf(told.attempt());
    if (touch.isEmpty() || !Settlement.isNews(touch.get(), told.outcome(), told.grantedAt())) {
      return answer(told.replyTo(), new Settled(told.attempt()));
    }
    StepKey key = touch.get().key();
    CampaignView campaign = campaign(key, found);
    if (campaign == null && !key.isMessage()) {
      // The courier comes again, so a definition that does not come costs nothing.
      return found == null ? load(told, key) : Effect().noReply();
    }
    return settled(state, touch.get(), told.outcome(), campaign)
        .thenReply(told.replyTo(), s -> new Settled(told.attempt()));
  }

  private EffectBuilder<ConversationEvent, ConversationState> settled(
      ConversationState state, Touch touch, Outcome outcome, @Nullable CampaignView campaign) {
    Instant now = parts.clock().instant();
    CampaignDefinition definition = campaign == null ? null : campaign.definition();
    List<ConversationEvent> events =
        Settlement.events(state, touch, outcome, definition, parts.settings(), now);
    return persist(state, touch.key(), events)
        .thenRun(
            (ConversationState after) -> {
              Telemetry.settled(touch, outcome, now);
              happened(events);
              Verdict.Kind kind =
                  switch (after.touch(touch.key()).orElseThrow().phase()) {
                    case HELD -> Verdict.Kind.HELD;
                    case SUPPRESSED -> Verdict.Kind.REFUSED;
                    default -> Verdict.Kind.SETTLED;
                  };
              if (underway != null) underway.settled(touch, kind);
              unpark();
            });
  }

  /**
   * An open grant that this incarnation did not hand out may never be answered: see to it in time.
   * The clock of the node that made it may be another than ours, so we do not go by the grant's end
   * but wait for as long as if it had been made at this moment, by a clock that nobody sets. While
   * this node stands still, no outcome is late.
   */
  private ReplyEffect<ConversationEvent, ConversationState> lookAfter(
      ConversationState state, Touch open) {
    return lookAfter(state, open, false);
  }

  /**
   * @param woken whether the time that was to be waited is over, unless the node stood still
   */
  private ReplyEffect<ConversationEvent, ConversationState> lookAfter(
      ConversationState state, Touch open, boolean woken) {
    long nowNanos = parts.awakeClock().getAsLong();
    Duration life = Duration.between(open.grantedAt().orElse(open.at()), end(open));
    boolean first = underway().watch(open.attempt().orElseThrow(), nowNanos + life.toNanos());
    long doubtAfterNanos = parts.settings().doubtAfter(open.channel()).toNanos();
    long leftNanos = underway().doubtFromNanos() + doubtAfterNanos - nowNanos;
    if (leftNanos > 0 && (underway().handedOut() || !isLongOver(open))) {
      if (first || woken) {
        context.scheduleOnce(
            Duration.ofNanos(leftNanos), context.getSelf(), new LookAgain(open.key()));
      }
      return Effect().noReply();
    }
    CampaignView campaign = campaign(open.key(), null);
    if (campaign == null && !open.key().isMessage()) {
      return load(new LookAgain(open.key()), open.key());
    }
    return settled(state, open, Outcome.unknown("noOutcome"), campaign).thenNoReply();
  }

  private static Instant end(Touch granted) {
    return granted.until().orElse(granted.at());
  }

  /** Whether a grant is in doubt however far our clock and the one of its node are apart. */
  private boolean isLongOver(Touch open) {
    ConversationSettings settings = parts.settings();
    Duration after = settings.doubtAfter(open.channel()).plus(settings.clockTolerance());
    return parts.clock().instant().isAfter(end(open).plus(after));
  }

  private ReplyEffect<ConversationEvent, ConversationState> lookAgain(
      ConversationState state, LookAgain look) {
    Optional<Touch> open = state.touch(look.key()).filter(t -> t.phase() == Phase.GRANTED);
    return open.isPresent() ? lookAfter(state, open.get(), true) : Effect().noReply();
  }

  // ---- what an embedder or the API asks

  private ReplyEffect<ConversationEvent, ConversationState> update(
      ConversationState state, ConversationAsk.UpdateCustomer ask) {
    Optional<ConversationAsk.CustomerReply> stale = Views.stale(state, ask.ifVersion());
    if (stale.isPresent()) return answer(ask.replyTo(), stale.get());
    Instant now = parts.clock().instant();
    return wrote(Effect().persist(new CustomerUpdated(ask.profile().at(now), now)))
        .thenReply(ask.replyTo(), after -> Views.reply(customer, after));
  }

  private ReplyEffect<ConversationEvent, ConversationState> consent(
      ConversationState state, ConversationAsk.ChangeConsent ask) {
    Optional<ConversationAsk.CustomerReply> stale = Views.stale(state, ask.ifVersion());
    if (stale.isPresent()) return answer(ask.replyTo(), stale.get());
    boolean changes =
        ask.changes().entrySet().stream()
            .anyMatch(e -> state.consent().get(e.getKey()) != e.getValue());
    if (!changes) return answer(ask.replyTo(), Views.reply(customer, state));
    Instant now = parts.clock().instant();
    return wrote(Effect().persist(new ConsentChanged(ask.changes(), ask.source(), now)))
        .thenRun((ConversationState after) -> parts.optOuts().changed(customer, ask.changes()))
        .thenReply(ask.replyTo(), after -> Views.reply(customer, after));
  }

  private ReplyEffect<ConversationEvent, ConversationState> sendMessage(
      ConversationState state, ConversationAsk.SendMessage ask) {
    StepKey key = StepKey.message(ask.messageId());
    if (state.touch(key).isPresent()) {
      return answer(ask.replyTo(), Views.message(state, key));
    }
    if (state.unfinished() >= MAX_UNFINISHED) {
      return Effect().reply(ask.replyTo(), Views.tooMany(ask.messageId(), MAX_UNFINISHED));
    }
    Waiter nobody = new Waiter(key, 0, context.getSystem().ignoreRef());
    Wish wish = Wish.ofMessage(key, ask.request(), nobody);
    return message(state, wish).thenReply(ask.replyTo(), after -> Views.message(after, key));
  }

  /** Whoever sends a single message waits until it is durable, not until there is a place. */
  private EffectBuilder<ConversationEvent, ConversationState> message(
      ConversationState state, Wish wish) {
    Decision decision = judge(state, wish);
    AgentPool pool = parts.pools().get(wish.channel());
    if (!(decision instanceof Decision.Send) || pool == null) return notNow(state, wish, decision);
    if (state.open().isEmpty() && pool.places().tryTake(wish.category()))
      return grant(state, wish, pool);
    return pool.isShut()
        ? withoutCarrier(state, wish)
        : hold(state, wish, "busy", parts.clock().instant());
  }

  // ---- what comes back from carriers, or through the API in their place

  private ReplyEffect<ConversationEvent, ConversationState> reply(
      ConversationState state, ConversationAsk.RecordReply ask, @Nullable Lookup found) {
    ConversationAsk.CustomerReply busy = Views.busy("the campaign does not answer; ask again");
    return cameBack(
        state, ask, found, ask.replyTo(), busy, (about, after) -> Views.reply(customer, after));
  }

  private ReplyEffect<ConversationEvent, ConversationState> returned(
      ConversationState state, Returned told, @Nullable Lookup found) {
    return cameBack(
        state,
        told,
        found,
        told.replyTo(),
        ReturnTaken.BUSY,
        (about, after) -> Returns.answer(after, told, about, parts));
  }

  private <R> ReplyEffect<ConversationEvent, ConversationState> cameBack(
      ConversationState state,
      ConversationMessage told,
      @Nullable Lookup found,
      ActorRef<R> replyTo,
      R busy,
      BiFunction<Optional<StepKey>, ConversationState, R> answer) {
    Optional<StepKey> about = Returns.about(customer, state, told);
    Optional<Touch> again =
        about
            .flatMap(state::touch)
            .filter(t -> t.phase() == Phase.GRANTED && t.inDoubt() > 0 && Returns.isEnd(told));
    if (again.isPresent()) {
      // It may be about the try before, and the one that is under way may still start on the wire:
      // ended now, it would be overtaken by what follows.
      return underway().park(told, parts.settings().maxParked())
          ? lookAfter(state, again.get())
          : Effect().reply(replyTo, busy);
    }
    CampaignView campaign = about.isPresent() ? campaign(about.get(), found) : null;
    if (about.isPresent() && !about.get().isMessage() && campaign == null) {
      // Written without its campaign, an answer would never bring its branch forward.
      return found == null ? load(told, about.get()) : Effect().reply(replyTo, busy);
    }
    CampaignDefinition definition = campaign == null ? null : campaign.definition();
    List<ConversationEvent> events =
        Returns.events(customer, state, told, about, definition, parts);
    if (events.isEmpty()) return answer(replyTo, answer.apply(about, state));
    Optional<Touch> wasOpen = about.flatMap(state::touch).filter(t -> t.phase() == Phase.GRANTED);
    return persist(state, about.orElse(StepKey.message("")), events)
        .thenRun(
            (ConversationState after) -> {
              happened(events);
              if (wasOpen.isPresent() && after.open().isEmpty()) {
                if (underway != null) underway.settled(wasOpen.get(), Verdict.Kind.SETTLED);
                unpark();
              }
            })
        .thenReply(replyTo, after -> answer.apply(about, after));
  }

  private ReplyEffect<ConversationEvent, ConversationState> handoff(
      ConversationState state,
      List<ConversationEvent> events,
      ActorRef<ConversationAsk.CustomerReply> replyTo) {
    if (events.isEmpty()) return answer(replyTo, Views.reply(customer, state));
    return wrote(Effect().persist(events))
        .thenRun((ConversationState after) -> happened(events))
        .thenReply(replyTo, after -> Views.reply(customer, after));
  }

  /** The gate learns at once who has opted out, and what is due at once does not wait for a row. */
  private void happened(List<ConversationEvent> events) {
    for (ConversationEvent event : events) {
      if (event instanceof ConsentChanged e) parts.optOuts().changed(customer, e.changes());
      if (event instanceof OutreachHeld held && !held.until().isAfter(held.at())) {
        context.getSelf().tell(new Wake(held.key(), context.getSystem().ignoreRef()));
      }
    }
  }

  private ReplyEffect<ConversationEvent, ConversationState> foresee(
      ConversationState state, Foresee ask, @Nullable Lookup found) {
    Optional<Touch> touch = state.touch(ask.key());
    if (touch.isPresent()) {
      return Effect().reply(ask.replyTo(), new Foreseen("refuse:alreadyTouched"));
    }
    CampaignView campaign = campaign(ask.key(), found);
    if (campaign == null) {
      return found == null
          ? load(ask, ask.key())
          : Effect().reply(ask.replyTo(), new Foreseen("hold:busy"));
    }
    Waiter nobody = new Waiter(ask.key(), 0, context.getSystem().ignoreRef());
    Decision decision =
        judge(state, Wish.ofStep(campaign, ask.key(), newer(state, ask.profile()), nobody));
    return Effect().reply(ask.replyTo(), new Foreseen(decision.label()));
  }

  // ---- shared by the above

  private EffectBuilder<ConversationEvent, ConversationState> persist(
      ConversationState state, StepKey key, List<ConversationEvent> events) {
    return wrote(
        Effect().persist(key.isMessage() ? events : state.withMove(key.campaignId(), events)));
  }

  private EffectBuilder<ConversationEvent, ConversationState> wrote(
      EffectBuilder<ConversationEvent, ConversationState> effect) {
    return effect.thenRun((ConversationState after) -> parts.wrote().accept(customer.customerId()));
  }

  private ReplyEffect<ConversationEvent, ConversationState> verdict(
      Waiter waiter, Verdict.Kind kind) {
    Verdict verdict = waiter.verdict(customer, kind);
    return kind.acknowledges()
        ? answer(waiter.replyTo(), verdict)
        : Effect().reply(waiter.replyTo(), verdict);
  }

  /** What needs no write: given only when we are not behind the journal. */
  private <R> ReplyEffect<ConversationEvent, ConversationState> answer(
      ActorRef<R> replyTo, R answer) {
    freshness.look(replyTo, answer);
    return Effect().noReply();
  }

  /** Shows what was all that there is a moment ago, or what we know while the journal is silent. */
  private <R> ReplyEffect<ConversationEvent, ConversationState> show(
      ActorRef<R> replyTo, R answer) {
    if (freshness.isGoodToShow()) return Effect().reply(replyTo, answer);
    freshness.lookBriefly(replyTo, answer, lastSequenceNumber(context));
    return Effect().noReply();
  }

  /** Answers now that it is known how far the journal goes, unless it goes further than we know. */
  private <R> ReplyEffect<ConversationEvent, ConversationState> looked(Looked<R> looked) {
    if (!freshness.isAbout(looked)) return Effect().noReply();
    if (looked.last().orElseThrow() > lastSequenceNumber(context)) {
      return Effect().stop().thenNoReply();
    }
    freshness.confirmed(looked);
    return Effect().reply(looked.replyTo(), looked.answer());
  }

  /**
   * The campaign of a step, from what was just loaded or from the book; null when not known yet.
   */
  private @Nullable CampaignView campaign(StepKey key, @Nullable Lookup found) {
    if (key.isMessage()) return null;
    if (found != null && found.campaign().isPresent()) return found.campaign().get();
    return parts.book().known(key.campaignId());
  }

  /** Asks for the campaign; the command comes back with the answer. */
  private ReplyEffect<ConversationEvent, ConversationState> load(
      ConversationMessage waiting, StepKey key) {
    context.pipeToSelf(
        parts.book().load(key.campaignId()),
        (lookup, failure) ->
            new DefinitionReady(waiting, lookup != null ? lookup : new Lookup(Optional.empty())));
    return Effect().noReply();
  }

  private ReplyEffect<ConversationEvent, ConversationState> definitionReady(
      ConversationState state, DefinitionReady ready) {
    ConversationMessage waiting = ready.waiting();
    if (waiting instanceof Engage ask) return engage(state, ask, ready.lookup());
    if (waiting instanceof Settle told) return settle(state, told, ready.lookup());
    if (waiting instanceof Wake ask) return wake(state, ask, ready.lookup());
    if (waiting instanceof ConversationAsk.RecordReply ask) {
      return reply(state, ask, ready.lookup());
    }
    if (waiting instanceof Foresee ask) return foresee(state, ask, ready.lookup());
    if (waiting instanceof Returned told) return returned(state, told, ready.lookup());
    if (waiting instanceof LookAgain look && ready.lookup().campaign().isPresent()) {
      return lookAgain(state, look);
    }
    return Effect().noReply();
  }

  private void unpark() {
    if (underway == null) return;
    underway.unpark(context.getSelf());
    if (underway.isIdle()) underway = null;
  }

  private static boolean isCancelled(CampaignStatus status) {
    return status == CampaignStatus.CANCELLING || status == CampaignStatus.CANCELLED;
  }

  private static Optional<Profile> newer(ConversationState state, Profile profile) {
    return profile.asOf().isAfter(state.profile().asOf()) ? Optional.of(profile) : Optional.empty();
  }
}

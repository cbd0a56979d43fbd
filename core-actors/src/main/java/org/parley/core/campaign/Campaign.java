package org.parley.core.campaign;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.Recovery;
import org.apache.pekko.persistence.typed.javadsl.ReplyEffect;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Refusal;
import org.parley.core.campaign.CampaignCommand.AudienceFrozen;
import org.parley.core.campaign.CampaignCommand.CampaignReply;
import org.parley.core.campaign.CampaignCommand.Cancel;
import org.parley.core.campaign.CampaignCommand.Create;
import org.parley.core.campaign.CampaignCommand.Edit;
import org.parley.core.campaign.CampaignCommand.Get;
import org.parley.core.campaign.CampaignCommand.Looked;
import org.parley.core.campaign.CampaignCommand.Pause;
import org.parley.core.campaign.CampaignCommand.Resume;
import org.parley.core.campaign.CampaignCommand.Start;
import org.parley.core.campaign.CampaignCommand.Wake;
import org.parley.core.campaign.CampaignEvent.CampaignChanged;
import org.parley.core.spi.JournalHead;
import org.parley.core.spi.ShardTypes;

/**
 * A campaign's life: draft, scheduled, running, paused, cancelled, completed. It decides what may
 * happen next; the run over its audience follows from what it has written.
 */
public final class Campaign
    extends EventSourcedBehaviorWithEnforcedReplies<
        CampaignCommand, CampaignEvent, Optional<CampaignView>> {

  public static final EntityTypeKey<CampaignCommand> TYPE =
      EntityTypeKey.create(CampaignCommand.class, ShardTypes.CAMPAIGN);

  private static final int MAX_WAITING = 16;
  private static final Duration LONGEST_TIMER = Duration.ofMinutes(1);

  /**
   * What all campaigns of a node share.
   *
   * @param freeze freezes an audience; empty when it is unknown or has no members
   * @param news is told each campaign that has changed
   * @param journal says whether an incarnation is behind
   */
  public record Parts(
      Function<String, CompletionStage<Optional<Audience>>> freeze,
      Consumer<CampaignView> news,
      JournalHead journal,
      InstantSource clock) {}

  private final ActorContext<CampaignCommand> context;
  private final String campaignId;
  private final Parts parts;
  private final ArrayDeque<CampaignCommand> waiting = new ArrayDeque<>(0);
  private boolean freezing;

  // Counts the times that we were read; what was made of what an earlier time knew is not sent.
  private int incarnation;

  public static Behavior<CampaignCommand> create(String campaignId, PersistenceId id, Parts parts) {
    return Behaviors.setup(context -> new Campaign(context, campaignId, id, parts));
  }

  private Campaign(
      ActorContext<CampaignCommand> context, String campaignId, PersistenceId id, Parts parts) {
    super(
        id,
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2));
    this.context = context;
    this.campaignId = campaignId;
    this.parts = parts;
  }

  @Override
  public Optional<CampaignView> emptyState() {
    return Optional.empty();
  }

  @Override
  public EventHandler<Optional<CampaignView>, CampaignEvent> eventHandler() {
    return (state, event) -> Optional.of(((CampaignChanged) event).campaign());
  }

  @Override
  public CommandHandlerWithReply<CampaignCommand, CampaignEvent, Optional<CampaignView>>
      commandHandler() {
    return this::on;
  }

  @Override
  public Recovery recovery() {
    return Recovery.withSnapshotSelectionCriteria(SnapshotSelectionCriteria.none());
  }

  @Override
  public SignalHandler<Optional<CampaignView>> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.instance(),
            state -> {
              incarnation++;
              freezing = false;
              waiting.clear();
            })
        .build();
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> on(
      Optional<CampaignView> state, CampaignCommand command) {
    if (command instanceof Create ask) return create(state, ask);
    if (command instanceof Looked looked) return looked(looked);
    if (state.isEmpty()) return unknown(command);
    CampaignView campaign = state.get();
    if (command instanceof Get ask) return answer(ask.replyTo(), campaign);
    if (command instanceof Start ask) return start(campaign, ask, ask.replyTo(), false);
    if (command instanceof Wake ask) return start(campaign, ask, ask.replyTo(), true);
    if (command instanceof AudienceFrozen frozen) return audienceFrozen(campaign, frozen);
    if (command instanceof Pause ask) {
      return move(campaign, ask.replyTo(), CampaignStatus.PAUSED, CampaignStatus.RUNNING);
    }
    if (command instanceof Resume ask) {
      return move(campaign, ask.replyTo(), CampaignStatus.RUNNING, CampaignStatus.PAUSED);
    }
    if (command instanceof Cancel ask) return cancel(campaign, ask.replyTo());
    if (command instanceof Edit ask) return edit(campaign, ask);
    return complete(campaign);
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> create(
      Optional<CampaignView> state, Create ask) {
    if (state.isEmpty()) {
      Instant now = parts.clock().instant();
      return become(
          new CampaignView(
              campaignId,
              1,
              CampaignStatus.DRAFT,
              ask.definition(),
              Optional.empty(),
              now,
              Optional.empty(),
              Optional.empty()),
          ask.replyTo());
    }
    return state.get().definition().equals(ask.definition())
        ? answer(ask.replyTo(), state.get())
        : refuse(
            ask.replyTo(),
            Refusal.conflict("campaignExists", "another campaign already has this id"));
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> edit(CampaignView campaign, Edit ask) {
    if (ask.ifVersion().filter(v -> v != campaign.version()).isPresent()) {
      return refuse(
          ask.replyTo(),
          Refusal.stale(
              "the campaign is at version "
                  + campaign.version()
                  + ", not "
                  + ask.ifVersion().get()));
    }
    boolean editable =
        campaign.status() == CampaignStatus.DRAFT || campaign.status() == CampaignStatus.SCHEDULED;
    if (!editable) return refuse(ask.replyTo(), wrongStatus(campaign, "edited"));
    CampaignStatus status = campaign.status();
    if (status == CampaignStatus.SCHEDULED && startsLater(ask.definition()).isEmpty()) {
      status = CampaignStatus.DRAFT; // without a start of its own it waits for the start command
    }
    return become(
        changed(campaign, status, ask.definition(), campaign.audienceSize(), Optional.empty()),
        ask.replyTo());
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> start(
      CampaignView campaign, CampaignCommand ask, ActorRef<CampaignReply> replyTo, boolean due) {
    CampaignStatus status = campaign.status();
    boolean begun =
        status == CampaignStatus.RUNNING
            || status == CampaignStatus.COMPLETED
            || status == CampaignStatus.PAUSED;
    if (begun || (due && status != CampaignStatus.SCHEDULED)) return answer(replyTo, campaign);
    if (status != CampaignStatus.DRAFT && status != CampaignStatus.SCHEDULED) {
      return refuse(replyTo, wrongStatus(campaign, "started"));
    }
    Optional<Instant> later = startsLater(campaign.definition());
    if (status == CampaignStatus.SCHEDULED && later.isPresent()) {
      Duration left = Duration.between(parts.clock().instant(), later.get());
      // Woken by a node whose clock is a little ahead of ours; the row of due work comes late.
      if (due && left.compareTo(LONGEST_TIMER) <= 0) {
        context.scheduleOnce(left, context.getSelf(), new Wake(context.getSystem().ignoreRef()));
      }
      return answer(replyTo, campaign);
    }
    if (waiting.size() >= MAX_WAITING) {
      return busy(replyTo, "the campaign is being started; ask again");
    }
    waiting.add(ask);
    if (!freezing) freeze(campaign, ask);
    return Effect().noReply();
  }

  private void freeze(CampaignView campaign, CampaignCommand ask) {
    freezing = true;
    context.pipeToSelf(
        parts.freeze().apply(campaign.definition().audience()),
        (audience, failure) ->
            new AudienceFrozen(
                ask,
                audience == null ? Optional.empty() : audience,
                failure == null
                    ? Optional.empty()
                    : Optional.of(failure.getClass().getSimpleName())));
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> audienceFrozen(
      CampaignView campaign, AudienceFrozen frozen) {
    freezing = false;
    if (frozen.audience().isEmpty()) {
      Refusal refusal =
          frozen.failure().isPresent()
              ? Refusal.busy("the audience store does not answer; ask again")
              : Refusal.conflict("emptyAudience", "the audience is unknown or has no members");
      answerWaiting(new CampaignReply(Optional.empty(), Optional.of(refusal)));
      return Effect().noReply();
    }
    if (campaign.status() != CampaignStatus.DRAFT
        && campaign.status() != CampaignStatus.SCHEDULED) {
      answerWaiting(new CampaignReply(Optional.of(campaign), Optional.empty()));
      return Effect().noReply();
    }
    Audience audience = frozen.audience().get();
    if (!audience.id().equals(campaign.definition().audience())) {
      freeze(campaign, frozen.waiting()); // edited while its earlier audience was frozen
      return Effect().noReply();
    }
    Optional<Instant> later = startsLater(campaign.definition());
    CampaignView next =
        changed(
            campaign,
            later.isPresent() ? CampaignStatus.SCHEDULED : CampaignStatus.RUNNING,
            campaign.definition(),
            Optional.of(audience.accepted()),
            later.isPresent() ? Optional.empty() : Optional.of(parts.clock().instant()));
    return Effect()
        .persist(new CampaignChanged(next, parts.clock().instant()))
        .thenRun(
            (Optional<CampaignView> after) -> {
              parts.news().accept(next);
              answerWaiting(new CampaignReply(Optional.of(next), Optional.empty()));
            })
        .thenNoReply();
  }

  private void answerWaiting(CampaignReply reply) {
    for (CampaignCommand ask : waiting) {
      if (ask instanceof Start start) start.replyTo().tell(reply);
      if (ask instanceof Wake wake) wake.replyTo().tell(reply);
    }
    waiting.clear();
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> cancel(
      CampaignView campaign, ActorRef<CampaignReply> replyTo) {
    return switch (campaign.status()) {
      case CANCELLING, CANCELLED -> answer(replyTo, campaign);
      case DRAFT, SCHEDULED -> become(ended(campaign, CampaignStatus.CANCELLED), replyTo);
      // What comes back later may still plan something: a fallback, or a call that was asked for.
      case RUNNING, PAUSED, COMPLETED ->
          become(
              changed(
                  campaign,
                  CampaignStatus.CANCELLING,
                  campaign.definition(),
                  campaign.audienceSize(),
                  campaign.startedAt()),
              replyTo);
    };
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> complete(CampaignView campaign) {
    return switch (campaign.status()) {
      case RUNNING -> become(ended(campaign, CampaignStatus.COMPLETED), null);
      case CANCELLING -> become(ended(campaign, CampaignStatus.CANCELLED), null);
      // Whoever counts the recipients may know more than we do.
      default -> answer(context.getSystem().ignoreRef(), campaign);
    };
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> move(
      CampaignView campaign,
      ActorRef<CampaignReply> replyTo,
      CampaignStatus to,
      CampaignStatus from) {
    if (campaign.status() == to) return answer(replyTo, campaign);
    if (campaign.status() != from) {
      return refuse(
          replyTo, wrongStatus(campaign, to == CampaignStatus.PAUSED ? "paused" : "resumed"));
    }
    return become(
        changed(campaign, to, campaign.definition(), campaign.audienceSize(), campaign.startedAt()),
        replyTo);
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> become(
      CampaignView next, @Nullable ActorRef<CampaignReply> replyTo) {
    return Effect()
        .persist(new CampaignChanged(next, parts.clock().instant()))
        .thenRun(
            (Optional<CampaignView> after) -> {
              parts.news().accept(next);
              if (replyTo != null) {
                replyTo.tell(new CampaignReply(Optional.of(next), Optional.empty()));
              }
            })
        .thenNoReply();
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> answer(
      ActorRef<CampaignReply> replyTo, CampaignView campaign) {
    return look(replyTo, new CampaignReply(Optional.of(campaign), Optional.empty()));
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> refuse(
      ActorRef<CampaignReply> replyTo, Refusal refusal) {
    return look(replyTo, new CampaignReply(Optional.empty(), Optional.of(refusal)));
  }

  /**
   * A write would tell that we are behind the journal; an answer without one is given only when we
   * are not.
   */
  private ReplyEffect<CampaignEvent, Optional<CampaignView>> look(
      ActorRef<CampaignReply> replyTo, CampaignReply answer) {
    int asked = incarnation;
    context.pipeToSelf(
        parts.journal().last(persistenceId().id()),
        (last, failure) -> new Looked(answer, replyTo, asked, Optional.ofNullable(last)));
    return Effect().noReply();
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> looked(Looked looked) {
    if (looked.last().isEmpty()) {
      return busy(looked.replyTo(), "the journal does not answer; ask again");
    }
    if (looked.last().get() > lastSequenceNumber(context)) {
      return Effect().stop().thenReply(looked.replyTo(), s -> moved());
    }
    return Effect()
        .reply(looked.replyTo(), looked.incarnation() == incarnation ? looked.answer() : moved());
  }

  private static CampaignReply moved() {
    return new CampaignReply(
        Optional.empty(), Optional.of(Refusal.busy("the campaign has moved; ask again")));
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> busy(
      ActorRef<CampaignReply> replyTo, String why) {
    CampaignReply reply = new CampaignReply(Optional.empty(), Optional.of(Refusal.busy(why)));
    return Effect().reply(replyTo, reply);
  }

  private ReplyEffect<CampaignEvent, Optional<CampaignView>> unknown(CampaignCommand command) {
    Refusal refusal = Refusal.notFound("unknownCampaign", "there is no campaign " + campaignId);
    if (command instanceof Get ask) return refuse(ask.replyTo(), refusal);
    if (command instanceof Edit ask) return refuse(ask.replyTo(), refusal);
    if (command instanceof Start ask) return refuse(ask.replyTo(), refusal);
    if (command instanceof Pause ask) return refuse(ask.replyTo(), refusal);
    if (command instanceof Resume ask) return refuse(ask.replyTo(), refusal);
    if (command instanceof Cancel ask) return refuse(ask.replyTo(), refusal);
    if (command instanceof Wake ask) return refuse(ask.replyTo(), refusal);
    return Effect().noReply();
  }

  private static Refusal wrongStatus(CampaignView campaign, String verb) {
    return Refusal.conflict(
        "wrongStatus",
        "a campaign that is "
            + campaign.status().name().toLowerCase(java.util.Locale.ROOT)
            + " cannot be "
            + verb);
  }

  private Optional<Instant> startsLater(CampaignDefinition definition) {
    return definition.schedule().startAt().filter(at -> at.isAfter(parts.clock().instant()));
  }

  private CampaignView ended(CampaignView campaign, CampaignStatus status) {
    return new CampaignView(
        campaignId,
        campaign.version() + 1,
        status,
        campaign.definition(),
        // One that never began has nobody to account for: they would be pending for ever.
        campaign.startedAt().flatMap(begun -> campaign.audienceSize()),
        campaign.createdAt(),
        campaign.startedAt(),
        Optional.of(parts.clock().instant()));
  }

  private CampaignView changed(
      CampaignView campaign,
      CampaignStatus status,
      CampaignDefinition definition,
      Optional<Long> audienceSize,
      Optional<Instant> startedAt) {
    return new CampaignView(
        campaignId,
        campaign.version() + 1,
        status,
        definition,
        audienceSize,
        campaign.createdAt(),
        startedAt,
        Optional.empty());
  }
}

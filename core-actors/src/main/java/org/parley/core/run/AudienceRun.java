package org.parley.core.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.sharding.typed.javadsl.ShardedDaemonProcess;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.RunStore;
import org.parley.core.spi.ShardTypes;

/**
 * Works on one slice of every running campaign's audience, somewhere in the cluster: one of these
 * for each slice, kept alive by a sharded daemon process. The one of the first slice also tells
 * campaigns whose recipients are all finished.
 */
public final class AudienceRun extends AbstractBehavior<Object> {

  /** What the runs of a node share. */
  public record Parts(SliceRun.Parts slice, CampaignBook book, Consumer<String> complete) {}

  private enum Tick {
    POLL
  }

  private record Found(List<RunStore.SliceRun> runs) {}

  private record Defined(RunStore.SliceRun run, Optional<CampaignView> campaign, long members) {}

  private record Completed(List<String> campaignIds) {}

  private record Ended(String campaignId) {}

  private final Parts parts;
  private final int slice;
  private final Map<String, ActorRef<Object>> running = new HashMap<>();
  private final Set<String> starting = new HashSet<>();
  private boolean askingForOpen;
  private boolean askingForCompleted;

  /** Starts the slices over the cluster. */
  public static void start(
      ActorSystem<?> system, SliceRun.Parts slice, CampaignBook book, Consumer<String> complete) {
    Parts parts = new Parts(slice, book, complete);
    ShardedDaemonProcess.get(system)
        .init(
            Object.class,
            ShardTypes.AUDIENCE_RUN,
            AudienceStore.SLICES,
            number ->
                Behaviors.supervise(create(parts, number))
                    .onFailure(
                        SupervisorStrategy.restartWithBackoff(
                            Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2)));
  }

  static Behavior<Object> create(Parts parts, int slice) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(
                      Tick.POLL, Duration.ZERO, parts.slice().settings().pollEvery());
                  return new AudienceRun(context, parts, slice);
                }));
  }

  private AudienceRun(ActorContext<Object> context, Parts parts, int slice) {
    super(context);
    this.parts = parts;
    this.slice = slice;
  }

  @Override
  public Receive<Object> createReceive() {
    return newReceiveBuilder()
        .onMessage(Tick.class, tick -> poll())
        .onMessage(Found.class, this::onFound)
        .onMessage(Defined.class, this::onDefined)
        .onMessage(Completed.class, this::onCompleted)
        .onMessage(
            Ended.class,
            ended -> {
              running.remove(ended.campaignId());
              return this;
            })
        .build();
  }

  /** A look that takes long is waited for: more of them would only make the database slower. */
  private Behavior<Object> poll() {
    if (!askingForOpen) {
      askingForOpen = true;
      getContext()
          .pipeToSelf(
              parts.slice().runs().open(slice),
              (runs, failure) -> new Found(runs == null ? List.of() : runs));
    }
    if (slice == 0 && !askingForCompleted) {
      askingForCompleted = true;
      getContext()
          .pipeToSelf(
              parts.slice().runs().completed(),
              (ids, failure) -> new Completed(ids == null ? List.of() : ids));
    }
    return this;
  }

  private Behavior<Object> onFound(Found found) {
    askingForOpen = false;
    for (RunStore.SliceRun run : found.runs()) {
      String id = run.campaignId();
      ActorRef<Object> worker = running.get(id);
      if (run.status() == CampaignStatus.PAUSED) {
        // What is in flight settles by itself; who was not acknowledged is asked again on resume.
        if (worker != null) getContext().stop(worker);
        continue;
      }
      boolean room = running.size() + starting.size() < parts.slice().settings().maxCampaigns();
      if (worker != null || !room || !starting.add(id)) continue;
      getContext()
          .pipeToSelf(
              define(run),
              (defined, failure) ->
                  defined == null ? new Defined(run, Optional.empty(), 0) : defined);
    }
    return this;
  }

  /** Only a run with a rate needs to know how many members its slice has. */
  private CompletionStage<Defined> define(RunStore.SliceRun run) {
    CompletionStage<Long> members =
        run.ratePerSecond().isEmpty()
            ? CompletableFuture.completedFuture(0L)
            : parts.slice().audiences().count(run.audienceId(), slice);
    return parts
        .book()
        .load(run.campaignId())
        .thenCombine(members, (lookup, count) -> new Defined(run, lookup.campaign(), count));
  }

  private Behavior<Object> onDefined(Defined defined) {
    String id = defined.run().campaignId();
    starting.remove(id);
    if (defined.campaign().isEmpty()) return this; // the next poll asks again
    CampaignView campaign = defined.campaign().get();
    boolean goesOn =
        campaign.status() == CampaignStatus.RUNNING
            || campaign.status() == CampaignStatus.CANCELLING;
    if (!goesOn || running.containsKey(id)) return this;
    String firstStep = campaign.definition().steps().get(0).id();
    double share = share(defined.members(), campaign.audienceSize().orElse(0L));
    ActorRef<Object> worker =
        getContext()
            .spawn(SliceRun.create(parts.slice(), defined.run(), firstStep, share), "run-" + id);
    getContext().watchWith(worker, new Ended(id));
    running.put(id, worker);
    return this;
  }

  /** The slices differ in size, and each goes at its part of the campaign's rate. */
  private static double share(long members, long audience) {
    boolean known = members > 0 && members <= audience;
    return known ? (double) members / audience : 1.0 / AudienceStore.SLICES;
  }

  private Behavior<Object> onCompleted(Completed completed) {
    askingForCompleted = false;
    completed.campaignIds().forEach(parts.complete());
    return this;
  }
}

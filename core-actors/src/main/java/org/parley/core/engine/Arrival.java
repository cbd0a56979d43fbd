package org.parley.core.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.parley.core.cluster.Share;

/**
 * Waits until a node that has joined others has its share of the conversations, or the number of
 * its shards has stood still for a while. Whoever updates a cluster node by node goes on when a
 * node is ready, and conversations that move from two sides at once are silent for longer.
 */
final class Arrival extends AbstractBehavior<Object> {
  private enum Tick {
    LOOK,
    TOO_LATE
  }

  private record Looked(Optional<Share> share) {}

  private static final Duration LOOK = Duration.ofMillis(500);

  /** The coordinator moves the next group sooner than that. */
  private static final Duration STILL = Duration.ofSeconds(2);

  /** A shard that has just come may be busy. */
  private static final Duration ANSWER = Duration.ofSeconds(4);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final TimerScheduler<Object> timers;
  private final CompletableFuture<Done> settled;
  private int shards;
  private long sinceNanos = System.nanoTime();

  /**
   * Completes once this node has its share, or after 30 s; at once on a node without conversations,
   * and on the first one that has them.
   */
  static CompletionStage<Done> settled(ActorSystem<?> system) {
    CompletableFuture<Done> settled = new CompletableFuture<>();
    if (!Holders.isOne(system) || Holders.others(system).isEmpty()) {
      settled.complete(Done.done());
    } else {
      ActorRef<Object> unused =
          system.systemActorOf(create(settled), "parley-arrival", Props.empty());
    }
    return settled;
  }

  private static Behavior<Object> create(CompletableFuture<Done> settled) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Arrival(context, timers, settled)));
  }

  private Arrival(
      ActorContext<Object> context,
      TimerScheduler<Object> timers,
      CompletableFuture<Done> settled) {
    super(context);
    this.timers = timers;
    this.settled = settled;
    timers.startSingleTimer(Tick.TOO_LATE, LIMIT);
    look();
  }

  @Override
  public Receive<Object> createReceive() {
    return newReceiveBuilder()
        .onMessage(Looked.class, this::looked)
        .onMessageEquals(Tick.LOOK, this::look)
        .onMessageEquals(Tick.TOO_LATE, Behaviors::stopped)
        .onSignal(PostStop.class, stop -> stopped())
        .build();
  }

  private Behavior<Object> look() {
    getContext()
        .pipeToSelf(
            Share.of(getContext().getSystem(), ANSWER), (share, failure) -> new Looked(share));
    return this;
  }

  private Behavior<Object> looked(Looked now) {
    if (now.share().filter(Share::isFair).isPresent()) return Behaviors.stopped();
    int held = now.share().map(Share::own).orElse(shards);
    if (held != shards) {
      shards = held;
      sinceNanos = System.nanoTime();
    }
    if (System.nanoTime() - sinceNanos > STILL.toNanos()) return Behaviors.stopped();
    timers.startSingleTimer(Tick.LOOK, LOOK);
    return this;
  }

  /** A node that ends before is waited for no longer, either. */
  private Behavior<Object> stopped() {
    settled.complete(Done.done());
    return this;
  }
}

package org.parley.core.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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
import org.parley.core.cluster.Share;
import org.parley.core.spi.AwakeClock;

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

  private final Supplier<CompletionStage<Optional<Share>>> share;
  private final CompletableFuture<Done> settled;
  private final AwakeClock awake;
  private boolean asked;
  private int shards;
  private long sinceNanos;

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
          system.systemActorOf(
              create(() -> Share.of(system, ANSWER), System::nanoTime, settled),
              "parley-arrival",
              Props.empty());
    }
    return settled;
  }

  /**
   * Completes the future, and stops.
   *
   * @param share asks how many shards this node has
   */
  static Behavior<Object> create(
      Supplier<CompletionStage<Optional<Share>>> share,
      LongSupplier nanoClock,
      CompletableFuture<Done> settled) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startSingleTimer(Tick.TOO_LATE, LIMIT);
                  timers.startTimerWithFixedDelay(Tick.LOOK, LOOK);
                  return new Arrival(context, share, nanoClock, settled);
                }));
  }

  private Arrival(
      ActorContext<Object> context,
      Supplier<CompletionStage<Optional<Share>>> share,
      LongSupplier nanoClock,
      CompletableFuture<Done> settled) {
    super(context);
    this.share = share;
    this.settled = settled;
    this.awake = new AwakeClock(nanoClock);
    this.sinceNanos = awake.getAsLong();
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

  /** The clock is read while an answer is awaited, too: else that would count as standing still. */
  private Behavior<Object> look() {
    long unused = awake.getAsLong();
    if (!asked) {
      asked = true;
      getContext().pipeToSelf(share.get(), (answer, failure) -> new Looked(answer));
    }
    return this;
  }

  private Behavior<Object> looked(Looked now) {
    asked = false;
    long nowNanos = awake.getAsLong();
    if (now.share().filter(Share::isFair).isPresent()) return Behaviors.stopped();
    int held = now.share().map(Share::own).orElse(shards);
    if (held != shards) {
      shards = held;
      sinceNanos = nowNanos;
    }
    if (nowNanos - sinceNanos > STILL.toNanos()) return Behaviors.stopped();
    return this;
  }

  /** A node that ends before is waited for no longer, either. */
  private Behavior<Object> stopped() {
    settled.complete(Done.done());
    return this;
  }
}

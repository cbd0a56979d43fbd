package org.parley.core.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.sharding.ShardCoordinator.ActorSystemDependentAllocationStrategy;
import org.apache.pekko.cluster.sharding.ShardCoordinator.ShardAllocationStrategy;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.typed.Cluster;
import org.parley.core.cluster.Held;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.ShardTypes;
import org.parley.core.spi.WireMessage;

/**
 * A node that is told to end tells all nodes that it is leaving, and waits until its conversations
 * have moved, in {@link SmallGroups}; those whose turn it is not yet still work. What is left after
 * a while moves at once, as Pekko does it. Its agents end after that, and their outcomes follow the
 * conversations. When nobody stays the conversations stay too, until the agents have ended.
 */
final class HandOver extends AbstractBehavior<Object> {
  /** A node leaves. */
  record Leaving(String node) implements WireMessage {}

  /** To have this node's conversations moved; true once they are, false when nobody stays. */
  private record Move(CompletableFuture<Boolean> moved) {}

  private record Looked(Optional<Held> held) {}

  private enum Tick {
    SAY,
    LOOK
  }

  /** It is said again to nodes that have just come. */
  private static final Duration SAY = Duration.ofSeconds(1);

  private static final Duration LOOK = Duration.ofMillis(100);

  /** A shard that is just moving does not answer, and the region waits so long for it. */
  private static final Duration ANSWER = Duration.ofSeconds(4);

  /** Below the timeout of the shutdown's phase. */
  private static final Duration LIMIT = Duration.ofSeconds(25);

  /** The phase of a shutdown in which conversations have moved. */
  private static final String MOVED = "parley-agents-drained";

  private static final String MOST =
      "pekko.cluster.sharding.least-shard-allocation-strategy.rebalance-absolute-limit";

  private final TimerScheduler<Object> timers;
  private final Set<String> leaving;
  private final ActorRef<Topic.Command<Leaving>> topic;
  private final Cluster cluster;
  private Optional<Move> order = Optional.empty();

  /**
   * Starts it.
   *
   * @param agents those of this node, which end with it
   * @return what decides where conversations live
   */
  static ShardAllocationStrategy start(ActorSystem<?> system, Collection<AgentPool> agents) {
    Set<String> leaving = ConcurrentHashMap.newKeySet();
    ActorRef<Topic.Command<Leaving>> topic =
        system.systemActorOf(
            Topic.create(Leaving.class, "parley-leaving"), "parley-leaving", Props.empty());
    ActorRef<Object> actor =
        system.systemActorOf(create(leaving, topic), "parley-hand-over", Props.empty());
    topic.tell(Topic.subscribe(actor.narrow()));
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    shutdown.addTask(
        CoordinatedShutdown.PhaseBeforeClusterShutdown(),
        "parley-conversations-move",
        () ->
            move(actor)
                .thenCompose(
                    moved ->
                        moved
                            ? CompletableFuture.completedFuture(Done.done())
                            : drain(agents).whenComplete((done, failure) -> end(system))));
    shutdown.addTask(MOVED, "parley-agents-drained", () -> drain(agents));
    ShardAllocationStrategy usual =
        ClusterSharding.get(system)
            .defaultShardAllocationStrategy(ClusterShardingSettings.create(system));
    // The coordinator starts only the strategy that it is given.
    if (usual instanceof ActorSystemDependentAllocationStrategy own) {
      own.start(system.classicSystem());
    }
    Cluster cluster = Cluster.get(system);
    return new SmallGroups(
        usual,
        system.settings().config().getInt(MOST),
        region -> isLeaving(cluster, leaving, region.path().address()),
        System::nanoTime);
  }

  private static CompletionStage<Boolean> move(ActorRef<Object> actor) {
    CompletableFuture<Boolean> moved = new CompletableFuture<>();
    actor.tell(new Move(moved));
    return moved.completeOnTimeout(true, LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static CompletionStage<Done> drain(Collection<AgentPool> agents) {
    CompletableFuture<?>[] drains =
        agents.stream()
            .map(pool -> pool.drain().toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(drains).thenApply(ignored -> Done.done());
  }

  /**
   * Ends at once what this node has of the cluster's shards, when no node is left that takes them:
   * what they know is durable, and a region waits as long as it may with what is told to shards
   * that nobody gives a home any more.
   */
  private static void end(ActorSystem<?> system) {
    org.apache.pekko.actor.ActorSystem classic = Adapter.toClassic(system);
    var sharding = org.apache.pekko.cluster.sharding.ClusterSharding.get(classic);
    for (String type : sharding.getShardTypeNames()) {
      if (ShardTypes.REGIONS.contains(type)) classic.stop(sharding.shardRegion(type));
    }
  }

  /** A node that has been started again at the same address is another one. */
  private static boolean isLeaving(Cluster cluster, Set<String> leaving, Address region) {
    if (leaving.isEmpty()) return false;
    if (region.hasLocalScope()) return leaving.contains(self(cluster));
    for (Member member : cluster.state().getMembers()) {
      if (member.address().equals(region)) return leaving.contains(name(member.uniqueAddress()));
    }
    return false;
  }

  private Set<String> members() {
    Set<String> names = new HashSet<>();
    cluster.state().getMembers().forEach(member -> names.add(name(member.uniqueAddress())));
    return names;
  }

  private static String self(Cluster cluster) {
    return name(cluster.selfMember().uniqueAddress());
  }

  private static String name(UniqueAddress node) {
    return node.address() + "#" + node.longUid();
  }

  private static Behavior<Object> create(
      Set<String> leaving, ActorRef<Topic.Command<Leaving>> topic) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new HandOver(context, timers, leaving, topic)));
  }

  private HandOver(
      ActorContext<Object> context,
      TimerScheduler<Object> timers,
      Set<String> leaving,
      ActorRef<Topic.Command<Leaving>> topic) {
    super(context);
    this.timers = timers;
    this.leaving = leaving;
    this.topic = topic;
    this.cluster = Cluster.get(context.getSystem());
  }

  @Override
  public Receive<Object> createReceive() {
    return newReceiveBuilder()
        .onMessage(Leaving.class, this::heard)
        .onMessage(Move.class, this::move)
        .onMessage(Tick.class, this::onTick)
        .onMessage(Looked.class, this::looked)
        .build();
  }

  private Behavior<Object> heard(Leaving other) {
    leaving.add(other.node());
    // Those that have gone need not be remembered.
    leaving.retainAll(members());
    order.ifPresent(this::stayIfNobodyDoes);
    return this;
  }

  private Behavior<Object> move(Move ask) {
    order = Optional.of(ask);
    timers.startTimerWithFixedDelay(Tick.SAY, SAY);
    look();
    return onTick(Tick.SAY);
  }

  private void stayIfNobodyDoes(Move ask) {
    boolean somebodyStays =
        Holders.others(getContext().getSystem()).stream()
            .anyMatch(other -> !leaving.contains(name(other.uniqueAddress())));
    if (!somebodyStays) ask.moved().complete(false);
  }

  private Behavior<Object> onTick(Tick tick) {
    if (tick == Tick.SAY) {
      topic.tell(Topic.publish(new Leaving(self(cluster))));
      order.ifPresent(this::stayIfNobodyDoes);
    } else {
      look();
    }
    return this;
  }

  private void look() {
    getContext()
        .pipeToSelf(Held.by(getContext().getSystem(), ANSWER), (held, failure) -> new Looked(held));
  }

  private Behavior<Object> looked(Looked now) {
    order.ifPresent(ask -> looked(now, ask));
    return this;
  }

  private void looked(Looked now, Move ask) {
    if (now.held().filter(held -> held.shards() == 0).isPresent()) ask.moved().complete(true);
    if (!ask.moved().isDone()) timers.startSingleTimer(Tick.LOOK, LOOK);
  }
}

package org.parley.agents.pool;

import static java.util.Comparator.naturalOrder;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.jspecify.annotations.Nullable;
import org.parley.agents.lane.Lane;
import org.parley.core.api.AgentsView;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Places;
import org.parley.core.spi.WireGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agents of one channel on this node, behind their router, with a lane to each carrier. In a
 * cluster it lends places to other nodes' pools, and borrows from them what it lacks itself.
 */
public final class ChannelPool implements AgentPool {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelPool.class);
  private static final Duration TICK = Duration.ofMillis(250);

  private final Channel channel;
  private final PoolSettings settings;
  private final Places places;
  private final List<Lane> lanes;
  private final ActorSystem<?> system;
  private final ActorRef<Router.Command> router;
  private final Cancellable ticks;
  private final PoolMetrics metrics;
  private final CarrierWatch watch;
  private final Set<Errand> underWay = ConcurrentHashMap.newKeySet();
  private final Consumer<Errand> leave = this::left;
  private final Predicate<Errand> elsewhere = this::borrowedAgentPerforms;
  private final AtomicLong drainDeadline = new AtomicLong();
  private final CompletableFuture<Done> drained = new CompletableFuture<>();
  private volatile boolean closing;
  private volatile Router.Size size;
  private volatile int room = Integer.MAX_VALUE;
  private volatile int borrowed;
  private volatile @Nullable ActorRef<Borrower.Command> borrower;

  /** Starts the agents. The lanes are the channel's failover chain, first choice first. */
  public static ChannelPool start(
      ActorSystem<?> system, Channel channel, PoolSettings settings, List<Lane> lanes) {
    return new ChannelPool(system, channel, settings, lanes, ways(lanes));
  }

  private static List<Way> ways(List<Lane> lanes) {
    List<Way> ways = new ArrayList<>();
    for (Lane lane : lanes) ways.add(lane::offer);
    return ways;
  }

  ChannelPool(
      ActorSystem<?> system,
      Channel channel,
      PoolSettings settings,
      List<Lane> lanes,
      List<? extends Way> ways) {
    this.system = system;
    this.channel = channel;
    this.settings = settings;
    this.lanes = List.copyOf(lanes);
    this.size = new Router.Size(settings.sizing().min(), Optional.empty());
    this.places =
        new Places(
            settings.capacity(size.instances()), settings.reservePercent(), settings.waiting());
    this.metrics = new PoolMetrics(channel);
    this.watch = new CarrierWatch(channel, this.lanes);
    this.router =
        system.systemActorOf(
            Router.create(
                new Router.Parts(
                    settings,
                    ways,
                    places,
                    this::resized,
                    this::overflow,
                    System::nanoTime,
                    InstantSource.system())),
            "agents-" + channel.label(),
            Props.empty());
    for (Lane lane : this.lanes) lane.whenRoomChanges(this::refit);
    this.ticks =
        system.scheduler().scheduleAtFixedRate(TICK, TICK, this::tick, system.executionContext());
  }

  /**
   * Lends to and borrows from the pools of the cluster's other nodes.
   *
   * @param gate hears whose attempts are performed here
   * @param clock by which it judges them
   */
  public ChannelPool inCluster(WireGate gate, InstantSource clock) {
    if (settings.lending().most() > 0) {
      borrower =
          system.systemActorOf(
              Borrower.create(this), "agents-" + channel.label() + "-borrower", Props.empty());
    }
    if (hasOwnAgents()) {
      ActorRef<Lender.Command> unused =
          system.systemActorOf(
              Lender.create(this, gate, clock),
              "agents-" + channel.label() + "-lender",
              Props.empty());
    }
    return this;
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public Places places() {
    return places;
  }

  @Override
  public boolean isShut() {
    return carriersLimit() || places.capacity() == 0;
  }

  @Override
  public Optional<Instant> shutUntil() {
    if (lanes.isEmpty() || places.capacity() > 0) return Optional.empty();
    List<Instant> known = lanes.stream().flatMap(lane -> lane.closedUntil().stream()).toList();
    return known.size() == lanes.size() ? known.stream().min(naturalOrder()) : Optional.empty();
  }

  /** Whether the carriers take less than the agents have room for. */
  private boolean carriersLimit() {
    return room < settings.capacity(size.instances());
  }

  @Override
  public void deliver(Attempt attempt, Consumer<Outcome> whenSettled) {
    accept(new Errand(attempt, whenSettled, leave, elsewhere));
  }

  /** Performs an attempt with an agent of this node or not at all. */
  void performHere(Attempt attempt, Consumer<Outcome> whenSettled) {
    accept(new Errand(attempt, whenSettled, leave, null));
  }

  private void accept(Errand errand) {
    underWay.add(errand);
    // Read after the errand stands in the set: either the drain sees it, or it sees the drain.
    if (!closing) router.tell(errand);
    else if (!errand.travel()) errand.abandon("shuttingDown");
  }

  private void overflow(Errand errand) {
    if (!errand.travel()) errand.abandon("poolFull");
  }

  /** Has agents of other nodes perform it; false when there are none. */
  private boolean borrowedAgentPerforms(Errand errand) {
    ActorRef<Borrower.Command> lent = borrower;
    if (lent == null) return false;
    lent.tell(errand);
    return true;
  }

  PoolSettings settings() {
    return settings;
  }

  /** Whether this node may have agents of this channel at all. */
  boolean hasOwnAgents() {
    return settings.sizing().max() > 0;
  }

  /** Who has no way to a carrier is granted nothing that could only come back. */
  int ownCapacity() {
    return closing ? 0 : Math.min(room, settings.capacity(size.instances()));
  }

  private int room() {
    if (lanes.isEmpty()) return Integer.MAX_VALUE;
    long sum = 0;
    for (Lane lane : lanes) sum += lane.room();
    return (int) Math.min(Integer.MAX_VALUE, sum);
  }

  /** Whether a place is free that no other node has lent. */
  boolean hasOwnRoom() {
    return !closing && places.taken() < ownCapacity();
  }

  private synchronized void resized(Router.Size newSize) {
    size = newSize;
    refit();
    newSize
        .last()
        .ifPresent(
            step ->
                LOG.info(
                    "{} agents: {} instead of {}, {}",
                    channel.label(),
                    step.to(),
                    step.from(),
                    step.why()));
  }

  /** So many places of other nodes may be used. */
  synchronized void borrowed(int count) {
    if (count == borrowed) return;
    borrowed = count;
    refit();
  }

  private synchronized void refit() {
    room = room();
    places.resize(ownCapacity() + borrowed);
  }

  /**
   * What an operator sees of it.
   *
   * @param node this node's name
   */
  public AgentsView view(String node) {
    Router.Size now = size;
    return new AgentsView(
        node,
        channel,
        now.instances(),
        settings.sizing().min(),
        settings.sizing().max(),
        settings.sizing().operations(),
        places.taken(),
        places.capacity(),
        borrowed,
        places.waiting(),
        now.last());
  }

  /** The lanes to the channel's carriers, in the order of their priority. */
  public List<Lane> lanes() {
    return lanes;
  }

  /** {@inheritDoc} Conversations that are still here borrow meanwhile. */
  @Override
  public CompletionStage<Done> drain() {
    if (drainDeadline.compareAndSet(0, System.nanoTime() + settings.drainTimeout().toNanos())) {
      closing = true;
      refit();
      endWhenDrained();
    }
    return drained;
  }

  private void left(Errand errand) {
    underWay.remove(errand);
    if (closing) system.executionContext().execute(this::endWhenDrained);
  }

  /** A place is taken from before the grant until its outcome is durable. */
  private void endWhenDrained() {
    if (underWay.isEmpty() && places.taken() == 0) end();
  }

  private void tick() {
    for (Lane lane : lanes) lane.tick();
    watch.look();
    refit();
    metrics.state(size.instances(), places.taken(), places.waiting());
    router.tell(new Router.Look(carriersLimit()));
    if (!closing) return;
    if (System.nanoTime() - drainDeadline.get() > 0) end();
    else endWhenDrained();
  }

  private void end() {
    synchronized (drained) {
      if (drained.isDone()) return;
      ticks.cancel();
      if (!underWay.isEmpty()) {
        LOG.warn(
            "{} {} attempts were still under way at the end of the drain timeout",
            underWay.size(),
            channel.label());
      }
      // A connector that can still say what became of an attempt, such as a call, says it now.
      for (Lane lane : lanes) lane.close();
      for (Errand errand : underWay) errand.abandon("shuttingDown");
      drained.complete(Done.getInstance());
    }
  }
}

package org.parley.agents.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.parley.agents.lane.Lane;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Places;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agents of one channel on this node, behind their router, with a lane to each carrier. */
public final class ChannelPool implements AgentPool {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelPool.class);
  private static final java.time.Duration TICK = java.time.Duration.ofMillis(250);

  private final Channel channel;
  private final PoolSettings settings;
  private final Places places;
  private final List<Lane> lanes;
  private final ActorSystem<?> system;
  private final ActorRef<Router.Command> router;
  private final Cancellable ticks;
  private final Set<Errand> underWay = ConcurrentHashMap.newKeySet();
  private final Consumer<Errand> leave = this::left;
  private final AtomicLong drainDeadline = new AtomicLong();
  private final CompletableFuture<Done> drained = new CompletableFuture<>();
  private volatile boolean closing;

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
    this.places = new Places(settings.capacity(), settings.reservePercent(), settings.waiting());
    this.router =
        system.systemActorOf(
            Router.create(settings, ways), "agents-" + channel.label(), Props.empty());
    this.ticks =
        system.scheduler().scheduleAtFixedRate(TICK, TICK, this::tick, system.executionContext());
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
  public void deliver(Attempt attempt, Consumer<Outcome> whenSettled) {
    Errand errand = new Errand(attempt, whenSettled, leave);
    underWay.add(errand);
    // Read after the errand stands in the set: either the drain sees it, or it sees the drain.
    if (closing) {
      errand.abandon("shuttingDown");
      return;
    }
    router.tell(errand);
  }

  /**
   * Takes nothing more, waits for what is under way at most the drain timeout, ends the connectors,
   * and then answers the rest: {@code NOT_SENT} before the wire, {@code UNKNOWN} on it.
   */
  public CompletionStage<Done> drain() {
    if (drainDeadline.compareAndSet(0, System.nanoTime() + settings.drainTimeout().toNanos())) {
      closing = true;
      if (underWay.isEmpty()) end();
    }
    return drained;
  }

  private void left(Errand errand) {
    underWay.remove(errand);
    if (closing && underWay.isEmpty()) system.executionContext().execute(this::end);
  }

  private void tick() {
    for (Lane lane : lanes) lane.tick();
    if (closing && System.nanoTime() - drainDeadline.get() > 0) end();
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

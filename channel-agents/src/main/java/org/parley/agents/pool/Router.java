package org.parley.agents.pool;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;
import org.parley.agents.budget.TokenBucket;
import org.parley.core.api.AgentsView;
import org.parley.core.spi.Places;

/**
 * Gives each errand to the least busy agent, at the pool's rate; equals take turns. It starts and
 * stops agents as {@link Sizing} decides. An agent that is to go gets no more errands and stops
 * when it has none left.
 */
final class Router extends AbstractBehavior<Router.Command> {
  /** What a router is asked. */
  sealed interface Command permits Errand, Look, Proceed {}

  /**
   * To look whether the pool has the right size.
   *
   * @param shut whether the carriers take less than the agents have room for: more agents would not
   *     help who waits, and those there are will be needed again
   */
  record Look(boolean shut) implements Command {}

  /** To go on with what waits for the pool's rate. */
  record Proceed() implements Command {}

  /** How large the pool is, for those who look at it from outside. */
  record Size(int instances, Optional<AgentsView.Resize> last) {}

  /**
   * What a router works with.
   *
   * @param resized is told every new size
   * @param overflow takes what no agent here has room for, and answers it
   */
  record Parts(
      PoolSettings settings,
      List<? extends Way> ways,
      Places places,
      Consumer<Size> resized,
      Consumer<Errand> overflow,
      LongSupplier nanoClock,
      InstantSource clock) {}

  private final Parts parts;
  private final TimerScheduler<Command> timers;
  private final Sizing sizing;
  private final List<Desk> desks = new ArrayList<>();
  private final List<Desk> leaving = new ArrayList<>();
  private final ArrayDeque<Errand> urgent = new ArrayDeque<>();
  private final ArrayDeque<Errand> ordinary = new ArrayDeque<>();
  private final int queue;
  private @Nullable TokenBucket pace;
  private boolean proceeds;
  private int turn;
  private int born;

  static Behavior<Command> create(Parts parts) {
    Behavior<Command> router =
        Behaviors.setup(
            context -> Behaviors.withTimers(timers -> new Router(context, timers, parts)));
    return Behaviors.supervise(router)
        .onFailure(SupervisorStrategy.restart().withStopChildren(true));
  }

  private Router(ActorContext<Command> context, TimerScheduler<Command> timers, Parts parts) {
    super(context);
    this.parts = parts;
    this.timers = timers;
    SizingPolicy policy = parts.settings().sizing();
    this.sizing = new Sizing(policy);
    this.queue = parts.settings().capacity(policy.max());
    if (parts.settings().perSecond() > 0 && policy.max() > 0) {
      pace = new TokenBucket(0, 1, parts.nanoClock().getAsLong());
    }
    hire(policy.min());
    adapt(Optional.empty());
    if (pace != null) pace.fillUp();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Errand.class, this::route)
        .onMessage(Look.class, this::look)
        .onMessage(Proceed.class, ignored -> proceed())
        .onSignal(PreRestart.class, ignored -> fall())
        .onSignal(PostStop.class, ignored -> fall())
        .build();
  }

  private Behavior<Command> route(Errand errand) {
    if (pace == null) {
      place(errand);
    } else if (urgent.size() + ordinary.size() >= queue) {
      parts.overflow().accept(errand);
    } else {
      (errand.isUrgent() ? urgent : ordinary).add(errand);
      if (!proceeds) paced(pace);
    }
    return this;
  }

  private Behavior<Command> proceed() {
    proceeds = false;
    if (pace != null) paced(pace);
    return this;
  }

  private void paced(TokenBucket bucket) {
    while (true) {
      ArrayDeque<Errand> from = urgent.isEmpty() ? ordinary : urgent;
      Errand next = from.peek();
      if (next == null) return;
      long now = parts.nanoClock().getAsLong();
      // Whatever was answered meanwhile, by a drain, needs no token.
      if (!next.isSettled() && !bucket.tryTake(now)) {
        proceeds = true;
        Duration wait = Duration.ofNanos(Math.max(1_000_000, bucket.waitNanos(1, now)));
        timers.startSingleTimer(new Proceed(), wait);
        return;
      }
      place(from.remove());
    }
  }

  private void place(Errand errand) {
    if (errand.isSettled()) return;
    Desk desk = leastBusy();
    if (desk != null && desk.hasRoom()) {
      errand.assign(desk);
      desk.agent().tell(errand);
    } else {
      parts.overflow().accept(errand);
    }
  }

  private @Nullable Desk leastBusy() {
    int size = desks.size();
    if (size == 0) return null;
    Desk best = desks.get(turn % size);
    for (int i = 1; i < size; i++) {
      Desk other = desks.get((turn + i) % size);
      if (other.busy() < best.busy()) best = other;
    }
    turn = (turn + 1) % size;
    return best;
  }

  private Behavior<Command> look(Look look) {
    Iterator<Desk> each = leaving.iterator();
    while (each.hasNext()) {
      Desk desk = each.next();
      if (desk.busy() > 0) continue;
      getContext().stop(desk.agent());
      each.remove();
    }
    if (look.shut()) {
      sizing.rest();
      return this;
    }
    Places places = parts.places();
    sizing
        .look(parts.nanoClock().getAsLong(), places.taken(), places.waiting())
        .ifPresent(this::resize);
    return this;
  }

  private void resize(Sizing.Step step) {
    if (step.to() > step.from()) hire(step.to() - step.from());
    else letGo(step.from() - step.to());
    Instant now = parts.clock().instant();
    adapt(Optional.of(new AgentsView.Resize(step.from(), step.to(), step.why(), now)));
  }

  private void hire(int count) {
    for (int i = 0; i < count; i++) {
      if (!leaving.isEmpty()) {
        desks.add(leaving.remove(leaving.size() - 1));
        continue;
      }
      desks.add(
          new Desk(
              getContext().spawn(Agent.create(parts.ways()), "agent-" + born++),
              parts.settings().sizing().operations()));
    }
  }

  private void letGo(int count) {
    for (int i = 0; i < count; i++) leaving.add(desks.remove(desks.size() - 1));
  }

  private void adapt(Optional<AgentsView.Resize> step) {
    int instances = desks.size();
    if (pace != null) {
      pace.resize(
          (double) parts.settings().perSecond() * instances,
          (double) parts.settings().burst() * instances,
          parts.nanoClock().getAsLong());
    }
    parts.resized().accept(new Size(instances, step));
  }

  /** What waited here certainly was not sent. */
  private Behavior<Command> fall() {
    for (Errand errand : urgent) errand.abandon("routerFailed");
    for (Errand errand : ordinary) errand.abandon("routerFailed");
    urgent.clear();
    ordinary.clear();
    return this;
  }
}

package org.parley.agents.pool;

import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.parley.core.api.Outcome;

/**
 * Gives each errand to the least busy agent; equals take turns. When no agent has room the errand
 * is answered {@code NOT_SENT} with {@code poolFull}.
 */
final class Router extends AbstractBehavior<Router.Command> {
  /** What a router is asked: to find an agent. */
  sealed interface Command permits Errand {}

  private final List<Desk> desks = new ArrayList<>();
  private int turn;

  static Behavior<Command> create(PoolSettings settings, List<? extends Way> ways) {
    return Behaviors.supervise(
            Behaviors.<Command>setup(context -> new Router(context, settings, ways)))
        .onFailure(SupervisorStrategy.restart().withStopChildren(true));
  }

  private Router(ActorContext<Command> context, PoolSettings settings, List<? extends Way> ways) {
    super(context);
    for (int i = 0; i < settings.instances(); i++) {
      desks.add(
          new Desk(
              context.spawn(Agent.create(ways), "agent-" + i), settings.operationsPerInstance()));
    }
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Errand.class, this::route).build();
  }

  private Behavior<Command> route(Errand errand) {
    Desk desk = leastBusy();
    if (desk.hasRoom()) {
      errand.assign(desk);
      desk.agent().tell(errand);
    } else {
      errand.settle(Outcome.notSent("poolFull"));
    }
    return this;
  }

  private Desk leastBusy() {
    int size = desks.size();
    Desk best = desks.get(turn % size);
    for (int i = 1; i < size; i++) {
      Desk other = desks.get((turn + i) % size);
      if (other.busy() < best.busy()) best = other;
    }
    turn = (turn + 1) % size;
    return best;
  }
}

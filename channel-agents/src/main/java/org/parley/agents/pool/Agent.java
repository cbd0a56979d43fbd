package org.parley.agents.pool;

import java.util.List;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * Performs attempts: it takes each errand to the first carrier of the channel, and to the next one
 * when a carrier certainly did not take it. What a lane holds is answered by the lane; what the
 * agent holds when it crashes is answered as it falls.
 */
final class Agent extends AbstractBehavior<Agent.Command> {
  /** What an agent is asked: to take an errand to its next carrier. */
  sealed interface Command permits Errand {}

  private final List<? extends Way> ways;
  private @Nullable Errand inHand;

  static Behavior<Command> create(List<? extends Way> ways) {
    return Behaviors.supervise(Behaviors.<Command>setup(context -> new Agent(context, ways)))
        .onFailure(SupervisorStrategy.restart());
  }

  private Agent(ActorContext<Command> context, List<? extends Way> ways) {
    super(context);
    this.ways = ways;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Errand.class, this::perform)
        .onSignal(PreRestart.class, ignored -> fall())
        .onSignal(PostStop.class, ignored -> fall())
        .build();
  }

  private Behavior<Command> perform(Errand errand) {
    inHand = errand;
    errand.lastLane(errand.laneIndex() == ways.size() - 1);
    ways.get(errand.laneIndex()).offer(errand);
    inHand = null;
    return this;
  }

  private Behavior<Command> fall() {
    if (inHand != null) inHand.abandon("agentFailed");
    return this;
  }
}

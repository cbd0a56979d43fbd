package org.parley.agents.pool;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * An agent's desk: how many operations it has under way. The router reads it without asking the
 * agent, and whoever settles an errand clears its place without telling the agent, so a settled
 * errand costs no message.
 */
final class Desk {
  private final ActorRef<Agent.Command> agent;
  private final int operations;
  private final AtomicInteger busy = new AtomicInteger();

  Desk(ActorRef<Agent.Command> agent, int operations) {
    this.agent = agent;
    this.operations = operations;
  }

  ActorRef<Agent.Command> agent() {
    return agent;
  }

  int busy() {
    return busy.get();
  }

  boolean hasRoom() {
    return busy.get() < operations;
  }

  /** Only the router takes places, so that reading and taking need not be one step. */
  void take() {
    busy.incrementAndGet();
  }

  void clear() {
    busy.decrementAndGet();
  }
}

package org.parley.agents.operations;

import java.time.Instant;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.parley.agents.lane.LaneReport;
import org.parley.core.api.AgentsView;
import org.parley.core.api.CarrierOrder;
import org.parley.core.spi.WireMessage;

/** What operators' wishes look like on the wire. */
final class Orders {
  private Orders() {}

  /** What a node's desk is asked. */
  sealed interface Ask extends WireMessage, OperatorsDesk.Command permits Describe, Follow {}

  /** To say what it has. */
  record Describe(ActorRef<Description> replyTo) implements Ask {}

  /**
   * To follow an order.
   *
   * @param at when it was given; an older one changes nothing
   */
  record Follow(String carrier, CarrierOrder order, Instant at, ActorRef<Description> replyTo)
      implements Ask {}

  /** What a node has. */
  record Description(String node, List<AgentsView> agents, List<LaneReport> carriers)
      implements WireMessage {
    Description {
      agents = List.copyOf(agents);
      carriers = List.copyOf(carriers);
    }
  }

  /** Under which the nodes' desks are found. */
  static ServiceKey<Ask> key() {
    return ServiceKey.create(Ask.class, "parley-operators");
  }
}

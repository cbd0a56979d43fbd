package org.parley.core.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.parley.core.spi.WireMessage;

/** Tells what only this node knows of itself. */
public final class ClusterDesk {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private ClusterDesk() {}

  /** Asks a node's desk to say what it has. */
  record Describe(ActorRef<Description> replyTo) implements WireMessage {}

  /**
   * What a node knows of itself.
   *
   * @param node its address
   * @param held absent when its shards are too busy to be counted
   * @param unreachable the addresses of the members that it watches and does not reach
   */
  record Description(String node, Instant startedAt, Optional<Held> held, List<String> unreachable)
      implements WireMessage {
    Description {
      unreachable = List.copyOf(unreachable);
    }
  }

  /** Under which the nodes' desks are found. */
  static ServiceKey<Describe> key() {
    return ServiceKey.create(Describe.class, "parley-cluster-desk");
  }

  /** Starts the desk of a node whose conversations are started. */
  public static void start(ActorSystem<?> system) {
    Behavior<Describe> desk =
        Behaviors.setup(
            context -> {
              system.receptionist().tell(Receptionist.register(key(), context.getSelf()));
              return Behaviors.receive(Describe.class)
                  .onMessage(
                      Describe.class,
                      ask -> {
                        Held.by(system, PATIENCE)
                            .thenAccept(held -> ask.replyTo().tell(description(system, held)));
                        return Behaviors.same();
                      })
                  .build();
            });
    ActorRef<Describe> unused = system.systemActorOf(desk, "parley-cluster-desk", Props.empty());
  }

  private static Description description(ActorSystem<?> system, Optional<Held> held) {
    return new Description(
        system.address().toString(),
        Instant.ofEpochMilli(system.startTime()),
        held,
        unreachable(Cluster.get(Adapter.toClassic(system))));
  }

  private static List<String> unreachable(Cluster cluster) {
    List<String> unreachable = new ArrayList<>();
    for (Member member : cluster.state().getMembers()) {
      Address address = member.address();
      boolean watched = cluster.failureDetector().isMonitoring(address);
      if (watched && !cluster.failureDetector().isAvailable(address)) {
        unreachable.add(address.toString());
      }
    }
    return unreachable;
  }
}

package org.parley.agents;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Join;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.parley.core.Engine;
import org.parley.core.api.Operators;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.WireGate;

/** A cluster of nodes that only have agents, all in this JVM and on free ports. */
final class Cluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** One of its nodes. */
  record Node(ActorSystem<Void> system, AgentPool pool, Operators operators) {
    String name() {
      return system.address().toString();
    }

    /** Leaves the cluster and ends. */
    void leave() {
      CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason());
      awaitEnd();
    }

    /** Ends without a word to the others. */
    void crash() {
      system.terminate();
      awaitEnd();
    }

    private void awaitEnd() {
      try {
        Object unused = system.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new AssertionError("a node did not end", e);
      }
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private final Ear gate = new Ear();
  private final Tools tools = new Tools();
  private final String common;

  /** The gate of all nodes: it stops nothing, and keeps what it saw and heard last. */
  static final class Ear implements WireGate {
    volatile @Nullable Attempt seen;
    volatile @Nullable Address from;
    volatile long epoch;

    @Override
    public Optional<String> stop(Attempt attempt) {
      seen = attempt;
      return Optional.empty();
    }

    @Override
    public void cameFrom(Address node, long ofLife) {
      from = node;
      epoch = ofLife;
    }
  }

  Ear gate() {
    return gate;
  }

  /**
   * @param common HOCON of all nodes
   */
  Cluster(String common) {
    this.common = common;
  }

  /**
   * Starts a node with an email carrier and waits until it is up.
   *
   * @param more HOCON of this node alone
   */
  Node start(String more) {
    Config config =
        ConfigFactory.parseString(
                common
                    + "\n"
                    + more
                    + """

                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.jmx.enabled = off
                    pekko.cluster.sharding.number-of-shards = 8
                    pekko.loglevel = ERROR
                    pekko.log-dead-letters = off
                    pekko.log-dead-letters-during-shutdown = off
                    pekko.coordinated-shutdown.exit-jvm = off
                    pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                    pekko.cluster {
                      gossip-interval = 200ms
                      leader-actions-interval = 200ms
                      periodic-tasks-initial-delay = 100ms
                      distributed-data { gossip-interval = 200ms, notify-subscribers-interval = 50ms }
                    }
                    """)
            .withFallback(Engine.config())
            .withFallback(ConfigFactory.load())
            .resolve();
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "agents", config);
    var cluster = org.apache.pekko.cluster.typed.Cluster.get(system);
    ActorSystem<Void> first =
        nodes.stream().map(Node::system).filter(Cluster::isRunning).findFirst().orElse(system);
    cluster.manager().tell(new Join(first.address()));
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> cluster.selfMember().status().equals(MemberStatus.up()));
    AgentPool pool =
        ChannelAgents.start(
                system, tools.with(gate, attempt -> Attempts.message("Hello", "A text.")))
            .get(0);
    Node node = new Node(system, pool, ChannelAgents.operators(system, tools));
    nodes.add(node);
    return node;
  }

  private static boolean isRunning(ActorSystem<?> system) {
    return !system.getWhenTerminated().toCompletableFuture().isDone();
  }

  @Override
  public void close() {
    for (Node node : nodes) node.system().terminate();
    for (Node node : nodes) node.awaitEnd();
  }
}

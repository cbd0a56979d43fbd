package org.parley.core;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.parley.core.api.ClusterView;
import org.parley.core.api.Parley;
import org.parley.core.cluster.ClusterOverview;
import org.parley.core.engine.LocalParley;
import org.parley.core.spi.AgentPools;
import org.parley.core.spi.ReplyClassifier;
import org.parley.core.spi.Stores;

/** Starts the engine on an actor system that is a member of a cluster. */
public final class Engine {
  private Engine() {}

  /**
   * What an actor system needs for the engine, to be put over its own configuration and resolved
   * with it.
   */
  public static Config config() {
    return ConfigFactory.parseResources(Engine.class.getClassLoader(), "parley-engine.conf");
  }

  /**
   * Checks the engine's settings without starting it.
   *
   * @throws IllegalArgumentException for a setting out of its bounds
   */
  public static void check(Config config) {
    LocalParley.check(config);
  }

  /**
   * Starts conversations, campaigns, audience runs and due work on this node. Blocks for at most 20
   * seconds, until the shared secrets and this life's epoch are read and the node has warmed up.
   *
   * @param pools makes this node's agent pools, given what they ask right before the wire
   * @throws IllegalArgumentException for a setting out of its bounds
   */
  public static Parley start(ActorSystem<?> system, Stores stores, AgentPools pools) {
    return start(system, stores, pools, Clock.systemUTC());
  }

  /** The same, with another clock: what the rules take for now. */
  public static Parley start(
      ActorSystem<?> system, Stores stores, AgentPools pools, InstantSource clock) {
    return LocalParley.start(system, stores, pools, clock, Optional.empty());
  }

  /** The same, with an embedder's own understanding of what customers write. */
  public static Parley start(
      ActorSystem<?> system,
      Stores stores,
      AgentPools pools,
      InstantSource clock,
      ReplyClassifier classifier) {
    return LocalParley.start(system, stores, pools, clock, Optional.of(classifier));
  }

  /**
   * Completes once this node, whose engine is started, has its share of the conversations: at once
   * when no other node has any, and otherwise when none has moved here for 2 s, or after 30 s.
   */
  public static CompletionStage<Done> settled(ActorSystem<?> system) {
    return LocalParley.settled(system);
  }

  /**
   * The cluster as this node sees it, once the engine is started on it. An answer never fails, and
   * takes seconds only when a node does not say how it is.
   *
   * @param lease reads the lease of the split brain resolver, where it has one; a failure counts as
   *     none
   */
  public static Supplier<CompletionStage<ClusterView>> cluster(
      ActorSystem<?> system, Supplier<CompletionStage<Optional<ClusterView.Lease>>> lease) {
    return new ClusterOverview(system, lease);
  }
}

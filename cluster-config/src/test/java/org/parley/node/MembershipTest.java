package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How nodes come into a cluster and what they say when they do not; without a database. */
class MembershipTest {
  private static final List<ActorSystem<?>> systems = new ArrayList<>();
  private static String seed;

  @BeforeAll
  static void startACluster() {
    seed = join("").address();
  }

  @AfterAll
  static void endAll() {
    for (ActorSystem<?> system : systems) system.terminate();
    for (ActorSystem<?> system : systems) {
      var unused = system.getWhenTerminated().toCompletableFuture().join();
    }
  }

  @Test
  void aNodeJoinsThroughTheFirstSeedThatAnswers() {
    int nobody = Ports.free("127.0.0.1");
    Membership membership = join("seeds = [\"127.0.0.1:" + nobody + "\", \"" + seed + "\"]");
    assertThat(membership.address()).startsWith("127.0.0.1:").isNotEqualTo(seed);
    assertThat(Cluster.get(systems.get(0)).state().getMembers())
        .anyMatch(member -> member.address().hostPort().endsWith(membership.address()));
  }

  @Test
  void seedsThatDoNotAnswerAreNamed() {
    int nobody = Ports.free("127.0.0.1");
    assertThatThrownBy(() -> join("start-timeout = 1s, seeds = [\"127.0.0.1:" + nobody + "\"]"))
        .isInstanceOf(NodeUnavailable.class)
        .hasMessageContaining("nothing listens at 127.0.0.1:" + nobody)
        .hasMessageContaining("parley.cluster.seeds");
  }

  @Test
  void aClusterOfAnotherNameIsGivenAsTheLikelyReason() {
    assertThatThrownBy(() -> join("name = other, start-timeout = 1s, seeds = [\"" + seed + "\"]"))
        .isInstanceOf(NodeUnavailable.class)
        .hasMessageContaining(seed + " listens")
        .hasMessageContaining("another parley.cluster.name");
  }

  @Test
  void aNodeThatSpeaksAnotherVersionOfTheWireProtocolIsTurnedAway() {
    assertThatThrownBy(() -> join("wire-version = 2, seeds = [\"" + seed + "\"]"))
        .isInstanceOf(NodeUnavailable.class)
        .hasMessageContaining("does not let this node in")
        .hasMessageContaining("wire version is 2");
  }

  @Test
  void aSeedThatIsThisNodeUnderAnotherNameIsSaid() {
    int port = Ports.free("127.0.0.1");
    assertThatThrownBy(() -> join("port = " + port + ", seeds = [\"localhost:" + port + "\"]"))
        .isInstanceOf(NodeUnavailable.class)
        .hasMessageContaining("localhost:" + port)
        .hasMessageContaining("parley.cluster.host names it 127.0.0.1");
  }

  /** Another node, as far as its cluster goes. */
  private static Membership join(String cluster) {
    Config nodes =
        NodeConfig.load(
            new NodeOptions(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false));
    Config config =
        ConfigFactory.parseString("parley.cluster { " + cluster + " }").withFallback(nodes);
    Config full =
        ConfigFactory.parseString(
                "pekko.remote.artery.canonical.port = " + config.getInt("parley.cluster.port"))
            .withFallback(config)
            .resolve();
    NodeSettings settings = NodeSettings.from(full);
    ActorSystem<?> system = ActorSystem.create(Behaviors.empty(), settings.clusterName(), full);
    systems.add(system);
    return Membership.join(system, settings);
  }
}

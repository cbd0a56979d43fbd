package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How nodes come into a cluster and what they say when they do not; without a database. */
class MembershipTest {
  /** A machine that is busy with other things must not look like a dead node. */
  private static final String PATIENT =
      "pekko.cluster.failure-detector.acceptable-heartbeat-pause = 40s\n";

  @TempDir private static Path directory;

  private static final List<ActorSystem<?>> systems = new CopyOnWriteArrayList<>();
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
    Config joining =
        load("seeds = [\"" + seed + "\"]", "")
            .withValue(WireVersionCheck.KEY, ConfigValueFactory.fromAnyRef(1));
    assertThatThrownBy(() -> join(joining))
        .isInstanceOf(NodeUnavailable.class)
        .hasMessageContaining("does not let this node in")
        .hasMessageContaining("wire version is 1");
  }

  @Test
  void aSeedThatIsThisNodeUnderAnotherNameIsSaid() {
    int port = Ports.free("127.0.0.1");
    assertThatThrownBy(() -> join("port = " + port + ", seeds = [\"localhost:" + port + "\"]"))
        .isInstanceOf(NodeUnavailable.class)
        .hasMessageContaining("localhost:" + port)
        .hasMessageContaining("parley.cluster.host names it 127.0.0.1");
  }

  @Test
  void aNodeThatIsPutOutEndsAndItsPortIsFree() throws Exception {
    String first = join("name = harsh").address();
    Cluster judge = Cluster.get(systems.get(systems.size() - 1));
    int port = Ports.free("127.0.0.1");
    Membership out = join("name = harsh, port = " + port + ", seeds = [\"" + first + "\"]");
    ActorSystem<?> ended = systems.get(systems.size() - 1);
    judge.manager().tell(Down.apply(AddressFromURIString.parse("pekko://harsh@" + out.address())));
    assertThat(ended.getWhenTerminated().toCompletableFuture())
        .succeedsWithin(Duration.ofSeconds(30));
    assertThat(CoordinatedShutdown.get(ended).getShutdownReason())
        .contains(CoordinatedShutdown.clusterDowningReason());
    Ports.requireFree("127.0.0.1", port, "another port");
    // It would wait in vain for a farewell of the other.
    judge.manager().tell(Down.apply(judge.selfMember().address()));
  }

  @Test
  void nodesThatDiscoverEachOtherStartACluster() {
    int one = Ports.free("127.0.0.1");
    int two = Ports.free("127.0.0.1");
    CompletableFuture<Membership> other = CompletableFuture.supplyAsync(() -> discover(two, one));
    String first = discover(one, two).address();
    String second = other.join().address();
    assertThat(Cluster.get(systems.get(systems.size() - 1)).state().getMembers())
        .extracting(member -> member.address().hostPort().replaceFirst(".*@", ""))
        .containsExactlyInAnyOrder(first, second);
  }

  /** Where discovery shows a node itself and nobody else, the database still knows the cluster. */
  @Test
  void aNodeThatDiscoversNobodyJoinsTheClusterThatTheDatabaseKnows() {
    String known = join("name = found").address();
    int management = Ports.free("127.0.0.1");
    AtomicInteger asked = new AtomicInteger();
    Membership late =
        join(
            discovering(management, management),
            () -> asked.incrementAndGet() < 3 ? Optional.empty() : Optional.of(List.of(known)));
    assertThat(Cluster.get(systems.get(systems.size() - 1)).state().getMembers())
        .extracting(member -> member.address().hostPort().replaceFirst(".*@", ""))
        .containsExactlyInAnyOrder(known, late.address());
  }

  private static Membership discover(int management, int other) {
    return join(discovering(management, other));
  }

  private static Config discovering(int management, int other) {
    return load(
        "name = found, bootstrap = kubernetes, management-port = "
            + management
            + ", bootstrap-nodes = "
            + (management == other ? 1 : 2),
        """
            parley.database.url = "jdbc:postgresql://127.0.0.1/none"
            pekko.discovery.config.services.found.endpoints = [
              { host = "127.0.0.1", port = %d }, { host = "127.0.0.1", port = %d }
            ]
            pekko.management.cluster.bootstrap.contact-point-discovery {
              discovery-method = config, stable-margin = 500ms, interval = 200ms
            }
            """
            .formatted(management, other));
  }

  private static Membership join(String cluster) {
    return join(load(cluster, ""));
  }

  private static Config load(String cluster, String more) {
    try {
      Path file = Files.createTempFile(directory, "node", ".conf");
      Files.writeString(
          file, "parley.cluster { split-brain = majority, " + cluster + " }\n" + PATIENT + more);
      return NodeConfig.load(
          new NodeOptions(
              Optional.of(file), Optional.empty(), Optional.empty(), Optional.empty(), false));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Another node, as far as its cluster goes; the database lets any begin one. */
  private static Membership join(Config config) {
    return join(config, () -> Optional.of(List.of()));
  }

  /**
   * @param known whom the database says to join; nobody stands for the node itself
   */
  private static Membership join(Config config, Supplier<Optional<List<String>>> known) {
    NodeSettings settings = NodeSettings.from(config);
    AtomicReference<String> self = new AtomicReference<>();
    Supplier<Optional<List<String>>> permission =
        () -> known.get().map(seeds -> seeds.isEmpty() ? List.of(self.get()) : seeds);
    ActorSystem<?> system =
        ActorSystem.create(
            Behaviors.empty(),
            settings.clusterName(),
            ActorSystemSetup.create(
                BootstrapSetup.create(config), new PermittedJoinDecider.Permission(permission)));
    systems.add(system);
    self.set(Cluster.get(system).selfMember().address().hostPort().replaceFirst(".*@", ""));
    Management.start(system, settings);
    List<String> seeds = settings.seeds().isEmpty() ? List.of(self.get()) : settings.seeds();
    return Membership.join(system, settings, () -> seeds);
  }
}

package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who comes in to a cluster with TLS, and who does not: real nodes' actor systems on real sockets. */
class ClusterDoorIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String HOST = "127.0.0.1";
  private static final String OTHER = "elsewhere.example.com";

  @TempDir private static Path directory;
  private static final List<ActorSystem<Void>> STARTED = new ArrayList<>();
  private static Certificates ours = new Certificates(Path.of(""));
  private static Certificates foreign = new Certificates(Path.of(""));
  private static ActorSystem<Void> first = null;

  @BeforeAll
  static void startTheFirstNode() {
    ours = Certificates.make(directory.resolve("ours"), HOST, OTHER);
    foreign = Certificates.make(directory.resolve("foreign"), HOST);
    first = system(ours.settings(HOST));
    join(first);
    awaitMembers(1);
  }

  @AfterAll
  static void end() {
    STARTED.forEach(ActorSystem::terminate);
  }

  @Test
  void whoHasTheRightCertificateJoinsAndNobodyElseDoes() {
    String briefly = "\nparley.cluster.start-timeout = 3s";
    List<ActorSystem<Void>> strangers =
        List.of(
            system("parley.cluster.host = \"127.0.0.1\"" + briefly),
            system(foreign.settings(HOST) + briefly),
            system(
                ours.settings(OTHER)
                    + briefly
                    + "\npekko.remote.artery.canonical.hostname = \"127.0.0.1\""));
    strangers.forEach(ClusterDoorIT::join);
    for (ActorSystem<Void> stranger : strangers) {
      Awaitility.await("a stranger gives up")
          .atMost(PATIENCE)
          .until(() -> stranger.getWhenTerminated().toCompletableFuture().isDone());
    }
    ActorSystem<Void> second = system(ours.settings(HOST));
    join(second);
    awaitMembers(2);
    assertThat(members().stream().map(Member::address))
        .containsExactlyInAnyOrder(address(first), address(second));
  }

  private static ActorSystem<Void> system(String settings) {
    try {
      Path file = Files.createTempFile(directory, "node", ".conf");
      Files.writeString(file, settings);
      Config config =
          NodeConfig.load(
              new NodeOptions(
                  Optional.of(file),
                  Optional.of(directory),
                  Optional.empty(),
                  Optional.empty(),
                  false));
      ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "parley", config);
      STARTED.add(system);
      return system;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void join(ActorSystem<Void> system) {
    Cluster.get(system).manager().tell(new JoinSeedNodes(List.of(address(first))));
  }

  private static Address address(ActorSystem<Void> system) {
    return Cluster.get(system).selfMember().address();
  }

  private static List<Member> members() {
    return StreamSupport.stream(Cluster.get(first).state().getMembers().spliterator(), false)
        .toList();
  }

  private static void awaitMembers(int number) {
    Awaitility.await(number + " members are up")
        .atMost(PATIENCE)
        .until(
            () ->
                members().stream().filter(each -> each.status().equals(MemberStatus.up())).count()
                    == number);
  }
}

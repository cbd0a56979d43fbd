package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.node.RunningNode.expect;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.core.cluster.Share;

/** Whole nodes that are one cluster, and end in other ways than one by one. */
class EndOfAClusterIT {
  private static final String HOST = "127.0.0.1";
  private static final List<String> ADDRESSES =
      IntStream.range(0, 20).mapToObj(i -> "last-" + i + "@one.example").toList();
  private static final String HELLO =
      """
      {"channel":"email","category":"transactional",
       "template":{"subject":"Hello","text":"Hello"}}
      """;

  private final int seed = Ports.free(HOST);

  @TempDir private Path directory;

  private RunningNode node(String name, int port, SharedDatabase database) throws IOException {
    return new RunningNode(
        Files.createDirectories(directory.resolve(name)), settings(port, database));
  }

  private String settings(int port, SharedDatabase database) throws IOException {
    String own =
        """
        parley.cluster { seeds = ["%s:%d"], port = %d }
        parley.sandbox.smtp.delay = 2s
        """
            .formatted(HOST, seed, port);
    return own + database.settings();
  }

  /** On a slow machine a node may be ready before the coordinator knows of it. */
  private static boolean isKnown(RunningNode node) {
    return Share.of(node.node.system, Duration.ofSeconds(10))
        .toCompletableFuture()
        .join()
        .isPresent();
  }

  @Test
  void whenAllNodesEndAtOnceWhatIsOnTheWireIsHeardOfBefore() throws Exception {
    try (SharedDatabase database = new SharedDatabase(directory)) {
      RunningNode first = node("first", seed, database);
      RunningNode second = node("second", 0, database);
      Awaitility.await("the second node is given shards")
          .atMost(Duration.ofSeconds(60))
          .until(() -> isKnown(second));
      List<String> messages = new ArrayList<>();
      for (String address : ADDRESSES) {
        String customer = "/v1/customers/" + address.replace('@', '.');
        String profile = "{\"email\":\"" + address + "\"}";
        expect(200, first.put(customer, "application/json", profile));
        messages.add(expect(202, first.post(customer + "/messages", HELLO)).text("id"));
      }
      List<CompletableFuture<Void>> ends =
          Stream.of(first, second).map(node -> CompletableFuture.runAsync(node::close)).toList();
      for (CompletableFuture<Void> end : ends) end.get(60, TimeUnit.SECONDS);

      RunningNode again = node("first", seed, database);
      try {
        for (String message : messages) {
          Awaitility.await()
              .atMost(Duration.ofSeconds(30))
              .untilAsserted(
                  () ->
                      assertThat(again.get("/v1/messages/" + message).text("state"))
                          .isEqualTo("delivered"));
        }
        for (String address : ADDRESSES) {
          assertThat(again.mailsTo(address).size() + second.mailsTo(address).size()).isOne();
        }
        assertThat(second.ledger()).as("what the second node sent before it ended").isNotEmpty();
      } finally {
        again.close();
      }
    }
  }

  @Test
  void aNodeThatIsToldToEndWhileItStartsLeavesItsClusterInOrder() throws Exception {
    try (SharedDatabase database = new SharedDatabase(directory);
        RunningNode first = node("first", seed, database)) {
      CompletableFuture<MemberRemoved> gone = departureFrom(first);
      CompletableFuture<ActorSystem<?>> system = new CompletableFuture<>();
      CompletableFuture<Runnable> end = new CompletableFuture<>();
      CompletableFuture<Void> ended = new CompletableFuture<>();
      Alterations toldToEnd =
          new Alterations(
              nothing -> {},
              UnaryOperator.identity(),
              UnaryOperator.identity(),
              (stores, parley) -> {
                // It is up and may send, and is not ready yet: it has still to get its share.
                assertThat(end).as("what ends the node").isCompleted();
                var unused = end.thenAcceptAsync(Runnable::run).thenAccept(ended::complete);
              });
      Config config =
          RunningNode.config(
              Files.createDirectories(directory.resolve("second")), settings(0, database));
      CompletableFuture<Node> start =
          CompletableFuture.supplyAsync(
              () ->
                  Node.start(
                      config,
                      toldToEnd,
                      (started, how) -> {
                        system.complete(started);
                        end.complete(how);
                      }));
      assertThat(start)
          .failsWithin(Duration.ofMinutes(5))
          .withThrowableThat()
          .havingRootCause()
          .isInstanceOf(NodeUnavailable.class)
          .withMessageContaining("told to end while it started");
      assertThat(ended).succeedsWithin(Duration.ofSeconds(60));
      assertThat(system.join().getWhenTerminated().toCompletableFuture()).isCompleted();
      assertThat(gone.get(60, TimeUnit.SECONDS).previousStatus())
          .as("how the other node saw it last")
          .isEqualTo(MemberStatus.exiting());
    }
  }

  /** The end of the next member that leaves, as this node sees it. */
  private static CompletableFuture<MemberRemoved> departureFrom(RunningNode node) {
    CompletableFuture<MemberRemoved> gone = new CompletableFuture<>();
    ActorRef<MemberRemoved> watch =
        node.node.system.systemActorOf(
            Behaviors.receive(MemberRemoved.class)
                .onMessage(
                    MemberRemoved.class,
                    removed -> {
                      gone.complete(removed);
                      return Behaviors.same();
                    })
                .build(),
            "departures",
            Props.empty());
    Cluster.get(node.node.system)
        .subscriptions()
        .tell(Subscribe.create(watch, MemberRemoved.class));
    return gone;
  }
}

package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.node.RunningNode.expect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.cluster.typed.Cluster;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.core.cluster.Share;

/** Whole nodes that are one cluster, of which one alone loses its way to the database. */
class NodeWithoutDatabaseIT {
  private static final String HOST = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> CUSTOMERS =
      IntStream.range(0, 30).mapToObj(i -> "customer-" + i).toList();

  private final int seed = Ports.free(HOST);

  @TempDir private Path directory;

  private RunningNode node(String name, int port, String database) throws IOException {
    // A machine that is busy with other things must not look like a dead node.
    String settings =
        """
        parley.cluster { seeds = ["%s:%d"], port = %d }
        parley.nodes { heartbeat = 500ms, stale-after = 2s, timeout = 2s, put-out-after = 10s }
        pekko.cluster.failure-detector.acceptable-heartbeat-pause = 10s
        pekko.cluster.sharding.rebalance-interval = 1s
        """
            .formatted(HOST, seed, port);
    return new RunningNode(Files.createDirectories(directory.resolve(name)), settings + database);
  }

  private static boolean hasShards(RunningNode node) {
    return Share.of(node.node.system, Duration.ofSeconds(10))
        .toCompletableFuture()
        .join()
        .filter(share -> share.own() >= share.all() / 3)
        .isPresent();
  }

  private static RunningNode.Answer change(RunningNode node, String customer, String domain) {
    String profile = "{\"email\":\"%s@%s\"}".formatted(customer, domain);
    return node.put("/v1/customers/" + customer, "application/json", profile);
  }

  @Test
  void aNodeThatAloneLosesTheDatabaseEndsAndTheOthersServeItsCustomersAndCampaigns()
      throws Exception {
    try (SharedDatabase database = new SharedDatabase(directory);
        WayToDatabase way = new WayToDatabase(database.settings());
        RunningNode first = node("first", seed, database.settings());
        RunningNode second = node("second", 0, way.settings())) {
      for (String customer : CUSTOMERS) expect(200, change(first, customer, "before.example"));
      Awaitility.await("the second node has its part of the customers")
          .atMost(PATIENCE)
          .until(() -> hasShards(second));
      String audience =
          first.audience(
              CUSTOMERS.stream()
                  .map(customer -> customer + "," + customer + "@after.example\n")
                  .collect(Collectors.joining("", "customerId,email\n", "")));
      way.cut();

      Done ended =
          second
              .node
              .system
              .getWhenTerminated()
              .toCompletableFuture()
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(ended).isNotNull();
      for (String customer : CUSTOMERS) {
        Awaitility.await("an answer for " + customer)
            .atMost(PATIENCE)
            .until(() -> change(first, customer, "after.example").status() == 200);
      }
      String campaign =
          first.start(
              """
              {"name":"after","audience":"%s","steps":[{"id":"one","channel":"email",
                "template":{"subject":"Hello","text":"Hello"}}]}
              """
                  .formatted(audience));
      assertThat(first.awaitEnd(campaign).path("delivered").asInt()).isEqualTo(CUSTOMERS.size());
      assertThat(Cluster.get(first.node.system).state().getMembers()).hasSize(1);
    }
  }
}

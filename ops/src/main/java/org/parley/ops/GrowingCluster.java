package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A cluster that is measured while it grows: PostgreSQL, a slow carrier and one node more each
 * time.
 */
final class GrowingCluster implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /** Shards are even when none of the nodes has so many times those of another. */
  private static final double EVEN = 1.3;

  /**
   * What is measured.
   *
   * @param nodes how many there can be in the end
   * @param connections of each node to the carrier, and so what it has in flight
   * @param delay how long the carrier takes for a mail
   */
  record Plan(int nodes, int connections, Duration delay) {}

  private final Shell shell;
  private final Launch launch;
  private final Path directory;
  private final LocalLayout layout;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private NodeClient client = new NodeClient(URI.create("http://127.0.0.1"), Optional.empty());
  private final List<NodeProcess> nodes = new ArrayList<>();
  private long customers;

  /** Starts everything but the nodes. */
  static GrowingCluster start(Shell shell, Launch launch, Path directory, Plan plan)
      throws IOException {
    return new GrowingCluster(shell, launch, directory, plan);
  }

  private GrowingCluster(Shell shell, Launch launch, Path directory, Plan plan) throws IOException {
    this.shell = shell;
    this.launch = launch;
    this.directory = directory;
    layout =
        new LocalLayout(
            shell,
            directory,
            plan.nodes(),
            new Address("127.0.0.1", 0),
            Optional.of(directory.resolve("bench.conf")));
    try {
      DatabaseProcess database = layout.startDatabase(launch);
      open.push(database);
      SandboxProcess carrier =
          SandboxProcess.start(
              launch,
              BenchChannel.EMAIL,
              directory.resolve("sandbox-smtp.log"),
              List.of(
                  "--port",
                  "0",
                  "--inbox-messages",
                  "0",
                  "--delay",
                  plan.delay().toMillis() + "ms"));
      open.push(carrier);
      Files.writeString(directory.resolve("bench.conf"), settings(carrier.awaitAddress(), plan));
      layout.writeSettings(database.awaitSettings(), Map.of());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** As many places as the lane has connections: in flight is what the carrier holds. */
  private static String settings(Address carrier, Plan plan) {
    return BenchCarriers.of(EnumSet.of(BenchChannel.EMAIL), Optional.of(carrier))
            .configuration(Map.of(), plan.connections())
        + "parley.agents.email { min-instances = 1, max-instances = 1, operations-per-instance = %d }%n"
            .formatted(plan.connections());
  }

  /** Starts the next node and waits until it takes requests. */
  void startNext() {
    NodeProcess node = layout.startNode(launch, nodes.size() + 1);
    open.push(node);
    nodes.add(node);
    NodeClient ready = node.awaitReady(what -> shell.note("Waiting for " + what + " ..."));
    if (nodes.size() == 1) client = new NodeClient(ready.base(), layout.apiKey());
  }

  /** Speaks to the first node. */
  NodeClient client() {
    return client;
  }

  /** Waits until every node has about as many conversations' shards as every other. */
  void awaitEven(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!isEven(client.get("/v1/cluster").path("members"), nodes.size())) {
      if (System.nanoTime() > deadline) {
        throw CommandFailure.failed(
            "the nodes did not share the conversations within " + limit.toSeconds() + " s");
      }
      Follower.pause(LOOK_EVERY);
    }
  }

  /** Whether so many nodes have about as many shards each. */
  static boolean isEven(JsonNode members, int nodes) {
    int fewest = Integer.MAX_VALUE;
    int most = 0;
    for (JsonNode member : members) {
      int shards = member.path("shards").asInt();
      fewest = Math.min(fewest, shards);
      most = Math.max(most, shards);
    }
    return members.size() == nodes && fewest > 0 && most <= fewest * EVEN;
  }

  /** Imports customers that nobody has met. */
  Submission.Imported audience(long count) throws IOException {
    Path csv = directory.resolve("audience-" + customers + ".csv");
    CustomerCsv.write(csv, customers + 1, count);
    customers += count;
    return submission().importAudience(new AudienceFile(csv), "bench", false);
  }

  /** How many have been imported. */
  long customers() {
    return customers;
  }

  /** What the nodes' heaps hold after a collection, node by node. */
  List<Long> heapBytes(LiveHeap heap) {
    return nodes.stream().map(node -> heap.bytes(node.pid())).toList();
  }

  Submission submission() {
    return new Submission(client, shell, UUID.randomUUID().toString());
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}

package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench cluster}: what one node more brings, and what its coming costs. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    description = {
      "Send a campaign through one node, then through two, and so on; each further node joins while",
      "a campaign runs and a client asks for customers all the time."
    },
    footer = {
      "",
      "The carrier takes its time for every mail, so that not this machine's processors are the",
      "limit but what the nodes have in flight: that should grow with every node."
    })
final class BenchClusterCommand implements Callable<Integer> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);
  private static final Duration EVEN_LIMIT = Duration.ofMinutes(2);

  private static final List<String> NO_ARRIVAL = List.of("-", "-", "-", "-");

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "3",
      description = "How many in the end, 1 to 9. Default: ${DEFAULT-VALUE}.")
  int nodes;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many customers for each node, 100 to 1000000. Default: ${DEFAULT-VALUE}.")
  int recipients;

  @Option(
      names = "--delay",
      paramLabel = "MILLIS",
      defaultValue = "50",
      description = "How long the carrier takes for a mail. Default: ${DEFAULT-VALUE}.")
  int delayMillis;

  @Option(
      names = "--known",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "In the end, import so many customers more and ask for each of them once: how many",
        "conversations live then, and what the heaps hold. 0 to 10000000. Default: ${DEFAULT-VALUE}."
      })
  long known;

  BenchClusterCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  /** How a node came: from its start until the shards were even, under load. */
  private record Arrival(double seconds, long asked, long failed, double longestMillis) {
    void tell(List<String> cells, ObjectNode figures) {
      cells.add(Double.toString(seconds));
      cells.add(Table.number(asked));
      cells.add(Table.number(failed));
      cells.add(Table.millis(longestMillis));
      figures
          .putObject("arrival")
          .put("secondsUntilEven", seconds)
          .put("asked", asked)
          .put("failed", failed)
          .put("longestAnswerMillis", longestMillis);
    }
  }

  /** What so many nodes did. */
  private record Level(
      int nodes, double perSecond, double inFlight, JsonNode latency, Optional<Arrival> arrival) {}

  @Override
  public Integer call() throws IOException {
    BenchCommand.requireBetween("--nodes", nodes, 1, 9);
    BenchCommand.requireBetween("--recipients", recipients, 100, 1_000_000);
    BenchCommand.requireBetween("--delay", delayMillis, 0, 10_000);
    BenchCommand.requireBetween("--known", known, 0, 10_000_000);
    if (options.database.isPresent()) {
      throw CommandFailure.usage("--database: this measurement brings its own");
    }
    Path directory =
        options.data.isPresent()
            ? shell.path(options.data.get())
            : Files.createTempDirectory("parley-bench");
    try (GrowingCluster cluster = GrowingCluster.start(shell, launch, directory, plan())) {
      List<Level> levels = new ArrayList<>();
      for (int count = 1; count <= nodes; count++) levels.add(level(cluster, count));
      ObjectNode figures = report(levels);
      if (known > 0) {
        KnownCustomers.wake(shell, cluster, new LiveHeap(launch.java()), known)
            .report(shell, figures);
      }
      BenchCommand.write(shell, options.json, figures);
    } finally {
      if (options.data.isEmpty()) BenchNode.remove(directory);
    }
    return 0;
  }

  private GrowingCluster.Plan plan() {
    return new GrowingCluster.Plan(nodes, options.connections, Duration.ofMillis(delayMillis));
  }

  private Level level(GrowingCluster cluster, int count) throws IOException {
    Optional<Arrival> arrival = Optional.empty();
    if (count == 1) cluster.startNext();
    else arrival = Optional.of(arrive(cluster));
    Submission.Imported audience = cluster.audience((long) recipients * count);
    InFlight inFlight = new InFlight(cluster.client());
    Sent sent = send(cluster, audience, progress -> inFlight.look());
    double seconds = Math.max(1e-3, sent.took().toNanos() / 1e9);
    return new Level(
        count,
        BenchCommand.rounded(sent.progress().settled() / seconds),
        BenchCommand.rounded(inFlight.mean()),
        BenchRun.percentiles(cluster.client().get("/v1/campaigns/" + sent.id() + "/latency")),
        arrival);
  }

  /** A campaign that has been sent. */
  private record Sent(String id, Progress progress, Duration took) {}

  private Sent send(
      GrowingCluster cluster, Submission.Imported audience, Consumer<Progress> onLook) {
    Submission submission = cluster.submission();
    String id = submission.create(BenchChannel.EMAIL.definition(), audience.id());
    Instant start = Instant.now();
    submission.start(id);
    Follower.Seen seen =
        new Follower(cluster.client(), shell, LOOK_EVERY, IDLE_LIMIT)
            .followUntilSettled(id, onLook);
    if (!seen.isComplete()) throw BenchRun.stuck(seen.progress());
    return new Sent(id, seen.progress(), Duration.between(start, seen.settledAt()));
  }

  /** One node more, while a campaign runs and somebody asks for its customers. */
  private Arrival arrive(GrowingCluster cluster) throws IOException {
    Submission.Imported audience = cluster.audience(recipients);
    CompletableFuture<Sent> campaign =
        CompletableFuture.supplyAsync(() -> send(cluster, audience, progress -> {}));
    try (CustomerLoad load = CustomerLoad.start(cluster.client(), recipients)) {
      long start = System.nanoTime();
      cluster.startNext();
      cluster.awaitEven(EVEN_LIMIT);
      double seconds = (System.nanoTime() - start) / 1e9;
      Sent unused = campaign.join();
      load.stop();
      return new Arrival(
          BenchCommand.rounded(seconds), load.asked(), load.failed(), load.longestMillis());
    }
  }

  /** The mean of what all nodes have in flight, over the looks at which there was something. */
  private static final class InFlight {
    private final NodeClient node;
    private long sum;
    private long looks;

    InFlight(NodeClient node) {
      this.node = node;
    }

    void look() {
      long busy = 0;
      for (JsonNode pool : node.get("/v1/agents").path("items")) busy += pool.path("busy").asLong();
      if (busy == 0) return;
      sum += busy;
      looks++;
    }

    double mean() {
      return looks == 0 ? 0 : sum / (double) looks;
    }
  }

  private ObjectNode report(List<Level> levels) {
    Table table =
        new Table()
            .row(
                "nodes",
                "mails/s",
                "to one node",
                "in flight",
                "P50",
                "P99",
                "came in s",
                "asked",
                "failed",
                "longest answer");
    ArrayNode all = Json.object().putArray("levels");
    double one = levels.get(0).perSecond();
    for (Level level : levels) {
      double ratio = Math.round(level.perSecond() / one * 100) / 100.0;
      List<String> cells = new ArrayList<>();
      cells.add(Table.number(Math.round(level.perSecond())));
      cells.add(Double.toString(ratio));
      cells.add(Table.number(Math.round(level.inFlight())));
      cells.add(Table.millis(level.latency().path("p50").asDouble()));
      cells.add(Table.millis(level.latency().path("p99").asDouble()));
      ObjectNode figures =
          all.addObject()
              .put("nodes", level.nodes())
              .put("mailsPerSecond", level.perSecond())
              .put("toOneNode", ratio)
              .put("inFlight", level.inFlight());
      figures.set("grantToAcceptanceMillis", level.latency());
      level.arrival().ifPresentOrElse(a -> a.tell(cells, figures), () -> cells.addAll(NO_ARRIVAL));
      table.row(Integer.toString(level.nodes()), cells.toArray(String[]::new));
    }
    table.lines().forEach(shell::print);
    ObjectNode figures =
        Json.object().put("recipientsPerNode", recipients).put("delayMillis", delayMillis);
    figures.set("levels", all);
    return figures;
  }
}

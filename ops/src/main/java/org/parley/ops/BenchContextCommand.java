package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench context}: how fast a customer's context is told, beside a bare route. */
@Command(
    name = "context",
    mixinStandardHelpOptions = true,
    description = {
      "Ask for the context of customers as fast as answers come, then for /healthz in the same way."
    })
final class BenchContextCommand implements Callable<Integer> {
  private static final int MAX_WARM_UP_SECONDS = 3;
  private static final long MAX_MICROS = 60_000_000;

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--known",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many customers to ask about, 1 to 100000. Default: ${DEFAULT-VALUE}.")
  int known;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "16",
      description = "How many ask at a time, 1 to 256. Default: ${DEFAULT-VALUE}.")
  int clients;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long each route is asked, 1 to 600. Default: ${DEFAULT-VALUE}.")
  int seconds;

  BenchContextCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    requireBetween("--known", known, 100_000);
    requireBetween("--clients", clients, 256);
    requireBetween("--seconds", seconds, 600);
    try (BenchNode node = new BenchNode(shell, launch, options, Optional.empty())) {
      node.meetCustomers(known);
      Supplier<String> context =
          () ->
              "/v1/customers/"
                  + CustomerCsv.id(1 + ThreadLocalRandom.current().nextInt(known))
                  + "/context";
      Supplier<String> bare = () -> "/healthz";
      Duration warmUp = Duration.ofSeconds(Math.min(seconds, MAX_WARM_UP_SECONDS));
      load(node, context, warmUp);
      load(node, bare, warmUp);
      Histogram contexts = load(node, context, Duration.ofSeconds(seconds));
      Histogram bares = load(node, bare, Duration.ofSeconds(seconds));
      report(contexts, bares);
      return 0;
    }
  }

  private static void requireBetween(String option, int value, int max) {
    if (value < 1 || value > max) throw CommandFailure.usage(option + " must be 1 to " + max);
  }

  /** Asks for a while; a histogram of microseconds an answer. */
  private Histogram load(BenchNode node, Supplier<String> paths, Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<Future<Histogram>> parts = new ArrayList<>();
      for (int i = 0; i < clients; i++) parts.add(threads.submit(() -> ask(node, paths, end)));
      Histogram all = new Histogram(MAX_MICROS, 3);
      for (Future<Histogram> part : parts) all.add(part.get());
      return all;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    } catch (ExecutionException e) {
      node.requireAlive();
      if (e.getCause() instanceof CommandFailure failure) throw failure;
      throw new IOException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static Histogram ask(BenchNode node, Supplier<String> paths, long end)
      throws IOException, InterruptedException {
    Histogram micros = new Histogram(MAX_MICROS, 3);
    while (true) {
      long start = System.nanoTime();
      if (start > end) return micros;
      String path = paths.get();
      HttpResponse<String> answer = node.client().probe(path);
      if (answer.statusCode() != 200) {
        throw CommandFailure.failed("the node answered with status " + answer.statusCode());
      }
      micros.recordValue(Math.min(MAX_MICROS, (System.nanoTime() - start) / 1_000));
    }
  }

  private void report(Histogram contexts, Histogram bares) throws IOException {
    ObjectNode figures = Json.object();
    figures.put("seconds", seconds).put("clients", clients);
    figures.set("context", figures(contexts));
    figures.set("bare", figures(bares));
    double ratio = contexts.getTotalCount() / (double) Math.max(1, bares.getTotalCount());
    figures.put("ratioToBare", Math.round(ratio * 100) / 100.0);
    Table table = new Table().row("", "context", "bare");
    for (String key : List.of("requestsPerSecond", "p50Micros", "p95Micros", "p99Micros")) {
      table.row(
          key,
          Table.number(figures.path("context").path(key).asLong()),
          Table.number(figures.path("bare").path(key).asLong()));
    }
    table.lines().forEach(shell::print);
    BenchCommand.write(shell, options.json, figures);
  }

  private ObjectNode figures(Histogram micros) {
    return Json.object()
        .put("requestsPerSecond", BenchCommand.rounded(micros.getTotalCount() / (double) seconds))
        .put("p50Micros", micros.getValueAtPercentile(50))
        .put("p95Micros", micros.getValueAtPercentile(95))
        .put("p99Micros", micros.getValueAtPercentile(99));
  }
}

package org.parley.ops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench heap}: whether a node's heap stays flat while a campaign grows. */
@Command(
    name = "heap",
    mixinStandardHelpOptions = true,
    description = {
      "Send a campaign of one mail to each of N customers, and count the heap that a node has in use",
      "after a full collection, at equal steps on the way."
    },
    footer = {
      "",
      "Each count stops the node for a moment. The first ones also see classes and caches fill up:",
      "flat is a last count that is no larger than the one of the first step."
    })
final class BenchHeapCommand implements Callable<Integer> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--recipients",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "How many customers, 100 to 10000000. Default: ${DEFAULT-VALUE}.")
  int recipients;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many counts, 2 to 100. Default: ${DEFAULT-VALUE}.")
  int steps;

  @Option(
      names = "--smtp",
      paramLabel = "HOST:PORT",
      description =
          "Where the mails go: something that accepts them all and drops them, such as smtp-sink."
              + " Default: a sandbox carrier in a process of its own.")
  Optional<String> smtp = Optional.empty();

  BenchHeapCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  /**
   * One count.
   *
   * @param settled how many recipients had been settled
   * @param bytes of heap in use
   */
  record Count(long settled, long bytes) {}

  /** Counts at the first look at or after each step; a step that was run over is not made up. */
  static final class Counts {
    private final long recipients;
    private final int steps;
    private final LongSupplier heap;
    private final List<Count> done = new ArrayList<>();
    private long step = 1;

    Counts(long recipients, int steps, LongSupplier heap) {
      this.recipients = recipients;
      this.steps = steps;
      this.heap = heap;
    }

    void at(long settled) {
      if (step > steps || settled * steps < step * recipients) return;
      done.add(new Count(settled, heap.getAsLong()));
      step = settled * steps / recipients + 1;
    }

    List<Count> done() {
      return done;
    }

    /** The last count over the first, when there are two. */
    Optional<Double> lastToFirst() {
      if (done.size() < 2) return Optional.empty();
      double ratio = done.get(done.size() - 1).bytes / (double) done.get(0).bytes;
      return Optional.of(Math.round(ratio * 100) / 100.0);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (recipients < 100 || recipients > 10_000_000) {
      throw CommandFailure.usage("--recipients must be 100 to 10000000");
    }
    if (steps < 2 || steps > 100) throw CommandFailure.usage("--steps must be 2 to 100");
    Optional<Address> carrier = smtp.map(text -> Address.parse("--smtp", text));
    if (carrier.isPresent() && !carrier.get().answers()) {
      throw CommandFailure.failed("nobody accepts mails at " + carrier.get() + " (--smtp).");
    }
    try (BenchNode node = new BenchNode(shell, launch, options, carrier)) {
      return measure(node);
    }
  }

  private int measure(BenchNode node) throws IOException {
    Path csv = node.directory().resolve("audience.csv");
    CustomerCsv.write(csv, recipients);
    Submission submission = new Submission(node.client(), shell, UUID.randomUUID().toString());
    Submission.Imported audience = submission.importAudience(new AudienceFile(csv), "bench", false);
    String campaign = submission.create(BenchChannel.EMAIL.definition(), audience.id());
    LiveHeap heap = new LiveHeap(launch.java());
    Counts counts = new Counts(recipients, steps, () -> heap.bytes(node.pid()));
    Follower.Seen seen = send(node, submission, campaign, counts);
    report(counts);
    if (!seen.isComplete() || seen.progress().accepted() != recipients) {
      throw BenchRun.stuck(seen.progress());
    }
    return 0;
  }

  private Follower.Seen send(
      BenchNode node, Submission submission, String campaign, Counts counts) {
    try {
      submission.start(campaign);
      return new Follower(node.client(), shell, LOOK_EVERY, IDLE_LIMIT)
          .followUntilSettled(campaign, progress -> counts.at(progress.settled()));
    } catch (CommandFailure e) {
      node.requireAlive();
      throw e;
    }
  }

  private void report(Counts counts) throws IOException {
    Table table = new Table().row("settled", "heap MiB");
    ObjectNode figures = Json.object().put("recipients", recipients);
    ArrayNode all = figures.putArray("counts");
    for (Count count : counts.done()) {
      table.row(
          Table.number(count.settled),
          String.format(Locale.ROOT, "%.1f", count.bytes / (double) (1 << 20)));
      all.addObject().put("settled", count.settled).put("heapBytes", count.bytes);
    }
    Optional<Double> ratio = counts.lastToFirst();
    table.row("last / first", ratio.map(String::valueOf).orElse("too few counts"));
    table.lines().forEach(shell::print);
    ratio.ifPresentOrElse(
        r -> figures.put("ratioLastToFirst", r), () -> figures.putNull("ratioLastToFirst"));
    BenchCommand.write(shell, options.json, figures);
  }
}

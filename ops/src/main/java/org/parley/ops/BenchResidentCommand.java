package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench resident}: what a live conversation takes in memory. */
@Command(
    name = "resident",
    mixinStandardHelpOptions = true,
    description = {
      "Wake the conversations of N customers in a fresh node and say how many bytes of heap each",
      "takes. Each customer has had one mail before, from a node that has ended since."
    })
final class BenchResidentCommand implements Callable<Integer> {
  /** What a live conversation may take. */
  static final long AIM_BYTES = 2_000;

  /** Asked for before the first count, so that classes, pools and buffers are not counted. */
  private static final int WARM_UP = 500;

  private static final int CLIENTS = 8;

  /** Without it a part of the answers would be counted with the conversations. */
  private static final String NO_CACHE = "parley.context.cache { ttl = 0s, max-entries = 1 }\n";

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--known",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many customers, 100 to 30000. Default: ${DEFAULT-VALUE}.")
  int known;

  BenchResidentCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    if (known < 100 || known > 30_000) {
      throw CommandFailure.usage("--known must be 100 to 30000");
    }
    boolean temporary = options.data.isEmpty();
    Path directory =
        temporary ? Files.createTempDirectory("parley-bench") : shell.path(options.data.orElse(""));
    options.data = Optional.of(directory.toString());
    try {
      return measure();
    } finally {
      if (temporary) BenchNode.remove(directory);
    }
  }

  private int measure() throws IOException {
    try (BenchNode first = new BenchNode(shell, launch, options, Optional.empty())) {
      first.meetCustomers(known + WARM_UP);
    }
    LiveHeap heap = new LiveHeap(launch.java());
    try (BenchNode node = new BenchNode(shell, launch, options, Optional.empty(), NO_CACHE)) {
      wake(node, known, known + WARM_UP);
      long before = heap.bytes(node.pid());
      wake(node, 0, known);
      long after = heap.bytes(node.pid());
      long each = Math.round((after - before) / (double) known);
      double ratio = Math.round(each * 100.0 / AIM_BYTES) / 100.0;
      new Table()
          .row("conversations", Table.number(known))
          .row("heap before, bytes", Table.number(before))
          .row("heap after, bytes", Table.number(after))
          .row("bytes each", Table.number(each))
          .row("aim, bytes each", Table.number(AIM_BYTES))
          .row("measured / aim", Double.toString(ratio))
          .lines()
          .forEach(shell::print);
      ObjectNode figures =
          Json.object()
              .put("conversations", known)
              .put("bytesBefore", before)
              .put("bytesAfter", after)
              .put("bytesEach", each)
              .put("aimBytesEach", AIM_BYTES)
              .put("ratioToAim", ratio);
      BenchCommand.write(shell, options.json, figures);
      return 0;
    }
  }

  /** Asks for the context of the customers after the first so many, up to the last. */
  private void wake(BenchNode node, int after, int last) {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try (Meter meter = Meter.start(shell, "waking", "conversations", last - after)) {
      AtomicLong next = new AtomicLong(after);
      AtomicLong done = new AtomicLong();
      List<Future<?>> asking = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        asking.add(
            threads.submit(
                () -> {
                  for (long n = next.incrementAndGet(); n <= last; n = next.incrementAndGet()) {
                    wake(node, CustomerCsv.id(n));
                    done.incrementAndGet();
                  }
                }));
      }
      for (Future<?> asker : asking) {
        Object unused = asker.get();
        meter.at(done.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    } catch (ExecutionException e) {
      node.requireAlive();
      if (e.getCause() instanceof CommandFailure failure) throw failure;
      throw CommandFailure.failed("the node could not be asked: " + e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static void wake(BenchNode node, String customer) {
    try {
      HttpResponse<String> answer = node.client().probe("/v1/customers/" + customer + "/context");
      if (answer.statusCode() != 200) {
        throw CommandFailure.failed("the node answered with status " + answer.statusCode());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
  }
}

package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
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

  private void wake(BenchNode node, long after, long last) {
    try {
      Waking.each(shell, node.client(), after, last);
    } catch (CommandFailure e) {
      node.requireAlive();
      throw e;
    }
  }
}

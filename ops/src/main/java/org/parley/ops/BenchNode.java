package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fresh node to measure, with carriers beside it, in child processes. Closing it ends all and
 * removes what they wrote, unless the directory was chosen by the user.
 */
final class BenchNode implements AutoCloseable {
  private static final Pattern LOCAL_DATABASE =
      Pattern.compile("jdbc:postgresql://(?:localhost|127\\.0\\.0\\.1|\\[::1\\])(?::(\\d+))?/.*");

  private static final int POSTGRES_PORT = 5432;

  private final Shell shell;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final CpuTime cpu = CpuTime.ofMachine();
  private final NodeProcess node;
  private final NodeClient client;
  private final Path directory;
  private final Optional<CpuTime.Postmaster> postmaster;

  /**
   * Starts everything.
   *
   * @param smtp where mails go; a sandbox carrier in a process of its own when absent
   */
  BenchNode(Shell shell, Launch launch, BenchOptions options, Optional<Address> smtp) {
    this(shell, launch, options, smtp, "");
  }

  /**
   * Starts everything.
   *
   * @param settings more settings of the node, in HOCON
   */
  BenchNode(
      Shell shell, Launch launch, BenchOptions options, Optional<Address> smtp, String settings) {
    this(shell, launch, options, BenchCarriers.of(EnumSet.of(BenchChannel.EMAIL), smtp), settings);
  }

  /**
   * Starts everything.
   *
   * @param settings more settings of the node, in HOCON
   */
  BenchNode(
      Shell shell, Launch launch, BenchOptions options, BenchCarriers carriers, String settings) {
    this.shell = shell;
    try {
      directory =
          options.data.isPresent()
              ? Files.createDirectories(shell.path(options.data.get()))
              : Files.createTempDirectory("parley-bench");
    } catch (IOException e) {
      throw CommandFailure.failed("cannot make a directory to work in: " + e.getMessage());
    }
    if (options.data.isEmpty()) open.add(() -> remove(directory));
    try {
      Map<BenchChannel, SandboxProcess> sandboxes = carriers.start(launch, directory);
      open.addAll(sandboxes.values());
      Path config = directory.resolve("bench.conf");
      Files.writeString(config, carriers.configuration(sandboxes, options.connections) + settings);
      node =
          NodeProcess.start(
              launch,
              new NodeProcess.Settings(
                  directory.resolve("node"),
                  new Address("127.0.0.1", 0),
                  options.database,
                  Optional.of(config),
                  false));
      open.add(node);
      client = node.awaitReady(shell);
      postmaster = postmaster(options.database);
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    } catch (CommandFailure e) {
      close();
      throw e;
    }
  }

  NodeClient client() {
    return client;
  }

  /** A directory for what the measuring itself needs. */
  Path directory() {
    return directory;
  }

  /** The PostgreSQL under the node, if it is on this machine. */
  Optional<CpuTime.Postmaster> postmaster() {
    return postmaster;
  }

  /**
   * Reaches so many customers with a small campaign, so that there is something to tell of them.
   */
  void meetCustomers(int count) throws IOException {
    Path csv = directory.resolve("audience.csv");
    CustomerCsv.write(csv, count);
    Submission submission = new Submission(client, shell, UUID.randomUUID().toString());
    Submission.Imported audience = submission.importAudience(new AudienceFile(csv), "bench", false);
    ObjectNode definition = Json.object().put("name", "bench");
    definition
        .putArray("steps")
        .addObject()
        .put("id", "hello")
        .put("channel", "email")
        .putObject("template")
        .put("subject", "Hello")
        .put("text", "Hello {{firstName}}");
    String campaign = submission.create(definition, audience.id());
    submission.start(campaign);
    Follower.Seen seen =
        new Follower(client, shell, Duration.ofMillis(200), Duration.ofMinutes(1))
            .followUntilSettled(campaign);
    if (!seen.isComplete()) {
      throw CommandFailure.failed("the campaign did not reach everybody: " + seen.progress());
    }
  }

  long pid() {
    return node.pid();
  }

  /** Fails with the node's last words if it has ended. */
  void requireAlive() {
    node.requireAlive();
  }

  /**
   * CPU used so far, in microseconds.
   *
   * @param jvm by the node
   * @param postgres by all processes of its PostgreSQL
   */
  record Cpu(Optional<Long> jvm, Optional<Long> postgres) {

    /** What was used between an earlier moment and this one, for each of so many messages. */
    static Optional<Double> each(Optional<Long> before, Optional<Long> after, long messages) {
      if (before.isEmpty() || after.isEmpty() || messages == 0) return Optional.empty();
      return Optional.of((after.get() - before.get()) / (double) messages);
    }
  }

  Cpu cpu() {
    return new Cpu(cpu.process(node.pid()), postmaster.flatMap(p -> cpu.family(p.pid())));
  }

  /** The most heap that the node has used, in MiB, as it says itself. */
  Optional<Long> peakHeapMiB() {
    return metric(client.text("/metrics"), "parley_heap_peak_bytes")
        .map(bytes -> Math.round(bytes / (1 << 20)));
  }

  /** The first value of a metric in Prometheus' text format. */
  static Optional<Double> metric(String text, String name) {
    Matcher line =
        Pattern.compile("(?m)^" + Pattern.quote(name) + "(?:\\{[^}]*\\})?\\s+(\\S+)").matcher(text);
    return line.find() ? Optional.of(Double.valueOf(line.group(1))) : Optional.empty();
  }

  @Override
  public void close() {
    for (int i = open.size() - 1; i >= 0; i--) {
      try {
        open.get(i).close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    open.clear();
  }

  private Optional<CpuTime.Postmaster> postmaster(Optional<String> database) {
    if (database.isEmpty()) return cpu.postmasterBelow(directory);
    Matcher local = LOCAL_DATABASE.matcher(database.get());
    if (!local.matches()) return Optional.empty();
    return cpu.postmasterOn(
        local.group(1) == null ? POSTGRES_PORT : Integer.parseInt(local.group(1)));
  }

  /** Removes a directory and all that is in it, as far as possible. */
  static void remove(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
    } catch (IOException | UncheckedIOException e) {
      // Left behind in the system's directory for temporary files, which cleans itself.
    }
  }
}

package org.parley.faults;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * One node in a process of its own, started by the launcher. It can be killed and started again on
 * the same data. Closing it also ends the embedded PostgreSQL that a killed node left behind.
 */
final class Node implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("parley is ready at (\\S+) \\(");

  /** How long after its grant an attempt may start on the wire. */
  static final Duration GRANT_LIFE = Pace.seconds(2);

  private static final Duration START = Pace.seconds(90);

  /** A small heap, and less compiling: none of these lives long. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PARLEY_HEAP", "512m", "PARLEY_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");

  private final Path directory;
  private final Path config;
  private Child process;
  private Client client;

  private Node(Path directory, Path config) throws IOException {
    this.directory = directory;
    this.config = config;
    this.process = launch(directory, "node", config, List.of());
    this.client = awaitReady();
  }

  /** Starts a node whose mail goes to a carrier, and waits until it is ready. */
  static Node start(Path directory, Carrier carrier, String moreSettings) throws IOException {
    Path config = directory.resolve("node.conf");
    Files.writeString(config, settings(100, mail(carrier, 20)) + moreSettings);
    return new Node(directory, config);
  }

  private Client awaitReady() throws IOException {
    try {
      String url = process.awaitLine(READY, START).group(1);
      String key = Files.readString(directory.resolve("node/api-key")).strip();
      Trial.note("the node is ready");
      return new Client(URI.create(url), key);
    } catch (AssertionError e) {
      process.kill();
      stopPostgres(directory);
      throw e;
    }
  }

  /** Starts a node without waiting for it. */
  static Child launch(Path directory, String name, Path config, List<String> more)
      throws IOException {
    List<String> args = new ArrayList<>(List.of("--config", config.toString()));
    if (!more.contains("--data")) {
      args.addAll(List.of("--data", directory.resolve("node").toString()));
    }
    if (!more.contains("--http")) args.addAll(List.of("--http", "127.0.0.1:0"));
    args.addAll(more);
    return Child.node(directory, name, ENVIRONMENT, args);
  }

  /**
   * Doubts are settled within seconds. The time-outs keep the order that they have by default.
   *
   * @param places attempts by email that are granted at a time, at most
   * @param carriers as {@link #mail} and {@link #sms} write them
   */
  static String settings(int places, String... carriers) {
    return """
        parley {
          conversation {
            grant-life = %s, doubt-after = %s
            retry-backoff = [200ms, 500ms, 1s, 1s, 1s, 1s, 1s, 2s, 2s, 2s, 2s, 2s, 3s, 3s, 3s, 3s]
          }
          run { ask-again-after = 2s, poll-every = 200ms, cursor-every = 200ms }
          due-work { poll-every = 100ms, lease = 5s }
          agents.email { min-instances = 2, max-instances = 2, operations-per-instance = %d }
          read-side.max-backoff = 2s
          database.programs = "%s"
          carriers = [%s]
        }
        """
        .formatted(
            Pace.millis(2_000),
            Pace.millis(3_000),
            places / 2,
            Path.of("target", "faults-postgres").toAbsolutePath(),
            String.join(", ", carriers));
  }

  static String mail(Carrier carrier, int connections) {
    return """
        {
            name = outside, channel = email, protocol = smtp, host = 127.0.0.1, port = %d
            connections = %d, per-second = 100000, call-timeout = %s
            connect-timeout = %s, command-timeout = %s, data-timeout = %5$s
            backoff-min = 50ms, backoff-max = 500ms, breaker { open = 500ms }
          }"""
        .formatted(
            carrier.port(),
            connections,
            Pace.millis(2_900),
            Pace.millis(1_000),
            Pace.millis(2_000));
  }

  static String sms(Carrier carrier) {
    return """
        {
            name = texts, channel = sms, protocol = smpp, host = 127.0.0.1, port = %d
            call-timeout = %s, connect-timeout = %s, response-timeout = %s, submit-wait = %s
            backoff-min = 50ms, backoff-max = 500ms, breaker { open = 500ms }
          }"""
        .formatted(
            carrier.port(),
            Pace.millis(2_900),
            Pace.millis(1_000),
            Pace.millis(2_000),
            Pace.millis(800));
  }

  Client client() {
    return client;
  }

  /** Kills it and starts it again on the same data. */
  void killAndStartAgain() throws IOException {
    process.kill();
    Trial.note("the node is killed");
    process = launch(directory, "node", config, List.of());
    client = awaitReady();
  }

  @Override
  public void close() {
    process.close();
    stopPostgres(directory);
  }

  /** The embedded server, by the process id that it wrote down itself. */
  private static Optional<ProcessHandle> postgres(Path directory) {
    try {
      Path file = directory.resolve("node/postgres/data/postmaster.pid");
      long pid = Long.parseLong(Files.readAllLines(file).get(0).strip());
      return ProcessHandle.of(pid)
          .filter(p -> p.info().command().filter(c -> c.endsWith("postgres")).isPresent());
    } catch (IOException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static void stopPostgres(Path directory) {
    Optional<ProcessHandle> left = postgres(directory);
    if (left.isEmpty()) return;
    left.get().destroy();
    try {
      var unused = left.get().onExit().get(10, TimeUnit.SECONDS);
    } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
      left.get().destroyForcibly();
    } catch (InterruptedException e) {
      left.get().destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}

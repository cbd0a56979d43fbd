package org.parley.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node of our own, in a child process. */
final class NodeProcess implements AutoCloseable {
  /** The line with which a node says where it listens. */
  private static final Pattern READY =
      Pattern.compile("parley is ready at (\\S+)(?: \\(API key in (.+)\\))?\\s*");

  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final Child child;
  private final Path data;
  private final Path log;
  private final ReadyLine ready;

  private NodeProcess(Child child, Path data, Path log, ReadyLine ready) {
    this.child = child;
    this.data = data;
    this.log = log;
    this.ready = ready;
  }

  /**
   * What a node is started with.
   *
   * @param data its directory; made when it is not there
   * @param database a JDBC URL; the embedded PostgreSQL when absent
   * @param config a configuration file; none when absent
   * @param sandbox whether it runs a sandbox carrier and sends through it
   */
  record Settings(
      Path data, Address http, Optional<String> database, Optional<Path> config, boolean sandbox) {

    private List<String> arguments() {
      List<String> arguments =
          new ArrayList<>(List.of("--data", data.toString(), "--http", http.toString()));
      database.ifPresent(url -> arguments.addAll(List.of("--database", url)));
      config.ifPresent(file -> arguments.addAll(List.of("--config", file.toString())));
      if (sandbox) arguments.add("--sandbox");
      return arguments;
    }
  }

  /** Starts a node; see {@link #awaitReady}. */
  static NodeProcess start(Launch launch, Settings settings) {
    Path data = writable(settings.data());
    if (settings.http().port() != 0) settings.http().requireFree("--http");
    Path log = data.resolve("node.log");
    ReadyLine ready = new ReadyLine(READY);
    try {
      return new NodeProcess(launch.node(settings.arguments(), log, ready), data, log, ready);
    } catch (IOException e) {
      throw CommandFailure.failed("cannot start a node: " + e.getMessage());
    }
  }

  /** Waits until the node takes requests, and answers a client with its key. */
  NodeClient awaitReady(Shell shell) {
    shell.note("Waiting for the node and its database ...");
    NodeClient open = awaitReady(what -> shell.note("Waiting for " + what + " ..."));
    return new NodeClient(open.base(), Optional.of(key()));
  }

  /**
   * Waits until the node takes requests, and answers a client without a key.
   *
   * @param tell told what the node waits for, whenever that changes
   */
  NodeClient awaitReady(Consumer<String> tell) {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    NodeClient open = new NodeClient(URI.create(awaitLine().group(1)), Optional.empty());
    String told = "";
    while (true) {
      String now = waitsFor(open);
      if (now.isEmpty()) return open;
      if (!now.equals(told)) tell.accept(now);
      told = now;
      requireAlive();
      if (System.nanoTime() > deadline) {
        throw CommandFailure.failed(
            "the node was not ready within "
                + START_LIMIT.toSeconds()
                + " s; it waits for "
                + now
                + ". Its log: "
                + log);
      }
      Follower.pause(Duration.ofMillis(200));
    }
  }

  private Matcher awaitLine() {
    return ready.await(
        this::requireAlive,
        START_LIMIT,
        "the node did not start within " + START_LIMIT.toSeconds() + " s. Its log: " + log);
  }

  /** Empty when the node is ready. */
  private static String waitsFor(NodeClient node) {
    try {
      HttpResponse<String> answer = node.probe("/readyz");
      if (answer.statusCode() == 200) return "";
      JsonNode body = Json.parse(answer.body());
      return body.path("detail").asText("readiness (status " + answer.statusCode() + ")");
    } catch (JsonProcessingException e) {
      return "readiness";
    } catch (IOException e) {
      return "an answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
  }

  private String key() {
    String told = awaitLine().group(2);
    Path file = told == null ? keyFile() : Path.of(told);
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw CommandFailure.failed(
          "cannot read the API key from "
              + file
              + "; it is written at the first start with a database. Was it removed?");
    }
  }

  /** Fails with what the node said last, if it has ended. */
  void requireAlive() {
    if (child.isAlive()) return;
    throw failure();
  }

  /** What the node said last; for one that has ended. */
  CommandFailure failure() {
    return child.failure("the node ended without a word", log);
  }

  /** Waits until the node ends by itself. */
  void awaitEnd() {
    try {
      int status = child.await();
      if (status == 0 || status == 130 || status == 143) return;
      requireAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long pid() {
    return child.pid();
  }

  /** The process, to be hurt. */
  Child child() {
    return child;
  }

  Path data() {
    return data;
  }

  Path log() {
    return log;
  }

  Path keyFile() {
    return data.resolve("api-key");
  }

  @Override
  public void close() {
    child.close();
  }

  static Path writable(Path data) {
    try {
      Files.createDirectories(data);
      Path probe = Files.createTempFile(data, ".write", "");
      Files.delete(probe);
      return data;
    } catch (IOException e) {
      throw CommandFailure.failed(
          "cannot write to the data directory " + data + "; choose another one with --data DIR.");
    }
  }
}

package org.parley.ops;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A sandbox carrier of our own, in a child process, on a free port of this machine. */
final class SandboxProcess implements AutoCloseable {
  /** The line with which it says where it listens. */
  private static final Pattern LISTENING = Pattern.compile("listening on (\\d+)");

  private static final Duration START_LIMIT = Duration.ofSeconds(20);

  private final Child child;
  private final CompletableFuture<Integer> port;

  private SandboxProcess(Child child, CompletableFuture<Integer> port) {
    this.child = child;
    this.port = port;
  }

  /** Starts it; {@link #awaitAddress} waits until it listens. */
  static SandboxProcess start(
      Launch launch, BenchChannel channel, Path log, List<String> arguments) {
    CompletableFuture<Integer> port = new CompletableFuture<>();
    try {
      Child child =
          Child.start(
              launch.sandbox(channel, arguments),
              log,
              line -> {
                Matcher listening = LISTENING.matcher(line);
                if (listening.matches()) port.complete(Integer.valueOf(listening.group(1)));
              });
      return new SandboxProcess(child, port);
    } catch (IOException e) {
      throw CommandFailure.failed("cannot start a sandbox carrier: " + e.getMessage());
    }
  }

  /** Where it listens. */
  Address awaitAddress() {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!port.isDone()) {
      if (!child.isAlive()) {
        throw CommandFailure.failed(
            "the sandbox carrier did not start: " + String.join(" ", child.lastWords()));
      }
      if (System.nanoTime() > deadline) {
        throw CommandFailure.failed(
            "the sandbox carrier did not start within " + START_LIMIT.toSeconds() + " s");
      }
      Follower.pause(Duration.ofMillis(50));
    }
    return new Address("127.0.0.1", port.join());
  }

  @Override
  public void close() {
    child.close();
  }
}

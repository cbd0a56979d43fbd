package org.parley.ops;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** A sandbox carrier of our own, in a child process, on a free port of this machine. */
final class SandboxProcess implements AutoCloseable {
  /** The line with which it says where it listens. */
  private static final Pattern LISTENING = Pattern.compile("listening on (\\d+)");

  private static final Duration START_LIMIT = Duration.ofSeconds(20);

  private final Child child;
  private final ReadyLine listening;

  private SandboxProcess(Child child, ReadyLine listening) {
    this.child = child;
    this.listening = listening;
  }

  /** Starts it; {@link #awaitAddress} waits until it listens. */
  static SandboxProcess start(
      Launch launch, BenchChannel channel, Path log, List<String> arguments) {
    ReadyLine listening = new ReadyLine(LISTENING);
    try {
      return new SandboxProcess(launch.sandbox(channel, arguments, log, listening), listening);
    } catch (IOException e) {
      throw CommandFailure.failed("cannot start a sandbox carrier: " + e.getMessage());
    }
  }

  /** Where it listens. */
  Address awaitAddress() {
    String late = "the sandbox carrier did not start within " + START_LIMIT.toSeconds() + " s";
    String port = listening.await(this::requireAlive, START_LIMIT, late).group(1);
    return new Address("127.0.0.1", Integer.parseInt(port));
  }

  private void requireAlive() {
    if (child.isAlive()) return;
    throw CommandFailure.failed(
        "the sandbox carrier did not start: " + String.join(" ", child.lastWords()));
  }

  @Override
  public void close() {
    child.close();
  }
}

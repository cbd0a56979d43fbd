package org.parley.ops;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** PostgreSQL for all nodes of this machine, in a child process. */
final class DatabaseProcess implements AutoCloseable {
  /** The line with which it says that it is ready, and where it is described for a node. */
  private static final Pattern READY = Pattern.compile("PostgreSQL is ready at \\S+ \\((.+)\\)");

  // It may have to replay its log after a crash.
  private static final Duration START_LIMIT = Duration.ofMinutes(2);

  private final Child child;
  private final Path log;
  private final ReadyLine ready;

  private DatabaseProcess(Child child, Path log, ReadyLine ready) {
    this.child = child;
    this.log = log;
    this.ready = ready;
  }

  /**
   * Starts it; {@link #awaitSettings} waits until it answers.
   *
   * @param directory where its data stay
   */
  static DatabaseProcess start(Launch launch, Path directory, Path log, int maxConnections) {
    ReadyLine ready = new ReadyLine(READY);
    List<String> arguments =
        List.of(
            "--directory",
            directory.toString(),
            "--embedded.max_connections",
            Integer.toString(maxConnections));
    try {
      return new DatabaseProcess(launch.database(arguments, log, ready), log, ready);
    } catch (IOException e) {
      throw CommandFailure.failed("cannot start a database: " + e.getMessage());
    }
  }

  /** A file for a node's configuration to include. */
  Path awaitSettings() {
    String late =
        "the database did not start within " + START_LIMIT.toSeconds() + " s. Its log: " + log;
    return Path.of(ready.await(this::requireAlive, START_LIMIT, late).group(1));
  }

  private void requireAlive() {
    if (!child.isAlive()) throw child.failure("the database ended without a word", log);
  }

  @Override
  public void close() {
    child.close();
  }
}

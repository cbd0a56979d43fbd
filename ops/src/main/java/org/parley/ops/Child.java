package org.parley.ops;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A process of ours. It is ended with {@link #close}, and perhaps also when this JVM is: politely
 * first, so that it can finish what it began, by force after a minute. What it says goes to a log
 * file that only its owner may read, except for lines that tell a secret.
 */
final class Child implements AutoCloseable {
  private static final Duration POLITE = Duration.ofMinutes(1);
  private static final int LAST_LINES = 20;

  private final Process process;
  private final PrintWriter log;
  private final Consumer<String> onLine;
  private final ArrayDeque<String> lastErrors = new ArrayDeque<>();
  private final Thread hook = new Thread(this::end, "end-child");
  private final Thread errors;

  /** How a process begins the sentence that says why it cannot start. */
  private static final String MEANT = "parley: ";

  /** What a node says with its first key in the same line. */
  private static final String SECRET = "API key, told only";

  private Child(Process process, PrintWriter log, Consumer<String> onLine) {
    this.process = process;
    this.log = log;
    this.onLine = onLine;
    this.errors = reader("child-err", process.getErrorStream(), this::error);
  }

  /**
   * Starts a process.
   *
   * @param onLine told each line of its standard output, on a thread of its own
   * @param endsWithUs whether the end of this JVM is its end too
   */
  static Child start(
      List<String> command, Path logFile, Consumer<String> onLine, boolean endsWithUs)
      throws IOException {
    PrintWriter log = ownersOnly(logFile);
    Process process;
    try {
      process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
    } catch (IOException e) {
      log.close();
      throw e;
    }
    Child child = new Child(process, log, onLine);
    if (endsWithUs) Runtime.getRuntime().addShutdownHook(child.hook);
    child.errors.start();
    child.reader("child-out", process.getInputStream(), child::line).start();
    return child;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it ends by itself. */
  int await() throws InterruptedException {
    return process.waitFor();
  }

  /** Asks it to end, and does not wait. */
  void terminate() {
    process.destroy();
  }

  /** Ends it at once. */
  void kill() {
    process.destroyForcibly();
  }

  /** Lets it stand still, wherever it is. */
  void freeze() {
    signal("STOP");
  }

  /** Lets it go on after {@link #freeze}. */
  void thaw() {
    signal("CONT");
  }

  /** Every POSIX shell knows how to send a signal; Java does not. */
  private void signal(String name) {
    if (!process.isAlive()) return;
    try {
      int status =
          new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (status == 0 || !process.isAlive()) return;
      throw CommandFailure.failed("the signal " + name + " cannot be sent here.");
    } catch (IOException e) {
      throw CommandFailure.failed("the signal " + name + " cannot be sent here: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What it said last about what went wrong; for a process that has ended. */
  List<String> lastWords() {
    try {
      errors.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (lastErrors) {
      return List.copyOf(lastErrors);
    }
  }

  /**
   * Why it has ended, as it said for a person, or else as it said last.
   *
   * @param silent what is to be said when it said nothing
   */
  CommandFailure failure(String silent, Path log) {
    String last = silent;
    for (String word : lastWords()) {
      if (word.startsWith(MEANT)) {
        last = word.substring(MEANT.length());
        break;
      }
      if (!word.isBlank()) last = word.strip();
    }
    return CommandFailure.failed(last, "Its log: " + log);
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down already, and the hook with it.
    }
  }

  private void end() {
    process.destroy();
    try {
      if (!process.waitFor(POLITE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static PrintWriter ownersOnly(Path file) throws IOException {
    Files.deleteIfExists(file);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true);
  }

  private void line(String line) {
    if (!line.contains(SECRET)) log.println(line);
    onLine.accept(line);
  }

  private void error(String line) {
    log.println(line);
    synchronized (lastErrors) {
      if (lastErrors.size() == LAST_LINES) lastErrors.remove();
      lastErrors.add(line);
    }
  }

  private Thread reader(String name, InputStream from, Consumer<String> sink) {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  sink.accept(line);
                }
              } catch (IOException e) {
                // The process is gone, and its pipe with it.
              }
            },
            name);
    thread.setDaemon(true);
    return thread;
  }
}

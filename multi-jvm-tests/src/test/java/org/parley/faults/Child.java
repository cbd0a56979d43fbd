package org.parley.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM that this test has started. It never outlives this JVM. What it says goes to two files. */
final class Child implements AutoCloseable {
  /** This test's. */
  static final String OWN_CLASS_PATH = System.getProperty("java.class.path");

  private static final Duration POLITE = Duration.ofSeconds(20);
  private static final Path LAUNCHER = Path.of("..", "ops", "bin", "parley").toAbsolutePath();

  private static final int SHOWN = 2_000;
  private static final ProcessBuilder.Redirect NOTHING =
      ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile());

  private final Process process;
  private final Path out;
  private final Path err;
  private final Thread hook;

  private Child(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
    this.hook = new Thread(process::destroyForcibly, "end-child");
  }

  /** Starts a main class with this test's class path. */
  static Child java(Path logs, String name, List<String> options, Class<?> main, List<String> args)
      throws IOException {
    ProcessBuilder builder = java(options, OWN_CLASS_PATH, main, args);
    return start(logs, name, builder.redirectInput(NOTHING));
  }

  /**
   * The same, for a main class that takes orders, one a line, on its standard input.
   *
   * @param classPath that has the main class, perhaps another version of it
   */
  static Child ordered(
      Path logs,
      String name,
      Map<String, String> environment,
      List<String> options,
      String classPath,
      Class<?> main,
      List<String> args)
      throws IOException {
    ProcessBuilder builder = java(options, classPath, main, args);
    builder.environment().putAll(environment);
    return start(logs, name, builder);
  }

  private static ProcessBuilder java(
      List<String> options, String classPath, Class<?> main, List<String> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(args);
    return new ProcessBuilder(command);
  }

  /**
   * Starts a node as an operator does: with {@code ops/bin/parley node}, on this JVM's Java and
   * with what this reactor has built. The launcher's shell becomes the JVM, so that a kill of this
   * process is a kill of the JVM.
   *
   * @param environment of the launcher, beside this JVM's
   */
  static Child node(Path logs, String name, Map<String, String> environment, List<String> args)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString(), "node"));
    command.addAll(args);
    Path classPath = logs.resolve("class-path");
    Files.writeString(classPath, OWN_CLASS_PATH);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(key -> key.startsWith("PARLEY_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("PARLEY_CLASS_PATH", classPath.toString());
    builder.environment().putAll(environment);
    return start(logs, name, builder.redirectInput(NOTHING));
  }

  private static Child start(Path logs, String name, ProcessBuilder builder) throws IOException {
    Path out = logs.resolve(name + ".out");
    Path err = logs.resolve(name + ".err");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    Child child = new Child(process, out, err);
    try {
      Runtime.getRuntime().addShutdownHook(child.hook);
    } catch (IllegalStateException e) {
      process.destroyForcibly();
      throw new AssertionError("this JVM is going down", e);
    }
    return child;
  }

  /** Waits until it says something on its standard output. */
  Matcher awaitLine(Pattern line, Duration limit) {
    String said =
        Awaited.await(
            "\"" + line + "\" from the process of " + out,
            limit,
            () -> {
              if (!process.isAlive()) throw new AssertionError("it has ended: " + lastOf(errors()));
              return output();
            },
            text -> line.matcher(text).find());
    Matcher found = line.matcher(said);
    if (!found.find()) throw new AssertionError("it was found a moment ago");
    return found;
  }

  private static String lastOf(String text) {
    return text.substring(Math.max(0, text.length() - SHOWN));
  }

  String output() {
    return text(out);
  }

  String errors() {
    return text(err);
  }

  long id() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Gives it an order; the answer is a line on its standard output. */
  void order(String line) throws IOException {
    OutputStream in = process.getOutputStream();
    in.write((line + '\n').getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  /** Stops it in the middle of whatever it does, as a machine does that swaps or is moved. */
  void freeze() {
    Signals.send("STOP", process.toHandle());
  }

  /** Lets it go on where it stopped. */
  void thaw() {
    Signals.send("CONT", process.toHandle());
  }

  /** Asks it to end, and does not wait. Java's own way would also end its standard input. */
  void ask() {
    Signals.send("TERM", process.toHandle());
  }

  /** Waits until it ends by itself; its exit code. */
  int awaitExit(Duration limit) {
    Awaited.await("the end of the process of " + err, limit, () -> !process.isAlive());
    return process.exitValue();
  }

  /** Ends it as a power cut would: {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
    waitFor(Duration.ofSeconds(10));
    forget();
  }

  /** Ends it politely, by force when that does not help. */
  @Override
  public void close() {
    if (process.isAlive()) ask();
    if (waitFor(POLITE)) forget();
    else kill();
  }

  private boolean waitFor(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void forget() {
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This JVM is going down already, and the hook with it.
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

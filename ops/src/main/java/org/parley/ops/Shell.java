package org.parley.ops;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What surrounds a command: where it reads and writes, and what it was started with. Results go to
 * {@code out}, everything that only a person wants to see goes to {@code err}.
 *
 * @param terminal whether {@code err} is a terminal, so that a line may be drawn over
 * @param columns the width of the terminal
 * @param home where the samples lie
 * @param directory what relative paths start from
 */
record Shell(
    BufferedReader in,
    PrintWriter out,
    PrintWriter err,
    boolean terminal,
    int columns,
    Map<String, String> environment,
    Path home,
    Path directory) {
  Shell {
    environment = Map.copyOf(environment);
  }

  /** The process's own surroundings, as the launcher describes them. */
  static Shell ofProcess() {
    return new Shell(
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        Boolean.getBoolean("parley.terminal"),
        Integer.getInteger("parley.columns", 80),
        System.getenv(),
        Path.of(System.getProperty("parley.home", "")).toAbsolutePath(),
        Path.of("").toAbsolutePath());
  }

  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** A path as the user meant it. */
  Path path(String text) {
    return directory.resolve(text).normalize();
  }

  /** Tells a person something; not part of the result. */
  void note(String line) {
    err.println(line);
    err.flush();
  }

  /** One line of the result. */
  void print(String line) {
    out.println(line);
    out.flush();
  }
}

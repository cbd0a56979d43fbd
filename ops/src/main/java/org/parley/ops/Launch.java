package org.parley.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a child process is started: the same Java and class path as this one.
 *
 * @param nodeOptions JVM options of a node
 * @param nodeMain the main class of a node
 * @param sandboxMains the main class of each channel's sandbox carrier in a process of its own
 * @param databaseMain the main class of PostgreSQL in a process of its own
 * @param apart whether whoever starts a process also ends it, and nobody else: no Ctrl-C of ours
 *     reaches it, and it stays when this JVM ends
 */
record Launch(
    Path java,
    String classPath,
    List<String> nodeOptions,
    String nodeMain,
    Map<BenchChannel, String> sandboxMains,
    String databaseMain,
    boolean apart) {
  private static final String DEFAULT_NODE_OPTIONS = "-XX:+UseParallelGC -Xmx1g";

  /** Gives a process a session, so that the terminal's signals do not reach it. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  Launch {
    nodeOptions = List.copyOf(nodeOptions);
    sandboxMains = Map.copyOf(sandboxMains);
  }

  /** As the launcher says, or as this process was started. */
  static Launch ofProcess() {
    return new Launch(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        System.getProperty("java.class.path"),
        List.of(System.getProperty("parley.node.options", DEFAULT_NODE_OPTIONS).split(" +")),
        "org.parley.node.Main",
        Map.of(
            BenchChannel.EMAIL, "org.parley.agents.sandbox.SandboxSmtp",
            BenchChannel.SMS, "org.parley.agents.sandbox.SandboxSmpp",
            BenchChannel.PHONE, "org.parley.agents.sandbox.sip.SandboxSip"),
        "org.parley.persistence.EmbeddedDatabase",
        false);
  }

  /** The same, for processes that are ended in an order. */
  Launch setApart() {
    return new Launch(java, classPath, nodeOptions, nodeMain, sandboxMains, databaseMain, true);
  }

  /** Starts a node. */
  Child node(List<String> arguments, Path log, Consumer<String> onLine) throws IOException {
    return start(nodeOptions, nodeMain, arguments, log, onLine);
  }

  /** Starts a sandbox carrier. */
  Child sandbox(BenchChannel channel, List<String> arguments, Path log, Consumer<String> onLine)
      throws IOException {
    String main = Objects.requireNonNull(sandboxMains.get(channel));
    return start(List.of("-XX:+UseParallelGC", "-Xmx256m"), main, arguments, log, onLine);
  }

  /** Starts PostgreSQL. */
  Child database(List<String> arguments, Path log, Consumer<String> onLine) throws IOException {
    return start(List.of("-XX:+UseSerialGC", "-Xmx64m"), databaseMain, arguments, log, onLine);
  }

  private Child start(
      List<String> options, String main, List<String> arguments, Path log, Consumer<String> onLine)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (apart && Files.isExecutable(SETSID)) command.add(SETSID.toString());
    command.add(java.toString());
    command.addAll(options);
    command.add("-cp");
    command.add(classPath);
    command.add(main);
    command.addAll(arguments);
    return Child.start(command, log, onLine, !apart);
  }
}

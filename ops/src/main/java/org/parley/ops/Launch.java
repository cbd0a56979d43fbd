package org.parley.ops;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a child process is started: the same Java and class path as this one.
 *
 * @param nodeOptions JVM options of a node
 * @param nodeMain the main class of a node
 * @param sandboxMains the main class of each channel's sandbox carrier in a process of its own
 */
record Launch(
    Path java,
    String classPath,
    List<String> nodeOptions,
    String nodeMain,
    Map<BenchChannel, String> sandboxMains) {
  private static final String DEFAULT_NODE_OPTIONS = "-XX:+UseParallelGC -Xmx1g";

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
            BenchChannel.PHONE, "org.parley.agents.sandbox.sip.SandboxSip"));
  }

  List<String> node(List<String> arguments) {
    return command(nodeOptions, nodeMain, arguments);
  }

  List<String> sandbox(BenchChannel channel, List<String> arguments) {
    String main = Objects.requireNonNull(sandboxMains.get(channel));
    return command(List.of("-XX:+UseParallelGC", "-Xmx256m"), main, arguments);
  }

  private List<String> command(List<String> options, String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(options);
    command.add("-cp");
    command.add(classPath);
    command.add(main);
    command.addAll(arguments);
    return command;
  }
}

package org.parley.ops;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Understands what is typed at a local cluster. */
final class ClusterConsole {
  /** What can be done to the nodes, which are numbered from 1. */
  interface Nodes {
    int count();

    void start(int node);

    void stop(int node);

    void kill(int node);

    void freeze(int node, Duration time);

    void thaw(int node);

    /** The nodes and their cluster, in lines for a person. */
    List<String> status();
  }

  private static final Duration LONGEST_FREEZE = Duration.ofMinutes(10);
  private static final Pattern TIME = Pattern.compile("(\\d{1,4})(s|m)");
  private static final List<String> HELP =
      List.of(
          "status          the nodes, and the cluster as one of them sees it",
          "kill N          end node N at once (SIGKILL)",
          "stop N          let node N leave and end (SIGTERM)",
          "start N         start node N",
          "freeze N [30s]  let node N stand still (SIGSTOP), for at most 10m, which is the default",
          "thaw N          let node N go on (SIGCONT)",
          "quit            end everything; so do the end of the input and Ctrl-C");

  private final Nodes nodes;
  private final Consumer<String> say;

  /**
   * A console.
   *
   * @param say takes its answers, line by line
   */
  ClusterConsole(Nodes nodes, Consumer<String> say) {
    this.nodes = nodes;
    this.say = say;
  }

  /** Does what a line says; false when it says that this is the end. */
  boolean obey(String line) {
    String[] words = line.strip().split("\\s+", -1);
    String verb = words[0];
    try {
      switch (words.length + " " + verb) {
        case "1 " -> {}
        case "1 quit", "1 exit" -> {
          return false;
        }
        case "1 help" -> HELP.forEach(say);
        case "1 status" -> nodes.status().forEach(say);
        case "2 kill" -> nodes.kill(node(words[1]));
        case "2 stop" -> nodes.stop(node(words[1]));
        case "2 start" -> nodes.start(node(words[1]));
        case "2 thaw" -> nodes.thaw(node(words[1]));
        case "2 freeze" -> nodes.freeze(node(words[1]), LONGEST_FREEZE);
        case "3 freeze" -> nodes.freeze(node(words[1]), time(words[2]));
        default -> say.accept("That is no command; help lists those that are.");
      }
    } catch (CommandFailure e) {
      say.accept(e.sentence());
    }
    return true;
  }

  private int node(String text) {
    int number = text.matches("\\d") ? Integer.parseInt(text) : 0;
    if (number >= 1 && number <= nodes.count()) return number;
    throw CommandFailure.usage("There is no such node; they are 1 to " + nodes.count() + ".");
  }

  private static Duration time(String text) {
    return parsed(text)
        .filter(time -> !time.isZero() && time.compareTo(LONGEST_FREEZE) <= 0)
        .orElseThrow(
            () -> CommandFailure.usage("How long is 1s to 10m, in seconds (s) or minutes (m)."));
  }

  private static Optional<Duration> parsed(String text) {
    Matcher time = TIME.matcher(text);
    if (!time.matches()) return Optional.empty();
    int number = Integer.parseInt(time.group(1));
    return Optional.of(
        time.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMinutes(number));
  }
}

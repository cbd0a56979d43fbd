package org.parley.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a node of a fault test is started with. */
final class Node {
  /** How long nodes wait for an attempt, before it is on the wire and there. */
  enum Patience {
    /**
     * Doubts are settled within seconds. The time-outs keep the order that they have by default.
     */
    SHORT(
        Pace.seconds(2),
        "grant-life = %s, doubt-after = %s".formatted(Pace.millis(2_000), Pace.millis(3_000)),
        "call-timeout = %s, connect-timeout = %s, command-timeout = %s, data-timeout = %3$s"
            .formatted(Pace.millis(2_900), Pace.millis(1_000), Pace.millis(2_000)),
        "call-timeout = %s, connect-timeout = %s, response-timeout = %s, submit-wait = %s"
            .formatted(
                Pace.millis(2_900), Pace.millis(1_000), Pace.millis(2_000), Pace.millis(800))),

    /** The product's own: where nothing may be in doubt, a slow machine must not make it so. */
    OWN(Duration.ofSeconds(30), "", "", "");

    /** How long after its grant an attempt may start on the wire. */
    final Duration grantLife;

    private final String conversation;
    private final String mail;
    private final String sms;

    Patience(Duration grantLife, String conversation, String mail, String sms) {
      this.grantLife = grantLife;
      this.conversation = conversation;
      this.mail = mail;
      this.sms = sms;
    }
  }

  /** Less compiling, if nobody wants otherwise: most nodes of tests live shortly. */
  static final String JAVA_OPTIONS =
      System.getProperty("parley.faults.java-options", "-XX:TieredStopAtLevel=1");

  private static final Map<String, String> ENVIRONMENT =
      Map.of("PARLEY_HEAP", "512m", "PARLEY_JAVA_OPTIONS", JAVA_OPTIONS);

  private Node() {}

  /** Starts a node without waiting for it. */
  static Child launch(Path directory, String name, Path config, List<String> more)
      throws IOException {
    return launch(directory, name, config, Map.of(), more);
  }

  /**
   * The same.
   *
   * @param environment beside what nodes of tests have
   */
  static Child launch(
      Path directory, String name, Path config, Map<String, String> environment, List<String> more)
      throws IOException {
    List<String> args = new ArrayList<>(List.of("--config", config.toString()));
    if (!more.contains("--data")) {
      args.addAll(List.of("--data", directory.resolve("node").toString()));
    }
    if (!more.contains("--http")) args.addAll(List.of("--http", "127.0.0.1:0"));
    args.addAll(more);
    Map<String, String> all = new HashMap<>(ENVIRONMENT);
    all.putAll(environment);
    return Child.node(directory, name, all, args);
  }

  /**
   * There are as many tries as by default; together their waits are longer than a fault leaves a
   * carrier away.
   *
   * @param places attempts by email that are granted at a time, at most
   * @param carriers as {@link #mail} and {@link #sms} write them
   */
  static String settings(Patience patience, int places, String... carriers) {
    return """
    parley {
      conversation {
        %s
        retry-backoff = [200ms, 500ms, 1s, 2s, 5s, 10s, 10s]
      }
      run { ask-again-after = 2s, poll-every = 200ms, cursor-every = 200ms }
      due-work { poll-every = 100ms, lease = 5s }
      agents.email { min-instances = 2, max-instances = 2, operations-per-instance = %d }
      read-side.max-backoff = 2s
      database.programs = "%s"
      carriers = [%s]
    }
    """
        .formatted(
            patience.conversation,
            places / 2,
            Path.of("target", "faults-postgres").toAbsolutePath(),
            String.join(", ", carriers));
  }

  static String mail(Patience patience, Carrier carrier, int connections) {
    return """
    {
        name = outside, channel = email, protocol = smtp, host = 127.0.0.1, port = %d
        connections = %d, per-second = 100000
        %s
        backoff-min = 50ms, backoff-max = 500ms, breaker { open = 500ms }
      }\
    """
        .formatted(carrier.port(), connections, patience.mail);
  }

  static String sms(Patience patience, Carrier carrier) {
    return """
    {
        name = texts, channel = sms, protocol = smpp, host = 127.0.0.1, port = %d
        %s
        backoff-min = 50ms, backoff-max = 500ms, breaker { open = 500ms }
      }\
    """
        .formatted(carrier.port(), patience.sms);
  }
}

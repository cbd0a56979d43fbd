package org.parley.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.parley.agents.sandbox.SandboxSmpp;
import org.parley.agents.sandbox.SandboxSmtp;

/** A sandbox carrier in a process of its own, whose ledger is on the disk before each answer. */
final class Carrier implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on (\\d+)");
  private static final List<String> OPTIONS =
      List.of("-XX:+UseSerialGC", "-Xmx128m", "-XX:TieredStopAtLevel=1");

  private final Path directory;
  private final String name;
  private final Class<?> main;
  private final Ledger ledger;
  private Child process;
  private int port;

  private Carrier(Path directory, String name, Class<?> main, List<String> behaviour)
      throws IOException {
    this.directory = directory;
    this.name = name;
    this.main = main;
    this.ledger = new Ledger(directory.resolve(name + "-ledger.ndjson"));
    this.process = launch(behaviour);
    this.port = awaitPort();
  }

  /**
   * Starts it.
   *
   * @param behaviour switches of {@link SandboxSmtp#main}
   */
  static Carrier start(Path directory, String... behaviour) throws IOException {
    return new Carrier(directory, "carrier", SandboxSmtp.class, List.of(behaviour));
  }

  /**
   * Starts one for text messages.
   *
   * @param behaviour switches of {@link SandboxSmpp#main}
   */
  static Carrier sms(Path directory, String... behaviour) throws IOException {
    return new Carrier(directory, "sms", SandboxSmpp.class, List.of(behaviour));
  }

  int port() {
    return port;
  }

  Ledger ledger() {
    return ledger;
  }

  /** The same port and ledger, another behaviour. */
  void change(String... behaviour) throws IOException {
    process.close();
    process = launch(List.of(behaviour));
    port = awaitPort();
  }

  private Child launch(List<String> behaviour) throws IOException {
    List<String> args = new ArrayList<>(List.of("--port", Integer.toString(port)));
    args.addAll(List.of("--ledger", ledger.file().toString(), "--ledger-fsync", "true"));
    args.addAll(List.of("--inbox-messages", "0"));
    args.addAll(behaviour);
    return Child.java(directory, name, OPTIONS, main, args);
  }

  private int awaitPort() {
    return Integer.parseInt(process.awaitLine(LISTENING, Duration.ofSeconds(30)).group(1));
  }

  @Override
  public void close() {
    process.close();
  }
}

package org.parley.ops;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One user at a plain terminal: runs commands and reads what they print. */
final class Session {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Shell shell;
  private final Launch launch;

  Session(Path directory, Map<String, String> environment) {
    this(directory, environment, Reader.nullReader());
  }

  /**
   * Someone who types.
   *
   * @param in what is typed
   */
  Session(Path directory, Map<String, String> environment, Reader in) {
    shell =
        new Shell(
            new BufferedReader(in),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            false,
            80,
            environment,
            HOME,
            directory);
    launch =
        new Launch(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            System.getProperty("java.class.path"),
            List.of("-Xmx128m"),
            FakeNode.class.getName(),
            Arrays.stream(BenchChannel.values())
                .collect(Collectors.toMap(c -> c, c -> FakeCarrier.class.getName())),
            FakeDatabase.class.getName(),
            false);
  }

  /** Someone who works against a node that is there. */
  static Session with(FakeNode node, Path directory) {
    return new Session(
        directory, Map.of("PARLEY_URL", node.uri().toString(), "PARLEY_API_KEY", FakeNode.KEY));
  }

  int run(String... arguments) {
    return Parley.run(shell, launch, arguments);
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }

  Shell shell() {
    return shell;
  }

  /** A port of this machine on which nobody listens. */
  static Address nobody() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new Address("127.0.0.1", socket.getLocalPort());
    }
  }

  /** The repository. */
  static Path home() {
    return HOME;
  }
}

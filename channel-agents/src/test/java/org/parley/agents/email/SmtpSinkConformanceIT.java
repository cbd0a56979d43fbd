package org.parley.agents.email;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.parley.core.spi.Connector;

/** Runs where postfix's {@code smtp-sink} is installed. */
class SmtpSinkConformanceIT extends ConnectorConformanceTest {
  private static final Path SINK = Path.of("/usr/sbin/smtp-sink");

  private @Nullable Process sink;
  private @Nullable SmtpConnector connector;

  @BeforeEach
  void start() throws IOException {
    assumeTrue(Files.isExecutable(SINK), "smtp-sink is not installed");
    int port = freePort();
    sink = new ProcessBuilder(SINK.toString(), "-u", user(), "127.0.0.1:" + port, "100").start();
    await().until(() -> answers(port));
    connector = Connectors.to(port, "connections = 4");
  }

  private static String user() {
    return System.getProperty("user.name", "root").equals("root") ? "nobody" : "";
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  Connector connector() {
    if (connector == null) throw new IllegalStateException("the sink did not start");
    return connector;
  }

  @AfterEach
  void close() {
    if (connector != null) connector.close();
    if (sink != null) sink.destroy();
  }
}

package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;
import static org.parley.agents.sms.Smscs.ANN;
import static org.parley.agents.sms.Smscs.send;
import static org.parley.agents.sms.Smscs.to;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jsmpp.session.connection.Connection;
import org.junit.jupiter.api.Test;
import org.parley.agents.Tools;
import org.parley.core.api.Outcome;

/** Against an SMSC whose certificate nobody signed. */
class SmppTlsIT {
  private static ServerSocketFactory encrypted() throws Exception {
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    // The certificate that GreenMail brings for tests.
    try (InputStream in = SmppTlsIT.class.getResourceAsStream("/greenmail.p12")) {
      keys.load(Objects.requireNonNull(in), password);
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context.getServerSocketFactory();
  }

  private static Outcome outcome(ScriptedSmsc smsc, String settings) throws Exception {
    SmppConnector connector = Smscs.connector(smsc.port(), new Tools(), "Hello", settings);
    try {
      return send(connector, to(ANN));
    } finally {
      connector.close();
    }
  }

  @Test
  void aMessageGoesOverTls() throws Exception {
    try (ScriptedSmsc smsc = new ScriptedSmsc(encrypted())) {
      Outcome outcome = outcome(smsc, "tls = true, tls-verify = false\n");

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    }
  }

  @Test
  void aServerThatCannotBeTrustedGetsNothingAndNeitherDoesOneWithoutTls() throws Exception {
    try (ScriptedSmsc untrusted = new ScriptedSmsc(encrypted());
        ScriptedSmsc plain = new ScriptedSmsc()) {
      Outcome first = outcome(untrusted, "tls = true\n");
      Outcome second = outcome(plain, "tls = true, tls-verify = false, connect-timeout = 500ms\n");

      assertThat(first.reason()).contains("connectFailed");
      assertThat(second.reason()).contains("connectFailed");
      assertThat(untrusted.seen).isEmpty();
      assertThat(plain.seen).isEmpty();
    }
  }

  @Test
  void aWriteThatTheOtherSideDoesNotReadIsBrokenByClosing() throws Exception {
    try (ServerSocket server = encrypted().createServerSocket()) {
      server.setReceiveBufferSize(4096);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      CompletableFuture<Socket> other = CompletableFuture.supplyAsync(() -> accepted(server));
      SmppSettings settings =
          SmppSettings.read(
              "main", Smscs.carrier(server.getLocalPort(), "tls = true, tls-verify = false\n"));
      Connection connection =
          new SmppSockets(settings).createConnection("127.0.0.1", server.getLocalPort());
      AtomicLong writtenNanos = new AtomicLong(System.nanoTime());
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(() -> write(connection, writtenNanos));
      try (Socket deaf = other.get(20, TimeUnit.SECONDS)) {
        await("a write that stalls")
            .atMost(Duration.ofSeconds(60))
            .until(() -> System.nanoTime() - writtenNanos.get() > Duration.ofSeconds(2).toNanos());
        assertThat(deaf.isClosed()).isFalse();
        assertThat(writing).isNotDone();

        CompletableFuture<Void> closed =
            CompletableFuture.runAsync(
                () -> assertThatCode(connection::close).doesNotThrowAnyException());

        assertThat(closed).succeedsWithin(Duration.ofSeconds(20));
        assertThat(writing).failsWithin(Duration.ofSeconds(20));
        assertThat(connection.isOpen()).isFalse();
      }
    }
  }

  private static Socket accepted(ServerSocket server) {
    try {
      SSLSocket socket = (SSLSocket) server.accept();
      socket.startHandshake();
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Connection connection, AtomicLong writtenNanos) {
    try {
      while (true) {
        connection.getOutputStream().write(new byte[10_000]);
        writtenNanos.set(System.nanoTime());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

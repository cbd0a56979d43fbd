package org.parley.agents.email.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.Tools;
import org.parley.agents.settings.Checked;

class SmtpDoorTlsIT {
  private static final String SECRET = "changeit";

  @Test
  void aMailMayComeOverStartTls(@TempDir Path folder) throws Exception {
    Tools tools = new Tools();
    try (SmtpDoor door = door(folder, tools, "")) {
      Properties properties = new Properties();
      properties.setProperty("mail.smtp.host", "127.0.0.1");
      properties.setProperty("mail.smtp.port", Integer.toString(door.port()));
      properties.setProperty("mail.smtp.timeout", "20000");
      properties.setProperty("mail.smtp.starttls.enable", "true");
      properties.setProperty("mail.smtp.starttls.required", "true");
      properties.setProperty("mail.smtp.ssl.trust", "*");
      properties.setProperty("mail.smtp.ssl.checkserveridentity", "false");
      MimeMessage mail = new MimeMessage(Session.getInstance(properties));
      mail.setFrom(new InternetAddress("ann@customer.example"));
      mail.setText("Yes");
      mail.saveChanges();
      try (Transport transport = Session.getInstance(properties).getTransport("smtp")) {
        transport.connect();
        transport.sendMessage(mail, InternetAddress.parse("reply+tok@reply.example"));
      }
    }

    assertThat(tools.replies).hasSize(1);
    assertThat(tools.replies.get(0).text()).isEqualTo("Yes");
  }

  @Test
  void aClientThatReadsNothingIsHungUpOnAndHoldsNobodyUp(@TempDir Path folder) throws Exception {
    try (SmtpDoor door = door(folder, new Tools(), "session-timeout = 1s,");
        Socket plain = new Socket()) {
      plain.setReceiveBufferSize(4096);
      plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port()));
      startTls(plain);
      AtomicLong writtenNanos = new AtomicLong(System.nanoTime());
      CompletableFuture<Void> hungUp =
          CompletableFuture.runAsync(() -> askForHelp(encrypted(plain), writtenNanos));
      await("a write that stalls")
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  hungUp.isDone()
                      || System.nanoTime() - writtenNanos.get() > Duration.ofSeconds(2).toNanos());
      assertThat(hungUp).isNotDone();

      CompletableFuture<Void> ticked = CompletableFuture.runAsync(door::tick);

      assertThat(ticked).succeedsWithin(Duration.ofSeconds(20));
      assertThat(hungUp).failsWithin(Duration.ofSeconds(20));
    }
  }

  private static void startTls(Socket plain) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(plain.getInputStream(), StandardCharsets.US_ASCII));
    assertThat(in.readLine()).startsWith("220 ");
    plain.getOutputStream().write("STARTTLS\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(in.readLine()).startsWith("220 ");
  }

  private static SSLSocket encrypted(Socket plain) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", 25, true);
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError("no TLS", e);
    }
  }

  /** Asks until the connection breaks, and never reads an answer. */
  private static void askForHelp(SSLSocket socket, AtomicLong writtenNanos) {
    byte[] questions = "HELP\r\n".repeat(100).getBytes(StandardCharsets.US_ASCII);
    try {
      while (true) {
        socket.getOutputStream().write(questions);
        writtenNanos.set(System.nanoTime());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SmtpDoor door(Path folder, Tools tools, String more) throws Exception {
    writeCertificate(folder);
    InboundSettings settings =
        InboundSettings.read(
            Checked.at(
                ConfigFactory.parseString(
                        "parley.inbound.email { domain = reply.example, smtp { enabled = true,"
                            + more
                            + " port = 0, tls { certificate-file = \""
                            + folder.resolve("cert.pem")
                            + "\", key-file = \""
                            + folder.resolve("key.pem")
                            + "\" } } }")
                    .withFallback(ConfigFactory.load())
                    .resolve(),
                "parley.inbound.email"));
    InboundMetrics metrics = new InboundMetrics();
    Intake intake = new Intake(tools, settings, metrics, InstantSource.system());
    return SmtpDoor.open(settings, settings.smtp().orElseThrow(), intake, metrics);
  }

  private static void writeCertificate(Path folder) throws Exception {
    Path store = folder.resolve("store.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process made =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "mail",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                SECRET)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(made.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, SECRET.toCharArray());
    }
    pem(folder.resolve("cert.pem"), "CERTIFICATE", keys.getCertificate("mail").getEncoded());
    pem(
        folder.resolve("key.pem"),
        "PRIVATE KEY",
        keys.getKey("mail", SECRET.toCharArray()).getEncoded());
  }

  private static void pem(Path file, String what, byte[] content) throws Exception {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n");
  }
}

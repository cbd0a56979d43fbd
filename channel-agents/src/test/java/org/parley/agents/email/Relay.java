package org.parley.agents.email;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.subethamail.smtp.AuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.auth.UsernamePasswordValidator;
import org.subethamail.smtp.server.SMTPServer;

/**
 * A carrier as companies rent them: it takes a message only over STARTTLS, and from who has logged
 * in. SubEthaSMTP, with a certificate made for it by the JDK's keytool.
 */
final class Relay implements AutoCloseable {
  static final String USER = "relay";
  static final String PASSWORD = "a secret, with ünïcode";

  static final String STORE_PASSWORD = "changeit";

  private final SMTPServer server;
  private final List<String> logins = new CopyOnWriteArrayList<>();
  private final List<String> messages = new CopyOnWriteArrayList<>();

  /**
   * Starts it.
   *
   * @param certificate a key store of {@link #certificate}
   * @param mechanism makes the way to log in, for instance by {@code AUTH PLAIN}
   */
  Relay(
      Path certificate, Function<UsernamePasswordValidator, AuthenticationHandlerFactory> mechanism)
      throws IOException, GeneralSecurityException {
    server =
        SMTPServer.port(0)
            .bindAddress(InetAddress.getLoopbackAddress())
            .requireTLS()
            .requireAuth()
            .startTlsSocketFactory(context(certificate))
            .authenticationHandlerFactory(
                mechanism.apply((user, password, context) -> logIn(user, password)))
            .messageHandler(
                (context, from, to, content) ->
                    messages.add(new String(content, StandardCharsets.UTF_8)))
            .build();
    server.start();
  }

  int port() {
    return server.getPortAllocated();
  }

  /** Who has logged in, in order. */
  List<String> logins() {
    return logins;
  }

  List<String> messages() {
    return messages;
  }

  @Override
  public void close() {
    server.stop();
  }

  private void logIn(String user, String password) throws LoginFailedException {
    if (!user.equals(USER) || !password.equals(PASSWORD)) throw new LoginFailedException();
    logins.add(user);
  }

  /**
   * Makes a self-signed certificate and its key, in a PKCS #12 file.
   *
   * @param name what it is for, as keytool spells it: {@code ip:127.0.0.1}, {@code dns:example.com}
   */
  static Path certificate(Path directory, String name) throws IOException, InterruptedException {
    Path file = directory.resolve(name.replace(':', '-') + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "relay",
                "-dname",
                "CN=relay",
                "-validity",
                "2",
                "-ext",
                "san=" + name,
                "-storetype",
                "PKCS12",
                "-storepass",
                STORE_PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.log").toFile())
            .start();
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      keytool.destroyForcibly();
      throw new IOException("keytool: " + Files.readString(directory.resolve("keytool.log")));
    }
    return file;
  }

  /**
   * A file with nothing but the certificate, as Java trusts it.
   *
   * @param certificate one of {@link #certificate}
   */
  static Path trustIn(Path certificate) throws IOException, GeneralSecurityException {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("relay", keys(certificate).getCertificate("relay"));
    Path file = certificate.resolveSibling("trust-" + certificate.getFileName());
    try (var out = Files.newOutputStream(file)) {
      trust.store(out, STORE_PASSWORD.toCharArray());
    }
    return file;
  }

  private static KeyStore keys(Path certificate) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(certificate)) {
      keys.load(in, STORE_PASSWORD.toCharArray());
    }
    return keys;
  }

  private static SSLContext context(Path certificate) throws IOException, GeneralSecurityException {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys(certificate), STORE_PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}

package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.Attempts;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.subethamail.smtp.AuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.PlainAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.UsernamePasswordValidator;

/** STARTTLS and a login, against a carrier that takes nothing without both. */
class RentedRelayIT {
  private static final String TRUST = "javax.net.ssl.trustStore";
  private static final String TRUST_PASSWORD = "javax.net.ssl.trustStorePassword";
  private static final String ENCRYPTED = "tls = required, connect-timeout = 30s\n";
  private static final String LOGIN =
      "username = \"" + Relay.USER + "\", password = \"" + Relay.PASSWORD + "\"\n";

  @TempDir private static Path directory = Path.of("");
  private static Path certificate = Path.of("");

  @BeforeAll
  static void trustTheRelay() throws Exception {
    certificate = Relay.certificate(directory, "ip:127.0.0.1");
    System.setProperty(TRUST, Relay.trustIn(certificate).toString());
    System.setProperty(TRUST_PASSWORD, Relay.STORE_PASSWORD);
  }

  @AfterAll
  static void trustItNoMore() {
    System.clearProperty(TRUST);
    System.clearProperty(TRUST_PASSWORD);
  }

  @Test
  void afterStartTlsAndAuthPlainAMessageIsTaken() throws Exception {
    aMessageIsTaken(PlainAuthenticationHandlerFactory::new);
  }

  @Test
  void afterStartTlsAndAuthLoginAMessageIsTaken() throws Exception {
    aMessageIsTaken(LoginAuthenticationHandlerFactory::new);
  }

  private static void aMessageIsTaken(
      Function<UsernamePasswordValidator, AuthenticationHandlerFactory> mechanism)
      throws Exception {
    Attempt attempt = Attempts.to("ann@example.com");
    try (Relay relay = new Relay(certificate, mechanism);
        SmtpConnector connector = Connectors.to(relay.port(), ENCRYPTED + LOGIN)) {
      Outcome outcome = Connectors.send(connector, attempt);

      assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Outcome.Kind.ACCEPTED);
      assertThat(relay.logins()).containsExactly(Relay.USER);
      assertThat(relay.messages()).singleElement().asString().contains(attempt.id().toString());
    }
  }

  @Test
  void aWrongPasswordAndNoPasswordSendNothing() throws Exception {
    String wrong = "username = \"" + Relay.USER + "\", password = other\n";
    try (Relay relay = new Relay(certificate, PlainAuthenticationHandlerFactory::new);
        SmtpConnector refused = Connectors.to(relay.port(), ENCRYPTED + wrong);
        SmtpConnector silent = Connectors.to(relay.port(), ENCRYPTED)) {
      Outcome ofRefused = Connectors.send(refused, Attempts.to("ann@example.com"));
      Outcome ofSilent = Connectors.send(silent, Attempts.to("ann@example.com"));

      assertThat(ofRefused.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(ofRefused.reason()).contains("authFailed");
      assertThat(ofRefused.toString()).doesNotContain("other");
      assertThat(ofSilent.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(ofSilent.reason()).contains("authRequired");
      assertThat(relay.messages()).isEmpty();
    }
  }

  @Test
  void aTrustedCertificateForAnotherNameIsNotTheCarriers() throws Exception {
    Path other = Relay.certificate(directory, "dns:elsewhere.example");
    System.setProperty(TRUST, Relay.trustIn(other).toString());
    try (Relay relay = new Relay(other, PlainAuthenticationHandlerFactory::new);
        SmtpConnector connector = Connectors.to(relay.port(), ENCRYPTED + LOGIN)) {
      Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(relay.logins()).isEmpty();
      assertThat(relay.messages()).isEmpty();
    } finally {
      System.setProperty(TRUST, directory.resolve("trust-ip-127.0.0.1.p12").toString());
    }
  }

  @Test
  void aCertificateThatNobodyVouchesForIsNotTheCarriers() throws Exception {
    Path unknown = Relay.certificate(directory, "ip:127.0.0.1,dns:localhost");
    try (Relay relay = new Relay(unknown, PlainAuthenticationHandlerFactory::new);
        SmtpConnector connector = Connectors.to(relay.port(), ENCRYPTED + LOGIN)) {
      Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(outcome.reason()).contains("tlsFailed");
      assertThat(relay.messages()).isEmpty();
    }
  }
}

package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;

class GreenMailConformanceIT extends ConnectorConformanceTest {
  private final GreenMail greenMail = start(ServerSetup.PROTOCOL_SMTP);
  private final SmtpConnector connector =
      Connectors.to(greenMail.getSmtp().getPort(), "connections = 4");

  private static GreenMail start(String protocol) {
    ServerSetup setup = new ServerSetup(0, "127.0.0.1", protocol);
    setup.setServerStartupTimeout(30_000);
    GreenMail greenMail = new GreenMail(setup);
    greenMail.start();
    return greenMail;
  }

  @Override
  Connector connector() {
    return connector;
  }

  @AfterEach
  void close() {
    connector.close();
    greenMail.stop();
  }

  @Test
  void theMessageArrivesAsItWasWritten() throws Exception {
    Attempt attempt = Attempts.to("ann@example.com");
    Connectors.send(connector, attempt);

    MimeMessage received = greenMail.getReceivedMessages()[0];
    assertThat(received.getSubject()).isEqualTo("Hello");
    assertThat(received.getMessageID()).isEqualTo("<" + attempt.id() + "@parley.example>");
    assertThat(received.getContent().toString().strip()).isEqualTo("A text.\r\n.\r\nwith a dot");
  }

  @Test
  void tlsFromTheFirstOctetCarriesAMessageAndAnUnknownCertificateDoesNot() throws Exception {
    GreenMail secure = start(ServerSetup.PROTOCOL_SMTPS);
    int port = secure.getSmtps().getPort();
    try (SmtpConnector trusting = Connectors.to(port, "tls = implicit, tls-verify = false");
        SmtpConnector strict = Connectors.to(port, "tls = implicit")) {
      Outcome accepted = Connectors.send(trusting, Attempts.to("ann@example.com"));
      Outcome refused = Connectors.send(strict, Attempts.to("ann@example.com"));

      assertThat(accepted.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
      assertThat(refused.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    } finally {
      secure.stop();
    }
  }

  @Test
  void aLoginIsMadeWhenItIsConfigured() throws Exception {
    greenMail.setUser("relay@example.com", "relay", "secret");
    String login = "username = relay, password = secret, allow-clear-login = true";
    try (SmtpConnector known = Connectors.to(greenMail.getSmtp().getPort(), login);
        SmtpConnector wrong =
            Connectors.to(
                greenMail.getSmtp().getPort(), login.replace("= secret", "= somethingElse"))) {
      Outcome accepted = Connectors.send(known, Attempts.to("ann@example.com"));
      Outcome refused = Connectors.send(wrong, Attempts.to("ann@example.com"));

      assertThat(accepted.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
      assertThat(refused.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(refused.reason()).contains("authFailed");
    }
  }
}

package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.Attempts;
import org.parley.agents.sandbox.Mischief;
import org.parley.agents.sandbox.SandboxSettings;
import org.parley.agents.sandbox.SandboxSmtp;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;

class SandboxConformanceIT extends ConnectorConformanceTest {
  @TempDir private static Path directory;

  private final Path ledger = directory.resolve("ledger-" + System.nanoTime() + ".ndjson");
  private final SandboxSmtp sandbox =
      SandboxSmtp.start(
          SandboxSettings.read(
              ConfigFactory.parseString(
                      "parley.sandbox.smtp { port = 0, ledger = \"" + ledger + "\" }")
                  .withFallback(ConfigFactory.load())
                  .resolve()));
  private final SmtpConnector connector = Connectors.to(sandbox.port(), "connections = 4");

  @Override
  Connector connector() {
    return connector;
  }

  @AfterEach
  void close() {
    connector.close();
    sandbox.close();
  }

  @Test
  void anAcceptedMessageStandsInTheLedgerAndTheInbox() throws Exception {
    Attempt attempt = Attempts.to("ann@example.com");
    Connectors.send(connector, attempt);

    List<String> lines = Files.readAllLines(ledger);
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).contains("\"attempt\":\"" + attempt.id() + '"', "ann@example.com");
    assertThat(sandbox.newest(5)).hasSize(1);
    assertThat(sandbox.newest(5).get(0).subject()).contains("Hello");
    assertThat(sandbox.newest(5).get(0).source()).contains("\r\n.\r\nwith a dot\r\n");
  }

  @Test
  void theRecipientsDomainAsksForAFault() throws Exception {
    Outcome bounced = Connectors.send(connector, Attempts.to("ann@bounce.example"));
    Outcome vanished = Connectors.send(connector, Attempts.to("ann@vanish.example"));
    Outcome slow = Connectors.send(connector, Attempts.to("ann@slow.example"));

    assertThat(bounced.reason()).contains("mailboxUnavailable");
    assertThat(vanished.kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(slow.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(Files.readAllLines(ledger)).hasSize(2);
  }

  @Test
  void aConnectionDroppedInsteadOfTheGoAheadIsNotSent() throws Exception {
    sandbox.behave(Mischief.NONE.withDropsBeforeDot(1));

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(sandbox.acceptedCount()).isZero();
  }

  @Test
  void refusalsAndDelaysComeAsTold() throws Exception {
    sandbox.behave(Mischief.NONE.withRefusals(1, 451).withDelay(Duration.ofMillis(1)));

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.reason()).contains("deferred");
  }

  @Test
  void whatTheClientKnowsAgreesWithTheLedgerUnderChaos() throws Exception {
    sandbox.behave(new Mischief(Duration.ZERO, 0.1, 450, 0.1, 0.1));
    int accepted = 0;
    int unknown = 0;
    for (int i = 0; i < 300; i++) {
      Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));
      if (outcome.kind() == Outcome.Kind.ACCEPTED) accepted++;
      if (outcome.kind() == Outcome.Kind.UNKNOWN) unknown++;
    }

    assertThat(unknown).isPositive();
    assertThat(sandbox.acceptedCount()).isEqualTo(accepted + unknown);
  }

  @Test
  void anAddressInUtf8AndADomainInAnotherScriptAreDelivered() throws Exception {
    Outcome outcome = Connectors.send(connector, Attempts.to("jürgen@bücher.example"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(sandbox.newest(1).get(0).recipient()).isEqualTo("jürgen@xn--bcher-kva.example");
  }
}

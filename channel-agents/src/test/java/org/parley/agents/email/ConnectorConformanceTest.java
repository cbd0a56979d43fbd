package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Connector;

/** What every connector promises, whatever is at the other end of the wire. */
abstract class ConnectorConformanceTest {
  /** A connector to a carrier that takes everything, with at least four connections. */
  abstract Connector connector();

  @Test
  void itNamesItsCarrierAndChannel() {
    assertThat(connector().carrier()).isEqualTo("main");
    assertThat(connector().channel()).isEqualTo(Channel.EMAIL);
  }

  @Test
  void aMessageIsAccepted() throws Exception {
    Outcome outcome = Connectors.send(connector(), Attempts.to("ann@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.carrier()).contains("main");
  }

  @Test
  void aHundredMessagesOnFourConnectionsAreAllAccepted() throws Exception {
    for (int round = 0; round < 25; round++) {
      List<CompletableFuture<Outcome>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.add(
            connector().send(Attempts.to("user" + i + "@example.com")).toCompletableFuture());
      }
      for (CompletableFuture<Outcome> answer : answers) {
        assertThat(answer.get(20, TimeUnit.SECONDS).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
      }
    }
  }

  @Test
  void aGrantThatHasEndedByTheClockThatNobodySetsIsNotSent() throws Exception {
    Outcome late =
        Connectors.send(
            connector(), Attempts.endingIn(Duration.ZERO, Attempts.to("ann@example.com")));

    assertThat(late).isEqualTo(Outcome.notSent("expired"));
    assertThat(Connectors.send(connector(), Attempts.to("ann@example.com")).kind())
        .as("the next one")
        .isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void anAddressThatIsNoneIsRejectedWithoutAConnection() throws Exception {
    Outcome outcome =
        Connectors.send(connector(), Attempts.to("ann@example.com>\r\nRCPT TO:<eve@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("badAddress");
  }

  @Test
  void afterItIsClosedItAnswersNotSent() throws Exception {
    Connector connector = connector();
    connector.close();

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
  }
}

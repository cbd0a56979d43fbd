package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.parley.agents.sms.Smscs.ANN;
import static org.parley.agents.sms.Smscs.send;
import static org.parley.agents.sms.Smscs.to;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.agents.Tools;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound.Receipt;

/**
 * What the connector promises, whatever SMSC is at the other end. Each knows the sandbox's special
 * numbers.
 */
abstract class SmscConformanceTest {
  protected final Tools tools = new Tools();
  private final List<SmppConnector> open = new ArrayList<>();

  /** Where it listens. */
  abstract int port() throws Exception;

  /** Makes a person write. */
  abstract void personSays(String from, String to, String text) throws Exception;

  protected SmppConnector connector(String text, String more) throws Exception {
    SmppConnector connector = Smscs.connector(port(), tools, text, more);
    open.add(connector);
    return Smscs.bound(connector);
  }

  @AfterEach
  void closeConnectors() {
    open.forEach(SmppConnector::close);
  }

  @Test
  void itNamesItsCarrierAndChannel() throws Exception {
    SmppConnector connector = connector("Hello", "");

    assertThat(connector.carrier()).isEqualTo("main");
    assertThat(connector.channel()).isEqualTo(Channel.SMS);
  }

  @Test
  void anAcceptedMessageIsWrittenDownBeforeAndAfterAndItsReceiptIsHandedOn() throws Exception {
    Attempt attempt = to(ANN);

    Outcome outcome = send(connector("Hello", ""), attempt);

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    String id = outcome.carrierRef().orElseThrow();
    assertThat(tools.accepted).containsEntry(id, attempt.id());
    assertThat(tools.submitted).containsKey(attempt.id());
    await().untilAsserted(() -> assertThat(tools.receipts).hasSize(1));
    Receipt receipt = tools.receipts.get(0);
    assertThat(receipt.carrierRef()).isEqualTo(id);
    assertThat(receipt.to()).isEqualTo(ANN);
    assertThat(receipt.state()).isEqualTo(Receipt.State.DELIVERED);
  }

  @Test
  void twoHundredMessagesAreAcceptedAndEachHasItsOwnReceipt() throws Exception {
    SmppConnector connector = connector("Hello", "sessions = 2, window = 10\n");
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(connector.send(to("+4917012345" + (10 + i % 90))).toCompletableFuture());
    }

    for (CompletableFuture<Outcome> answer : answers) {
      assertThat(answer.get(30, TimeUnit.SECONDS).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    }
    await().untilAsserted(() -> assertThat(tools.receipts).hasSize(200));
    assertThat(tools.receipts.stream().map(Receipt::carrierRef).distinct()).hasSize(200);
  }

  @Test
  void longTextsInBothEncodingsAreOneMessageOfSeveralSegments() throws Exception {
    Outcome gsm = send(connector("Straße € ".repeat(30), ""), to(ANN));
    Outcome ucs2 = send(connector("Привет ".repeat(30), "concatenation = sar\n"), to(ANN));

    assertThat(gsm.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(ucs2.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    await().untilAsserted(() -> assertThat(tools.receipts).hasSize(2));
    assertThat(tools.receipts.stream().map(Receipt::carrierRef))
        .containsExactlyInAnyOrder(gsm.carrierRef().orElseThrow(), ucs2.carrierRef().orElseThrow());
  }

  @Test
  void anUndeliveredMessageHasAReceiptThatSaysSo() throws Exception {
    Outcome outcome = send(connector("Hello", ""), to("+9990000005"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    await().untilAsserted(() -> assertThat(tools.receipts).hasSize(1));
    assertThat(tools.receipts.get(0).state()).isEqualTo(Receipt.State.FAILED);
    assertThat(tools.receipts.get(0).reason().orElse("")).startsWith("undelivered");
  }

  @Test
  void aRefusedNumberIsRejected() throws Exception {
    Outcome outcome = send(connector("Hello", ""), to("+9990000001"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("badAddress");
  }

  @Test
  void aThrottledMessageIsNotSentAndThePaceFallsAndComesBack() throws Exception {
    SmppConnector connector = connector("Hello", "");

    Outcome outcome = send(connector, to("+9990000004"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(outcome.reason()).contains("throttled");
    double low = connector.pacePerSecond();
    assertThat(low).isLessThan(1000);
    assertThat(send(connector, to(ANN)).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    await().untilAsserted(() -> assertThat(connector.pacePerSecond()).isGreaterThan(low + 10));
  }

  @Test
  void aLostResponseIsUnknown() throws Exception {
    Outcome outcome = send(connector("Hello", Smscs.IMPATIENT), to("+9990000006"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(outcome.reason()).contains("timeout");
  }

  @Test
  void aConnectionThatIsDroppedInsteadOfAResponseIsUnknownAndTheNextMessageGoesOut()
      throws Exception {
    SmppConnector connector = connector("Hello", "sessions = 1\n");

    Outcome vanished = send(connector, to("+9990000003"));
    Outcome next = send(connector, to(ANN));

    assertThat(vanished.kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(vanished.reason()).contains("connectionLost");
    assertThat(next.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void aPersonsWordsComeInOnce() throws Exception {
    SmppConnector connector = connector("Hello", "sessions = 1\n");
    await().until(() -> connector.boundSessions() == 1);

    personSays(ANN, "12345", "Ja, bitte €5");

    await().untilAsserted(() -> assertThat(tools.replies).hasSize(1));
    assertThat(tools.replies.get(0).from()).isEqualTo(ANN);
    assertThat(tools.replies.get(0).text()).isEqualTo("Ja, bitte €5");
    assertThat(tools.replies.get(0).channel()).isEqualTo(Channel.SMS);
  }

  @Test
  void whatIsNoNumberIsRejectedAndWhatIsTooLateIsNotSent() throws Exception {
    SmppConnector connector = connector("Hello", "");

    assertThat(send(connector, to("0170 123")).reason()).contains("badAddress");
    Outcome late = send(connector, to(ANN, Instant.now().minusSeconds(1)));
    assertThat(late.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(late.reason()).contains("expired");
    Outcome frozen = send(connector, Attempts.endingIn(Duration.ZERO, to(ANN)));
    assertThat(frozen.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(frozen.reason()).contains("expired");
  }

  @Test
  void afterItIsClosedItAnswersNotSent() throws Exception {
    SmppConnector connector = connector("Hello", "");
    send(connector, to(ANN));
    connector.close();

    assertThat(send(connector, to(ANN)).kind()).isEqualTo(Outcome.Kind.NOT_SENT);
  }
}

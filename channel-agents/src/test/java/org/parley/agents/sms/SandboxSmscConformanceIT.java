package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.parley.agents.sms.Smscs.ANN;
import static org.parley.agents.sms.Smscs.send;
import static org.parley.agents.sms.Smscs.to;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.sandbox.SandboxSmpp;
import org.parley.agents.sandbox.SandboxSms;
import org.parley.agents.sandbox.SmppMischief;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound.Taken;

class SandboxSmscConformanceIT extends SmscConformanceTest {
  @TempDir private static Path directory;

  private final Path ledger = directory.resolve("ledger-" + System.nanoTime() + ".ndjson");
  private final SandboxSmpp sandbox = Smscs.sandbox("ledger = \"" + ledger + '"');

  @Override
  int port() {
    return sandbox.port();
  }

  @Override
  void personSays(String from, String to, String text) {
    var unused = sandbox.says(from, to, text);
  }

  @AfterEach
  void closeSandbox() {
    sandbox.close();
  }

  @Test
  void whatGoesOutCarriesTheReferenceTheSenderAndTheGrantsValidity() throws Exception {
    Attempt attempt = to(ANN);
    send(connector("Hello €", "from = \"+4917099\", from-npi = 1\n"), attempt);

    SandboxSms sms = sandbox.newest(1).get(0);
    assertThat(sms.text()).isEqualTo("Hello €");
    assertThat(sms.recipient()).isEqualTo(ANN);
    assertThat(sms.sender()).isEqualTo("4917099");
    assertThat(sms.reference()).isEqualTo(Sending.reference(attempt));
    assertThat(sms.validity()).matches("00000000(09|10)[0-5][0-9]000R");
    assertThat(Files.readString(ledger)).contains("\"recipient\":\"" + ANN + '"');
  }

  @Test
  void theLedgerSaysWhenATextCameAndNotOnlyWhenItWasTaken() throws Exception {
    Duration delay = Duration.ofMillis(200);
    sandbox.behave(SmppMischief.NONE.withDelay(delay));
    send(connector("Hello", ""), to(ANN));

    SandboxSms sms = sandbox.newest(1).get(0);
    assertThat(Duration.between(sms.begun(), sms.at())).isGreaterThanOrEqualTo(delay);
    assertThat(Files.readString(ledger)).contains("\"begun\":\"" + sms.begun() + '"');
  }

  @Test
  void segmentsStandInOrderAndMakeTheWholeText() throws Exception {
    String text = "0123456789".repeat(40);
    send(connector(text, ""), to(ANN));

    List<SandboxSms> segments = sandbox.newest(10);
    assertThat(segments).hasSize(3).allMatch(sms -> sms.segments() == 3);
    assertThat(segments.get(2).text() + segments.get(1).text() + segments.get(0).text())
        .isEqualTo(text);
  }

  @Test
  void aReceiptThatOvertakesTheResponseIsKeptAndHandedOnAfterIt() throws Exception {
    sandbox.behave(SmppMischief.NONE.withReceipts(true, true, Duration.ZERO));
    Attempt attempt = to(ANN);

    Outcome outcome = send(connector("Hello", ""), attempt);

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(tools.receipts).extracting("carrierRef").contains(outcome.carrierRef().get());
  }

  @Test
  void whatCannotBeMadeDurableComesAgainUntilItIs() throws Exception {
    tools.answer = CompletableFuture.failedFuture(new IllegalStateException("no database"));
    SmppConnector connector = connector("Hello", "");
    await().until(() -> connector.boundSessions() == 2);
    CompletableFuture<Void> said = sandbox.says(ANN, "12345", "Yes");
    await().until(() -> !tools.replies.isEmpty());
    assertThat(said).isNotDone();

    tools.answer = CompletableFuture.completedFuture(Taken.RECORDED);
    said.get(30, TimeUnit.SECONDS);

    assertThat(tools.replies).hasSizeGreaterThan(1);
    assertThat(tools.replies.stream().map(reply -> reply.carrierMessageId()).distinct()).hasSize(1);
  }

  @Test
  void aDeliveryIsAnsweredOnlyWhenItIsDurable() throws Exception {
    CompletableFuture<Taken> durable = new CompletableFuture<>();
    tools.answer = durable;
    send(connector("Hello", ""), to(ANN));
    await().until(() -> tools.receipts.size() == 1);
    assertThat(sandbox.deliveredCount()).isZero();

    durable.complete(Taken.RECORDED);

    await().until(() -> sandbox.deliveredCount() == 1);
  }

  @Test
  void aPersonsLongMessageIsOneReplyAndTheSameWordsTwiceAreTwo() throws Exception {
    SmppConnector connector = connector("Hello", "");
    await().until(() -> connector.boundSessions() == 2);
    String text = "Длинный ответ ".repeat(20);

    sandbox.says(ANN, "12345", text).get(30, TimeUnit.SECONDS);
    sandbox.says(ANN, "12345", "1").get(30, TimeUnit.SECONDS);
    sandbox.says(ANN, "12345", "1").get(30, TimeUnit.SECONDS);

    assertThat(tools.replies).extracting("text").containsExactly(text, "1", "1");
    assertThat(tools.replies).extracting("carrierMessageId").doesNotHaveDuplicates();
  }

  @Test
  void whatTheConnectorKnowsAgreesWithTheLedgerUnderChaos() throws Exception {
    sandbox.behave(
        SmppMischief.NONE.withRefusals(0.1).withThrottling(0.05, 0).withLosses(0.02, 0.02));
    SmppConnector connector = connector("Hello", Smscs.IMPATIENT + "sessions = 2, window = 10\n");
    List<CompletableFuture<Outcome>> answers = new ArrayList<>();
    for (int i = 0; i < 400; i++) answers.add(connector.send(to(ANN)).toCompletableFuture());
    int accepted = 0;
    int unknown = 0;
    for (CompletableFuture<Outcome> answer : answers) {
      Outcome outcome = answer.get(30, TimeUnit.SECONDS);
      if (outcome.kind() == Outcome.Kind.ACCEPTED) accepted++;
      if (outcome.kind() == Outcome.Kind.UNKNOWN) unknown++;
    }

    assertThat(accepted).isPositive();
    assertThat(sandbox.acceptedCount()).isBetween((long) accepted, (long) accepted + unknown);
  }

  @Test
  void aCarrierThatTakesSoManyASecondIsSlowedDownToIt() throws Exception {
    sandbox.behave(SmppMischief.NONE.withThrottling(0, 50));
    SmppConnector connector = connector("Hello", "");
    int refused = 0;
    while (sandbox.acceptedCount() < 120) {
      List<CompletableFuture<Outcome>> answers = new ArrayList<>();
      for (int i = 0; i < 20; i++) answers.add(connector.send(to(ANN)).toCompletableFuture());
      for (CompletableFuture<Outcome> answer : answers) {
        if (answer.get(30, TimeUnit.SECONDS).kind() == Outcome.Kind.NOT_SENT) refused++;
      }
    }

    // Without a pace of its own it would have been refused thousands of times in these seconds.
    assertThat(refused).isPositive().isLessThan(600);
    assertThat(connector.pacePerSecond()).isLessThan(500);
  }

  @Test
  void aWrongPasswordIsNotSentAndNotHammered() throws Exception {
    try (SandboxSmpp strict = Smscs.sandbox("password = secret")) {
      SmppConnector wrong =
          Smscs.connector(
              strict.port(),
              tools,
              "Hello",
              Smscs.IMPATIENT + "password = wrong, backoff-min = 1h, backoff-max = 1h");
      Outcome outcome = send(wrong, to(ANN));
      wrong.close();
      SmppConnector right = Smscs.connector(strict.port(), tools, "Hello", "password = secret");

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(outcome.reason()).contains("connectFailed");
      assertThat(send(right, to(ANN)).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
      right.close();
    }
  }

  @Test
  void aPersonWhoAnswersStopIsHeard() throws Exception {
    send(connector("Hello", "from = \"12345\"\n"), to("+9990000007"));

    await().untilAsserted(() -> assertThat(tools.replies).extracting("text").contains("STOP"));
  }
}

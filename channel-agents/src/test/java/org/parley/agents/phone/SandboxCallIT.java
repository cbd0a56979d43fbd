package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.agents.sandbox.sip.SandboxCall;
import org.parley.agents.sandbox.sip.SandboxSip;
import org.parley.core.api.CallResult;
import org.parley.core.api.CallResult.EndedBy;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

class SandboxCallIT {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  @TempDir Path prompts;

  @BeforeEach
  void record() throws Exception {
    Path unused = Phones.tone(prompts.resolve("hello.wav"), 400);
  }

  @AfterEach
  void close() throws Exception {
    while (!open.isEmpty()) open.pop().close();
  }

  private SandboxSip sandbox(String more) {
    SandboxSip sandbox = Phones.sandbox(more);
    open.push(sandbox);
    return sandbox;
  }

  private SipConnector connector(int port, String more) {
    SipConnector connector = Phones.connector(port, prompts, more);
    open.push(connector);
    return connector;
  }

  private static SandboxCall last(SandboxSip sandbox) {
    await().atMost(Duration.ofSeconds(20)).until(() -> !sandbox.newest(1).isEmpty());
    return sandbox.newest(1).get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp", "tcp"})
  void theKeyOfAnAnsweredCallComesBackAndEndsIt(String transport) throws Exception {
    SandboxSip sandbox = sandbox("press-after = 500ms, transport = " + transport);
    SipConnector connector =
        connector(sandbox.port(), "answer-wait = 20s, transport = " + transport);
    Attempt attempt = Phones.attempt("+4930200001");

    Outcome outcome = connector.send(attempt).toCompletableFuture().get(30, TimeUnit.SECONDS);

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.carrierRef()).contains(attempt.id() + "@127.0.0.1");
    CallResult call = outcome.call().orElseThrow();
    assertThat(call.digits()).isEqualTo("1");
    assertThat(call.endedBy()).isEqualTo(EndedBy.US);
    assertThat(call.lasted()).isBetween(Duration.ofMillis(300), Duration.ofSeconds(20));
    SandboxCall seen = last(sandbox);
    assertThat(seen.attemptId()).isEqualTo(attempt.id().value());
    assertThat(seen.number()).isEqualTo("+4930200001");
    assertThat(seen.end()).isEqualTo("caller");
  }

  @Test
  void thePromptIsHeardToItsEndBeforeTheWaitBegins() throws Exception {
    SandboxSip sandbox = sandbox("");

    CallResult call =
        Phones.call(connector(sandbox.port(), ""), "+4930201000").call().orElseThrow();

    assertThat(call.endedBy()).isEqualTo(EndedBy.US);
    assertThat(last(sandbox).packets()).as("20 of the prompt").isGreaterThanOrEqualTo(20);
  }

  @Test
  void everyKeyIsHeardOnceAndTheWaitEndsTheCall() throws Exception {
    SandboxSip sandbox = sandbox("press = \"3448*#\"");
    SipConnector connector = connector(sandbox.port(), "answer-wait = 3s");

    CallResult call = Phones.call(connector, "+4930201000").call().orElseThrow();

    assertThat(call.digits()).isEqualTo("3448*#");
    assertThat(call.endedBy()).isEqualTo(EndedBy.US);
  }

  @Test
  void withEarlySoundTheCallGoesOnAsAnyOther() throws Exception {
    SandboxSip sandbox = sandbox("press = 9");

    Outcome outcome = Phones.call(connector(sandbox.port(), "answer-wait = 20s"), "+4930200183");

    assertThat(outcome.call().orElseThrow().digits()).isEqualTo("9");
  }

  @Test
  void aCustomerWhoHangsUpEndsTheCall() throws Exception {
    SandboxSip sandbox = sandbox("");

    Outcome outcome = Phones.call(connector(sandbox.port(), "answer-wait = 1m"), "+4930200199");

    assertThat(outcome.call().orElseThrow().endedBy()).isEqualTo(EndedBy.CUSTOMER);
    assertThat(last(sandbox).end()).isEqualTo("customer");
  }

  @ParameterizedTest
  @CsvSource({
    "+4930200486, REJECTED, busy",
    "+4930200603, REJECTED, declined",
    "+4930200404, REJECTED, numberUnknown",
    "+4930200480, REJECTED, noAnswer",
    "+4930200503, NOT_SENT, serviceUnavailable",
  })
  void aRefusalSaysWhatItMeans(String number, Outcome.Kind kind, String reason) throws Exception {
    SandboxSip sandbox = sandbox("");

    Outcome outcome = Phones.call(connector(sandbox.port(), ""), number);

    assertThat(outcome.kind()).isEqualTo(kind);
    assertThat(outcome.reason()).contains(reason);
    assertThat(sandbox.invitedCount()).isEqualTo(1);
  }

  @Test
  void aPhoneThatRingsTooLongIsNoAnswerAndStopsRinging() throws Exception {
    SandboxSip sandbox = sandbox("");

    Outcome outcome = Phones.call(connector(sandbox.port(), "ring-timeout = 2s"), "+4930200408");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("noAnswer");
    assertThat(last(sandbox).end()).isEqualTo("487");
  }

  @Test
  void anAnswerThatCrossesTheCancelIsAcknowledgedAndHungUp() throws Exception {
    SandboxSip sandbox = sandbox("");

    Outcome outcome = Phones.call(connector(sandbox.port(), "ring-timeout = 2s"), "+4930200487");

    assertThat(outcome.reason()).contains("noAnswer");
    assertThat(last(sandbox).answered()).isTrue();
    assertThat(last(sandbox).end()).isEqualTo("caller");
  }

  @Test
  void aRedirectIsFollowed() throws Exception {
    SandboxSip sandbox = sandbox("press = 1");

    Outcome outcome = Phones.call(connector(sandbox.port(), ""), "+4930200302");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(last(sandbox).number()).isEqualTo("+4930201000");
  }

  @Test
  void aCarrierThatSaysNothingLeavesTheCallInDoubtAndIsNotCalledTwice() throws Exception {
    SandboxSip sandbox = sandbox("");

    Outcome outcome = Phones.call(connector(sandbox.port(), "t1 = 20ms"), "+4930200999");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(outcome.reason()).contains("noResponse");
    assertThat(sandbox.invitedCount()).isEqualTo(1);
  }

  @Test
  void aChallengeIsAnsweredAndAWrongPasswordFailsNobody() throws Exception {
    SandboxSip sandbox = sandbox("press = 1, username = relay, password = right");

    Outcome right =
        Phones.call(connector(sandbox.port(), "username = relay, password = right"), "+4930201000");
    Outcome wrong =
        Phones.call(connector(sandbox.port(), "username = relay, password = wrong"), "+4930201000");

    assertThat(right.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(wrong.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(wrong.reason()).contains("authRequired");
    assertThat(sandbox.invitedCount()).isEqualTo(1);
  }

  @Test
  void withNobodyThereTheAttemptCertainlyWasNotSent() throws Exception {
    Outcome outcome = Phones.call(connector(1, "transport = tcp"), "+4930201000");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(outcome.reason()).contains("connectFailed");
  }

  @Test
  void noCallIsLongerThanItMayBe() throws Exception {
    SandboxSip sandbox = sandbox("");

    Outcome outcome =
        Phones.call(connector(sandbox.port(), "max-call = 300ms, answer-wait = 1m"), "+4930201000");

    assertThat(outcome.call().orElseThrow().endedBy()).isEqualTo(EndedBy.US);
    assertThat(outcome.call().orElseThrow().lasted()).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void aNodeThatGoesDownHangsUpAndAnswersForEveryCall() throws Exception {
    SandboxSip sandbox = sandbox("");
    SipConnector connector = connector(sandbox.port(), "answer-wait = 1m");
    CompletableFuture<Outcome> talking =
        connector.send(Phones.attempt("+4930201000")).toCompletableFuture();
    CompletableFuture<Outcome> ringing =
        connector.send(Phones.attempt("+4930200408")).toCompletableFuture();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> sandbox.answeredCount() == 1 && sandbox.invitedCount() == 2);

    connector.close();

    assertThat(talking.getNow(Outcome.unknown("none")).call().orElseThrow().endedBy())
        .isEqualTo(EndedBy.NOBODY);
    assertThat(ringing.getNow(Outcome.notSent("none")).kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    await().atMost(Duration.ofSeconds(20)).until(() -> sandbox.newest(9).size() == 2);
    assertThat(sandbox.newest(9)).extracting(SandboxCall::end).containsOnly("caller", "487");
  }

  @Test
  void rubbishIsCountedAndTheNextCallWorks() throws Exception {
    SandboxSip sandbox = sandbox("press = 1");
    SipConnector connector = connector(sandbox.port(), "max-message-octets = 2048");
    List<String> rubbish = new ArrayList<>();
    rubbish.add("hello there, is this a telephone?");
    rubbish.add("INVITE sip:a@b SIP/2.0\r\n\r\n");
    rubbish.add("SIP/2.0 999999 \r\nVia: x\r\n\r\n");
    rubbish.add("OPTIONS sip:a SIP/2.0\r\nVia: " + "x".repeat(5000) + "\r\n\r\n");
    rubbish.add("BYE sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n");
    try (DatagramSocket socket = new DatagramSocket()) {
      for (String text : rubbish) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        socket.send(
            new DatagramPacket(
                octets, octets.length, InetAddress.getLoopbackAddress(), connector.port()));
      }
    }

    await().atMost(Duration.ofSeconds(20)).until(() -> connector.refusedCount() == rubbish.size());
    assertThat(Phones.call(connector, "+4930201000").kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void aNumberThatWouldBringAHeaderIsRefused() throws Exception {
    SandboxSip sandbox = sandbox("");
    SipConnector connector = connector(sandbox.port(), "");

    Outcome outcome = Phones.call(connector, "+493020\r\nContact: <sip:evil@example.com>");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("badAddress");
    assertThat(sandbox.invitedCount()).isZero();
  }

  @Test
  void aTextIsSpokenOnceForAllCalls() throws Exception {
    SandboxSip sandbox = sandbox("");
    Path spoken = prompts.resolve("spoken");
    String command =
        String.format(
            "speech.command = [sh, -c, \"cat >> '%s'; cat '%s'\"]",
            spoken, prompts.resolve("hello.wav"));
    SipConnector connector =
        Phones.connector(sandbox.port(), command, "", Phones.text("It is spring"));
    open.push(connector);

    Outcome first = Phones.call(connector, "+4930201000");
    Outcome second = Phones.call(connector, "+4930201000");

    assertThat(first.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(second.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(last(sandbox).packets()).isGreaterThanOrEqualTo(20);
    assertThat(Files.readString(spoken)).isEqualTo("It is spring");
  }

  @Test
  void aSpeechCommandThatHangsIsNoCall() throws Exception {
    SandboxSip sandbox = sandbox("");
    SipConnector connector =
        Phones.connector(
            sandbox.port(),
            "speech { command = [sleep, \"60\"], timeout = 200ms }",
            "",
            Phones.text("It is spring"));
    open.push(connector);

    Outcome outcome = Phones.call(connector, "+4930201000");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(outcome.reason()).contains("speechFailed");
    assertThat(sandbox.invitedCount()).isZero();
  }

  @Test
  void aRecordingOfTheWrongKindIsNamedInOneSentence() throws Exception {
    SandboxSip sandbox = sandbox("");
    Files.write(prompts.resolve("hello.wav"), Phones.wav(new short[800], 8000, 2, 16));

    Outcome outcome = Phones.call(connector(sandbox.port(), ""), "+4930201000");

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("promptUnusable");
    assertThat(outcome.detail().orElseThrow()).startsWith("hello.wav has").contains("2 channels");
  }

  @Test
  void aCallTimeoutBelowTheLongestCallStopsTheStart() {
    assertThatThrownBy(() -> connector(5060, "call-timeout = 1m"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("parley.carriers.0.call-timeout")
        .hasMessageContaining("max-call");
  }

  @Test
  void aCallFindsTheOneFreePortOfItsRange() throws Exception {
    SandboxSip sandbox = sandbox("press = 1");
    int first = takenButForTheLast(25);
    String range = "rtp-port-min = " + (first - 1) + ", rtp-port-max = " + (first + 49);
    SipConnector connector = connector(sandbox.port(), "connections = 25, " + range);

    for (int i = 0; i < 2; i++) {
      assertThat(Phones.call(connector, "+4930201000").kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    }
  }

  /** The first of so many even ports in a row, of which the last is free and the others taken. */
  private int takenButForTheLast(int count) throws Exception {
    for (int first = 20_000; first < 32_000; first += 2 * count) {
      List<DatagramSocket> taken = new ArrayList<>();
      try {
        for (int i = 0; i < count; i++) {
          taken.add(new DatagramSocket(first + 2 * i, InetAddress.getLoopbackAddress()));
        }
      } catch (SocketException e) {
        taken.forEach(DatagramSocket::close);
        continue;
      }
      taken.get(count - 1).close();
      taken.forEach(open::push);
      return first;
    }
    throw new AssertionError("there are no " + count + " free even ports in a row");
  }

  @ParameterizedTest(name = "25 calls do not fit into {0} to {1}")
  @CsvSource({"40000, 40047", "40001, 40049", "40001, 40000"})
  void aRangeOfPortsWithoutRoomForAllCallsStopsTheStart(int min, int max) {
    String range = "connections = 25, rtp-port-min = " + min + ", rtp-port-max = " + max;

    assertThatThrownBy(() -> connector(5060, range))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("parley.carriers.0.rtp-port-max")
        .hasMessageContaining("an even one for each of the 25 connections");
  }

  @Test
  void theLedgerHasEveryCallBeforeItRings() throws Exception {
    Path ledger = prompts.resolve("calls.ndjson");
    SandboxSip sandbox = sandbox("ledger-fsync = true, ledger = \"" + ledger + '"');
    Attempt attempt = Phones.attempt("+4930200486");

    Outcome outcome =
        connector(sandbox.port(), "").send(attempt).toCompletableFuture().get(30, TimeUnit.SECONDS);

    assertThat(outcome.reason()).contains("busy");
    assertThat(Files.readAllLines(ledger)).isNotEmpty();
    await().atMost(Duration.ofSeconds(20)).until(() -> Files.readAllLines(ledger).size() == 2);
    assertThat(Files.readAllLines(ledger))
        .allMatch(line -> line.contains("\"attempt\":\"" + attempt.id() + '"'))
        .first()
        .asString()
        .contains("\"event\":\"invited\"");
  }
}

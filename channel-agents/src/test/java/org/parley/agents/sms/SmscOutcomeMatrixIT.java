package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.parley.agents.sms.ScriptedSmsc.BIND;
import static org.parley.agents.sms.ScriptedSmsc.DELIVER;
import static org.parley.agents.sms.ScriptedSmsc.ENQUIRE;
import static org.parley.agents.sms.ScriptedSmsc.NACK;
import static org.parley.agents.sms.ScriptedSmsc.RESPONSE;
import static org.parley.agents.sms.ScriptedSmsc.SUBMIT;
import static org.parley.agents.sms.ScriptedSmsc.deliver;
import static org.parley.agents.sms.ScriptedSmsc.pdu;
import static org.parley.agents.sms.ScriptedSmsc.text;
import static org.parley.agents.sms.Smscs.ANN;
import static org.parley.agents.sms.Smscs.send;
import static org.parley.agents.sms.Smscs.to;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.parley.agents.Tools;
import org.parley.agents.sms.ScriptedSmsc.Header;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Inbound.Receipt;
import org.parley.core.spi.Inbound.Reply;
import org.parley.core.spi.Inbound.Taken;

/** What each answer of an SMSC, each silence and each piece of garbage means for an attempt. */
class SmscOutcomeMatrixIT {
  private static final String ONE = "sessions = 1\n";

  /** Only for a silence to run into; the others wait for as long as a slow machine needs. */
  private static final String IMPATIENT = ONE + "response-timeout = 400ms\n";

  private final ScriptedSmsc smsc;
  private final Tools tools = new Tools();
  private @Nullable SmppConnector connector;

  SmscOutcomeMatrixIT() throws IOException {
    smsc = new ScriptedSmsc();
  }

  @AfterEach
  void close() throws IOException {
    if (connector != null) connector.close();
    smsc.close();
  }

  private SmppConnector connect(String words) {
    return Smscs.bound(open(words, ONE));
  }

  private SmppConnector open(String words, String settings) {
    SmppConnector made = Smscs.connector(smsc.port(), tools, words, settings);
    connector = made;
    return made;
  }

  @ParameterizedTest(name = "command_status {0} is {1} {2}")
  @CsvSource({
    "0x58, NOT_SENT, throttled",
    "0x14, NOT_SENT, throttled",
    "0x08, NOT_SENT, systemError",
    "0x64, NOT_SENT, deferred",
    "0x04, NOT_SENT, deferred",
    "0x0b, REJECTED, badAddress",
    "0x50, REJECTED, badAddress",
    "0x0a, REJECTED, senderRefused",
    "0x01, REJECTED, messageTooLarge",
    "0x45, REJECTED, messageRefused",
    "0x65, REJECTED, messageRefused",
    "0x104, REJECTED, contentNotSupported",
    "0x400, REJECTED, messageRefused",
  })
  void aRefusalMeansExactlyWhatItProves(String status, String kind, String reason)
      throws Exception {
    smsc.answer(SUBMIT, sequence -> pdu(SUBMIT | RESPONSE, Integer.decode(status), sequence));

    Outcome outcome = send(connect("Hello"), to(ANN));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.valueOf(kind));
    assertThat(outcome.reason()).contains(reason);
  }

  @ParameterizedTest(name = "a submit answered by {0} is {1} {2}, and the next goes out")
  @CsvSource({
    "drop, UNKNOWN, connectionLost",
    "silence, UNKNOWN, timeout",
    "half, UNKNOWN, timeout",
    "tenMegabytes, UNKNOWN, connectionLost",
    "tooShort, UNKNOWN, connectionLost",
    "negative, UNKNOWN, connectionLost",
    "http, UNKNOWN, connectionLost",
    "noEnd, UNKNOWN, connectionLost",
    "wrongSequence, UNKNOWN, timeout",
    "otherKind, UNKNOWN, protocolError",
    "nack, NOT_SENT, protocolError",
  })
  void garbageIsNeverFatal(String what, String kind, String reason) throws Exception {
    AtomicInteger submits = new AtomicInteger();
    smsc.answer(
        SUBMIT,
        sequence ->
            submits.getAndIncrement() == 0
                ? garbage(what, sequence)
                : pdu(SUBMIT | RESPONSE, 0, sequence, text("ok")));
    boolean silent = reason.equals("timeout");
    SmppConnector to = Smscs.bound(open("Hello", silent ? IMPATIENT : ONE));

    Outcome outcome = send(to, to(ANN));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.valueOf(kind));
    assertThat(outcome.reason()).contains(reason);
    if (silent) {
      // Half a PDU swallows the next answer, and ends the connection when no more comes.
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> send(to, to(ANN)).kind() == Outcome.Kind.ACCEPTED);
    } else {
      assertThat(send(to, to(ANN)).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    }
  }

  private static byte @Nullable [] garbage(String what, int sequence) {
    byte[] good = pdu(SUBMIT | RESPONSE, 0, sequence, text("an-id"));
    return switch (what) {
      case "drop" -> null;
      case "half" -> Arrays.copyOf(good, 18);
      case "tenMegabytes" -> ByteBuffer.wrap(good).putInt(10_000_000).array();
      case "tooShort" -> ByteBuffer.wrap(good).putInt(3).array();
      case "negative" -> ByteBuffer.wrap(good).putInt(-1).array();
      case "http" -> "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
      case "noEnd" -> pdu(SUBMIT | RESPONSE, 0, sequence, new byte[] {'x', 'y'});
      case "wrongSequence" -> pdu(SUBMIT | RESPONSE, 0, sequence + 1000, text("an-id"));
      case "otherKind" -> pdu(ENQUIRE | RESPONSE, 0, sequence);
      case "nack" -> pdu(NACK, 3, sequence);
      default -> new byte[0];
    };
  }

  @ParameterizedTest(name = "a bind answered by {0} is NOT_SENT")
  @CsvSource({"refusal", "drop", "silence", "http"})
  void withoutABindNothingIsSent(String what) throws Exception {
    smsc.answer(
        BIND,
        sequence ->
            what.equals("refusal")
                ? pdu(BIND | RESPONSE, 0x0e, sequence)
                : garbage(what, sequence));

    Outcome outcome = send(open("Hello", IMPATIENT), to(ANN));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(smsc.seen).extracting(Header::id).doesNotContain(SUBMIT);
  }

  @Test
  void aLaterSegmentThatIsRefusedLeavesTheMessageInDoubt() throws Exception {
    AtomicInteger submits = new AtomicInteger();
    smsc.answer(
        SUBMIT,
        sequence ->
            pdu(
                SUBMIT | RESPONSE,
                submits.getAndIncrement() == 0 ? 0 : 0x45,
                sequence,
                text("id")));

    Outcome outcome = send(connect("x".repeat(300)), to(ANN));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(outcome.reason()).contains("partlySent");
    assertThat(outcome.detail().orElse("")).contains("1 of 2");
  }

  @Test
  void aLaterSegmentThatIsThrottledIsTriedAgain() throws Exception {
    AtomicInteger submits = new AtomicInteger();
    smsc.answer(
        SUBMIT,
        sequence ->
            submits.getAndIncrement() == 1
                ? pdu(SUBMIT | RESPONSE, 0x58, sequence)
                : pdu(SUBMIT | RESPONSE, 0, sequence, text("id-" + submits.get())));

    Outcome outcome = send(connect("x".repeat(300)), to(ANN));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.carrierRef()).contains("id-3");
  }

  @Test
  void aMessageThatHasBegunIsFinishedHoweverSlowlyItsSegmentsAreAccepted() throws Exception {
    long longerThanTheWait = Duration.ofMillis(2100).toNanos();
    smsc.answer(
        SUBMIT,
        sequence -> {
          long askedNanos = System.nanoTime();
          await().until(() -> System.nanoTime() - askedNanos > longerThanTheWait);
          return pdu(SUBMIT | RESPONSE, 0, sequence, text("id"));
        });
    connector =
        Smscs.bound(
            Smscs.connector(
                smsc.port(),
                tools,
                "x".repeat(200),
                "sessions = 1, response-timeout = 20s, submit-wait = 2s\n"));

    Outcome outcome = send(connector, to(ANN));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void receiptsAreReadTakenAndAnsweredWhateverTheySay() throws Exception {
    SmppConnector to = connect("Hello");
    tools.answer = CompletableFuture.completedFuture(Taken.UNMATCHED);

    smsc.say(deliver(1, 4, "491701234567", text("id:nobody stat:DELIVRD err:000")));
    smsc.say(deliver(2, 4, "491701234567", text("something else")));
    smsc.say(deliver(3, 4, "491701234567", text("id:0a stat:EXPIRED err:042 text:id:9")));
    smsc.say(deliver(4, 0x40, "491701234567", new byte[] {(byte) 200, 0, 3, 1, 2}));

    await().untilAsserted(() -> assertThat(smsc.seen).contains(answered(1), answered(2)));
    await().untilAsserted(() -> assertThat(smsc.seen).contains(answered(3), answered(4)));
    assertThat(tools.receipts).extracting(Receipt::carrierRef).containsExactly("nobody", "0a");
    assertThat(tools.receipts.get(1).reason()).contains("expired (error 042)");
    assertThat(send(to, to(ANN)).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @ParameterizedTest(name = "a deliver_sm with {0} is answered with {1}")
  @CsvSource({
    "aParameterTooShort, 0, STOP",
    "anEmptyParameter, 0, STOP",
    "trailingOctets, 0, STOP",
    "anEndlessParameter, 0, STOP",
    "aBadParameterBesideAPayload, 0, STOP",
    "aTimeOfAnotherKind, 0, STOP",
    "anAddressTooLong, 0x65,",
    "noEnd, 0x65,",
  })
  void aDeliverSmThatDoesNotParseIsAnsweredAndNothingElseSuffers(
      String what, String status, @Nullable String read) throws Exception {
    BlockingQueue<Integer> submits = new LinkedBlockingQueue<>();
    smsc.answer(
        SUBMIT,
        sequence -> {
          submits.add(sequence);
          return new byte[0];
        });
    CompletableFuture<Outcome> outcome = connect("Hello").send(to(ANN)).toCompletableFuture();
    Integer submit = submits.poll(20, TimeUnit.SECONDS);

    smsc.say(malformed(what));

    Header answer = new Header(DELIVER | RESPONSE, Integer.decode(status), 9);
    await().untilAsserted(() -> assertThat(smsc.seen).contains(answer));
    smsc.say(pdu(SUBMIT | RESPONSE, 0, Objects.requireNonNull(submit), text("an-id")));
    assertThat(outcome.get(20, TimeUnit.SECONDS).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(smsc.seen).extracting(Header::id).containsOnlyOnce(BIND);
    assertThat(tools.replies)
        .extracting(Reply::text)
        .isEqualTo(read == null ? List.of() : List.of(read));
  }

  private static byte[] malformed(String what) {
    byte[] stop = "STOP".getBytes(StandardCharsets.US_ASCII);
    byte[] good = body(deliver(9, 0, "491701234567", stop));
    byte[] empty = body(deliver(9, 0, "491701234567", new byte[0]));
    int validity = good.length - stop.length - 6;
    return switch (what) {
      case "aParameterTooShort" -> pdu(DELIVER, 0, 9, good, new byte[] {0x02, 0x0c, 0, 1, 7});
      case "anEmptyParameter" -> pdu(DELIVER, 0, 9, good, new byte[] {0, 0x19, 0, 0});
      case "trailingOctets" -> pdu(DELIVER, 0, 9, good, new byte[] {1, 2, 3});
      case "anEndlessParameter" -> pdu(DELIVER, 0, 9, good, new byte[] {4, 0x24, -1, -1, 1});
      case "aBadParameterBesideAPayload" ->
          pdu(DELIVER, 0, 9, empty, new byte[] {2, 4, 0, 1, 7, 4, 0x24, 0, 4}, stop);
      case "aTimeOfAnotherKind" ->
          pdu(
              DELIVER,
              0,
              9,
              Arrays.copyOf(good, validity),
              text("1h"),
              Arrays.copyOfRange(good, validity + 1, good.length));
      case "anAddressTooLong" -> deliver(9, 0, "4".repeat(30), stop);
      default -> pdu(DELIVER, 0, 9, new byte[] {'x', 'y'});
    };
  }

  private static byte[] body(byte[] pdu) {
    return Arrays.copyOfRange(pdu, 16, pdu.length);
  }

  @Test
  void whatIsNotDurableIsAnsweredWithATemporaryError() throws Exception {
    connect("Hello");
    tools.answer = CompletableFuture.failedFuture(new IllegalStateException("no database"));

    smsc.say(deliver(7, 4, "491701234567", text("id:1 stat:DELIVRD")));

    await()
        .untilAsserted(
            () -> assertThat(smsc.seen).contains(new Header(DELIVER | RESPONSE, 0x64, 7)));
  }

  @Test
  void aBindThatDoesNotHoldIsMadeAgainOnlyAfterAPause() throws Exception {
    List<Long> bindNanos = new CopyOnWriteArrayList<>();
    smsc.answer(
        BIND,
        sequence -> {
          bindNanos.add(System.nanoTime());
          return pdu(BIND | RESPONSE, 0, sequence, text("scripted"));
        });
    SmppConnector to =
        Smscs.connector(smsc.port(), tools, "Hello", ONE + "backoff-min = 1s, backoff-max = 1h\n");
    connector = to;
    await().until(() -> to.boundSessions() == 1);
    long hungUpNanos = System.nanoTime();
    smsc.hangUp();

    await().until(() -> bindNanos.size() == 2);

    assertThat(Duration.ofNanos(bindNanos.get(1) - hungUpNanos))
        .as("half of backoff-min at least")
        .isGreaterThanOrEqualTo(Duration.ofMillis(500));
  }

  @Test
  void anIdleLinkIsTriedAndADeadOneIsReplaced() throws Exception {
    smsc.answer(ENQUIRE, sequence -> new byte[0]);
    open("Hello", IMPATIENT + "enquire-every = 100ms\n");

    await()
        .untilAsserted(
            () ->
                assertThat(smsc.seen.stream().map(Header::id).dropWhile(id -> id != ENQUIRE))
                    .contains(BIND));
  }

  private static Header answered(int sequence) {
    return new Header(DELIVER | RESPONSE, 0, sequence);
  }
}

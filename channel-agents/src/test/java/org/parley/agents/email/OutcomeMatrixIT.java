package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.agents.Attempts;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

/** What each answer of a server, and each silence, means for an attempt. */
class OutcomeMatrixIT {
  @TempDir Path folder;

  private ScriptedServer server = startServer();
  private SmtpConnector connector = Connectors.to(server.port(), "backoff-min = 1ms");

  private static ScriptedServer startServer() {
    try {
      return new ScriptedServer();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void politeServer() {
    assertThat(server.port()).isPositive();
  }

  @AfterEach
  void close() throws IOException {
    connector.close();
    server.close();
  }

  @Test
  void whatWarmsUpConnectsAndFillsInATemplateAndSaysNoEnvelope() {
    AtomicBoolean filledIn = new AtomicBoolean();
    SmtpConnector cold =
        Connectors.to(
            server.port(),
            "",
            attempt -> {
              filledIn.set(true);
              return Attempts.message("Hello", "to nobody");
            });

    cold.warmUp();
    await().untilTrue(filledIn);
    cold.close();

    await().until(() -> server.commands().contains("QUIT"));
    assertThat(server.commands()).hasSize(3).first().isEqualTo("CONNECT");
    assertThat(server.commands().get(1)).startsWith("EHLO");
  }

  @ParameterizedTest(name = "{0} answered \"{1}\" is {2} {3}")
  @CsvSource({
    "CONNECT, 554 5.7.1 go away, NOT_SENT, greetingRefused",
    "CONNECT, 421 4.3.2 too busy, NOT_SENT, greetingRefused",
    "CONNECT, <drop>, NOT_SENT, connectFailed",
    "CONNECT, <silence>, NOT_SENT, connectFailed",
    "EHLO, <drop>, NOT_SENT, connectFailed",
    "EHLO, <silence>, NOT_SENT, connectFailed",
    "MAIL, 421 4.3.2 closing, NOT_SENT, serviceUnavailable",
    "MAIL, 451 4.3.0 later, NOT_SENT, deferred",
    "MAIL, 550 5.7.1 not you, REJECTED, policyRefused",
    "MAIL, 530 5.7.0 log in first, NOT_SENT, authRequired",
    "MAIL, 552 too large, REJECTED, messageTooLarge",
    "MAIL, <drop>, NOT_SENT, connectionLost",
    "MAIL, <silence>, NOT_SENT, timeout",
    "MAIL, 25<drop>, NOT_SENT, connectionLost",
    "MAIL, hello world, NOT_SENT, protocolError",
    "RCPT, 450 4.2.1 busy, NOT_SENT, mailboxBusy",
    "RCPT, 451 4.7.1 greylisted, NOT_SENT, greylisted",
    "RCPT, 452 4.2.2 full, NOT_SENT, mailboxFull",
    "RCPT, 421 closing, NOT_SENT, serviceUnavailable",
    "RCPT, 550 5.1.1 unknown, REJECTED, mailboxUnavailable",
    "RCPT, 550 no such user, REJECTED, mailboxUnavailable",
    "RCPT, 556 no mail, REJECTED, domainRefusesMail",
    "RCPT, <drop>, NOT_SENT, connectionLost",
    "RCPT, <silence>, NOT_SENT, timeout",
    "DATA, 451 4.3.0 later, NOT_SENT, deferred",
    "DATA, 554 5.6.0 no, REJECTED, contentNotSupported",
    "DATA, 250 what, NOT_SENT, protocolError",
    "DATA, <drop>, NOT_SENT, connectionLost",
    "DATA, <silence>, NOT_SENT, timeout",
    "DOT, 451 4.3.0 later, NOT_SENT, deferred",
    "DOT, 421 4.3.0 closing, NOT_SENT, serviceUnavailable",
    "DOT, 552 5.2.2 full, REJECTED, mailboxFull",
    "DOT, 554 spam, REJECTED, messageRefused",
    "DOT, 354 again, UNKNOWN, protocolError",
    "DOT, hello world, UNKNOWN, protocolError",
    "DOT, 25<drop>, UNKNOWN, connectionLost",
    "DOT, <drop>, UNKNOWN, connectionLost",
    "DOT, <silence>, UNKNOWN, timeout",
  })
  void aFailureMeansExactlyWhatItProves(String command, String reply, String kind, String reason)
      throws Exception {
    server.answer(command, reply.endsWith(">") ? reply : reply + "\r\n");
    String patience = reply.equals(ScriptedServer.SILENCE) ? limitOf(command) + " = 400ms" : "";
    try (SmtpConnector waiting = Connectors.to(server.port(), patience)) {
      Outcome outcome = Connectors.send(waiting, Attempts.to("ann@example.com"));

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.valueOf(kind));
      assertThat(outcome.reason()).contains(reason);
    }
  }

  /** The one that a silence runs into; the others stay as long as a slow machine needs. */
  private static String limitOf(String command) {
    return switch (command) {
      case "CONNECT", "EHLO" -> "connect-timeout";
      case "DOT" -> "data-timeout";
      default -> "command-timeout";
    };
  }

  @Test
  void anAcceptedMessageBringsTheServersOwnId() throws Exception {
    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.carrierRef()).contains("ABC123");
    assertThat(server.commands()).contains("RCPT TO:<ann@example.com>");
  }

  @Test
  void aReplyOfTenMegabytesEndsTheConnectionAndLeavesNoMessage() throws Exception {
    server.answer("MAIL", "250 " + "x".repeat(10_000_000));

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(server.messages()).isEmpty();
  }

  @Test
  void aServerThatGoesAheadWithoutARecipientGetsNoContent() throws Exception {
    server.answer("RCPT", "550 5.1.1 unknown\r\n");

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    await().until(() -> server.commands().contains("DATA"));
    assertThat(server.messages()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"EHLO", "MAIL", "RCPT", "DATA"})
  void aGrantThatEndsWhileTheServerIsSlowIsNotSentAndTheServerHasNoMessage(String command)
      throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    server.hold(command, slow);
    AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    try (SmtpConnector timed =
        Connectors.to(server.port(), "", () -> Instant.now().plus(ahead.get()))) {
      Attempt attempt = Attempts.to("ann@example.com");
      CompletableFuture<Outcome> answer = timed.send(attempt).toCompletableFuture();
      await().until(() -> server.commands().stream().anyMatch(c -> c.startsWith(command)));
      ahead.set(Duration.between(attempt.grantedAt(), attempt.until()).plusSeconds(1));
      slow.countDown();

      assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.notSent("expired"));
      ahead.set(Duration.ZERO);
      Outcome next = Connectors.send(timed, Attempts.to("bob@example.com"));
      assertThat(next.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    }
    assertThat(server.messages()).hasSize(1);
    assertThat(server.messages().get(0)).contains("bob@example.com");
  }

  @Test
  void whatAServerSaysIsToldWithoutTheAddress() throws Exception {
    server.answer("RCPT", "550 5.1.1 <ann@example.com>: Ann is unknown in table\r\n");

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.detail().orElse("")).doesNotContainIgnoringCase("ann").contains("5.1.1");
  }

  @Test
  void aConnectionThatDiedWhileIdleIsReplacedWithoutALoss() throws Exception {
    Connectors.send(connector, Attempts.to("ann@example.com"));
    server.dropConnections();

    Outcome outcome = Connectors.send(connector, Attempts.to("bob@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(server.connections()).isEqualTo(2);
    assertThat(server.messages()).hasSize(2);
  }

  @ParameterizedTest(name = "of {0} connections")
  @CsvSource({"1, ACCEPTED", "2, NOT_SENT"})
  void aMessageWhoseConnectionClosesWhileItIsSignedGetsAFreshOneAndIsNeverInDoubt(
      int closing, Outcome.Kind kind) throws Exception {
    AtomicInteger left = new AtomicInteger();
    CompletableFuture<SmtpConnector> signing = new CompletableFuture<>();
    Executor closes =
        task ->
            ForkJoinPool.commonPool()
                .execute(
                    () -> {
                      if (left.getAndDecrement() > 0) {
                        server.dropConnections();
                        await().until(() -> signing.join().openConnections() == 0);
                      }
                      task.run();
                    });
    signing.complete(Connectors.to(server.port(), dkim(), Connectors::message, closes));
    try (SmtpConnector open = signing.join()) {
      Connectors.send(open, Attempts.to("ann@example.com"));
      left.set(closing);

      Outcome outcome = Connectors.send(open, Attempts.to("bob@example.com"));

      assertThat(outcome.kind()).isEqualTo(kind);
    }
    assertThat(server.connections()).isEqualTo(2);
  }

  private String dkim() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
    Path file = folder.resolve("key.pem");
    Files.writeString(
        file,
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(key)
            + "\n-----END PRIVATE KEY-----\n");
    return "dkim { domain = parley.example, selector = s1, key-file = \"" + file + "\" }";
  }

  @Test
  void aGoodbyeOnAKeptConnectionLeadsToAFreshOneOnceOnly() throws Exception {
    Connectors.send(connector, Attempts.to("ann@example.com"));
    server.answer("MAIL", "421 4.4.2 idle too long\r\n" + ScriptedServer.DROP);

    Outcome outcome = Connectors.send(connector, Attempts.to("bob@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(outcome.reason()).contains("serviceUnavailable");
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void aKeptConnectionCarriesManyMessages() throws Exception {
    for (int i = 0; i < 10; i++) Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(server.connections()).isEqualTo(1);
    assertThat(server.messages()).hasSize(10);
  }

  @Test
  void aConnectionIsEndedAfterItsShareOfMessages() throws Exception {
    try (SmtpConnector few = Connectors.to(server.port(), "messages-per-connection = 2")) {
      for (int i = 0; i < 4; i++) Connectors.send(few, Attempts.to("ann@example.com"));
    }

    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void aDeadCarrierIsNotHammered() throws Exception {
    server.close();
    try (SmtpConnector patient =
        Connectors.to(server.port(), "backoff-min = 1h, backoff-max = 1h")) {
      Outcome first = Connectors.send(patient, Attempts.to("ann@example.com"));
      Outcome second = Connectors.send(patient, Attempts.to("ann@example.com"));

      assertThat(List.of(first.kind(), second.kind())).containsOnly(Outcome.Kind.NOT_SENT);
      assertThat(second.detail()).contains("pausing after a failed connection");
    }
  }

  @Test
  void aServerWithoutPipeliningIsAskedInTurn() throws Exception {
    server.answer("EHLO", "250 scripted\r\n").answer("RCPT", "550 5.1.1 unknown\r\n");

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.reason()).contains("mailboxUnavailable");
    assertThat(server.commands()).doesNotContain("DATA");
  }

  @Test
  void aRefusedTransactionIsResetBeforeTheNext() throws Exception {
    server.answer("RCPT", "550 5.1.1 unknown\r\n").answer("DATA", "503 no recipient\r\n");
    Connectors.send(connector, Attempts.to("ann@example.com"));
    server.answer("RCPT", "250 ok\r\n").answer("DATA", "354 go on\r\n");

    Outcome outcome = Connectors.send(connector, Attempts.to("bob@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(server.connections()).isEqualTo(1);
    assertThat(server.commands()).contains("RSET");
  }

  @Test
  void aMessageLargerThanTheServerTakesIsNotBegun() throws Exception {
    server.answer("EHLO", "250-scripted\r\n250 SIZE 100\r\n");

    Outcome outcome = Connectors.send(connector, Attempts.to("ann@example.com"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
    assertThat(outcome.reason()).contains("messageTooLarge");
  }

  @Test
  void tlsThatIsRequiredAndNotOfferedSendsNothing() throws Exception {
    try (SmtpConnector strict = Connectors.to(server.port(), "tls = required")) {
      Outcome outcome = Connectors.send(strict, Attempts.to("ann@example.com"));

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(outcome.reason()).contains("tlsRequired");
    }
    assertThat(server.messages()).isEmpty();
  }

  /** Otherwise whoever stands between could put replies of theirs before those under TLS. */
  @Test
  void wordsInClearBehindTheReplyToStartTlsEndTheConnection() throws Exception {
    server
        .answer("EHLO", "250-scripted\r\n250 STARTTLS\r\n")
        .answer("STAR", "220 go on\r\n250-scripted\r\n250 SIZE 1000\r\n");
    try (SmtpConnector strict = Connectors.to(server.port(), "tls = required")) {
      Outcome outcome = Connectors.send(strict, Attempts.to("ann@example.com"));

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
      assertThat(outcome.detail()).contains("replyTooLong");
    }
    assertThat(server.messages()).isEmpty();
  }

  @Test
  void aRendererThatThrowsIsARejectedTemplate() throws Exception {
    try (SmtpConnector failing =
        Connectors.to(
            server.port(),
            "",
            attempt -> {
              throw new IllegalArgumentException("no such variable");
            })) {
      Outcome outcome = Connectors.send(failing, Attempts.to("ann@example.com"));

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.REJECTED);
      assertThat(outcome.reason()).contains("template");
    }
  }
}

package org.parley.agents.email.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.agents.Tools;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.spi.Inbound;

class InboundSmtpIT {
  private final Tools tools = new Tools();
  private final ActorSystem<Void> system = system("");
  private final int port = start(system);

  private static ActorSystem<Void> system(String more) {
    return ActorSystem.create(
        Behaviors.empty(),
        "inbound",
        ConfigFactory.parseString(
                "parley.inbound.email { domain = reply.example,"
                    + " smtp { enabled = true, port = 0, max-octets = 200000,"
                    + " max-line-octets = 2000, connections-per-source = 3 } "
                    + more
                    + "}")
            .withFallback(ConfigFactory.load())
            .resolve());
  }

  private int start(ActorSystem<Void> on) {
    return InboundMail.startIfEnabled(
            on, tools.with(attempt -> Optional.empty(), attempt -> Attempts.message("s", "t")))
        .orElseThrow()
        .smtpPort()
        .orElseThrow();
  }

  @AfterEach
  void stop() throws Exception {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static MimeMessage mail() throws Exception {
    Properties properties = new Properties();
    MimeMessage mail = new MimeMessage(Session.getInstance(properties));
    mail.setFrom(new InternetAddress("ann@customer.example", "Ann"));
    mail.setSubject("Re: Hello");
    return mail;
  }

  private void send(MimeMessage mail, String to) throws Exception {
    mail.setRecipients(Message.RecipientType.TO, InternetAddress.parse(to));
    Properties properties = new Properties();
    properties.setProperty("mail.smtp.host", "127.0.0.1");
    properties.setProperty("mail.smtp.port", Integer.toString(port));
    properties.setProperty("mail.smtp.timeout", "20000");
    try (Transport transport = Session.getInstance(properties).getTransport("smtp")) {
      transport.connect();
      mail.saveChanges();
      transport.sendMessage(mail, mail.getAllRecipients());
    }
  }

  private String raw(String... lines) throws Exception {
    return RawSmtp.talk(port, lines);
  }

  @Test
  void aReplyReachesTheEngineWithItsTokenItsAttemptAndItsText() throws Exception {
    AttemptId attempt = Attempts.to("ann@customer.example").id();
    MimeMessage mail = mail();
    mail.setHeader("In-Reply-To", "<" + attempt + "@shop.example>");
    mail.setText(
        "Yes, gladly.\n\nOn Mon, 2 Nov 2026, Shop wrote:\n> Would you?\n-- \nAnn", "utf-8");

    send(mail, "reply+Tok-7@reply.example");

    assertThat(tools.replies).hasSize(1);
    Inbound.Reply reply = tools.replies.get(0);
    assertThat(reply.channel()).isEqualTo(Channel.EMAIL);
    assertThat(reply.token()).contains("tok-7");
    assertThat(reply.inReplyTo()).contains(attempt);
    assertThat(reply.from()).isEqualTo("ann@customer.example");
    assertThat(reply.text()).isEqualTo("Yes, gladly.");
    assertThat(reply.carrierMessageId()).isEqualTo(mail.getMessageID());
    assertThat(reply.automatic()).isFalse();
  }

  @Test
  void theSenderIsToldOkOnlyAfterTheReplyIsDurable() throws Exception {
    CompletableFuture<Inbound.Taken> durable = new CompletableFuture<>();
    tools.answer = durable;
    CompletableFuture<String> told =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return raw(RawSmtp.mail("reply+t@reply.example", "Subject: x", "", "Yes"));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    org.awaitility.Awaitility.await().until(() -> !tools.replies.isEmpty());
    assertThat(told).isNotDone();

    durable.complete(Inbound.Taken.RECORDED);

    assertThat(told.get(20, TimeUnit.SECONDS)).contains("250 2.0.0");
  }

  @Test
  void theSenderComesAgainWhenTheReplyCouldNotBeMadeDurable() throws Exception {
    String[] mail = RawSmtp.mail("reply+t@reply.example", "Subject: x", "", "Yes");
    tools.answer = CompletableFuture.failedFuture(new IllegalStateException("no database"));
    String failed = raw(mail);
    tools.answer = CompletableFuture.completedFuture(Inbound.Taken.UNMATCHED);
    String taken = raw(mail);

    assertThat(failed).contains("451 4.3.0").doesNotContain("database");
    assertThat(taken).contains("250 2.0.0");
  }

  @Test
  void theSenderComesAgainWhenTheReplyIsNotDurableInTime() throws Exception {
    tools.answer = new CompletableFuture<>();
    ActorSystem<Void> impatient = system(", answer-timeout = 500ms");
    try {
      String late =
          RawSmtp.talk(
              start(impatient), RawSmtp.mail("reply+t@reply.example", "Subject: x", "", "Yes"));

      assertThat(late).contains("451 4.3.0");
    } finally {
      impatient.terminate();
    }
  }

  @Test
  void mailForOtherDomainsAndForForgedAddressesIsRefused() throws Exception {
    String foreign = raw("MAIL FROM:<a@b.example>", "RCPT TO:<x@elsewhere.example>", "QUIT");
    String percent =
        raw("MAIL FROM:<a@b.example>", "RCPT TO:<x%elsewhere.example@relay.example>", "QUIT");
    String forged = raw("MAIL FROM:<a@b.example>", "RCPT TO:<reply+a.b!c@reply.example>", "QUIT");
    String long201 =
        raw(
            "MAIL FROM:<a@b.example>",
            "RCPT TO:<reply+" + "a".repeat(201) + "@reply.example>",
            "QUIT");

    assertThat(foreign).contains("550 5.7.1");
    assertThat(percent).contains("550 5.7.1");
    assertThat(forged).contains("550 5.1.1");
    assertThat(long201).contains("550 5.1.1");
    assertThat(tools.replies).isEmpty();
  }

  @Test
  void mailThatIsTooLargeOrHasALineTooLongIsRefused() throws Exception {
    String large =
        raw(RawSmtp.mail("reply+t@reply.example", "Subject: x", "", "abc\r\n".repeat(50_000)));
    String line = raw(RawSmtp.mail("reply+t@reply.example", "Subject: x", "", "a".repeat(3000)));
    String said = raw("MAIL FROM:<a@b.example> SIZE=99999999999999999999", "QUIT");

    assertThat(large).contains("552 5.3.4");
    assertThat(line).contains("554 5.6.0");
    assertThat(said).contains("552 5.3.4");
    assertThat(tools.replies).isEmpty();
  }

  @Test
  void aMailToUnsubscribeIsAnOptOut() throws Exception {
    MimeMessage mail = mail();
    mail.setText("unsubscribe");

    send(mail, "unsubscribe+Link_Token-9@reply.example");

    assertThat(tools.replies.get(0).text()).isEqualTo("STOP");
    assertThat(tools.replies.get(0).token()).contains("Link_Token-9");
    assertThat(tools.replies.get(0).automatic()).isFalse();
  }

  @Test
  void aBounceReachesTheEngine() throws Exception {
    String answer =
        raw(
            RawSmtp.mailFrom(
                "",
                "bounce+tok-1@reply.example",
                Samples.postfix("failed", "5.1.1", "550 5.1.1 unknown")));

    assertThat(answer).contains("250 2.0.0");
    Inbound.Bounce bounce = tools.bounces.get(0);
    assertThat(bounce.kind()).isEqualTo(Inbound.Bounce.Kind.HARD);
    assertThat(bounce.token()).contains("tok-1");
    assertThat(bounce.status()).contains("5.1.1");
    assertThat(bounce.attempt()).contains(Samples.ATTEMPT);
  }

  @Test
  void oneAddressCannotHoldAllConnections() throws Exception {
    List<RawSmtp> held =
        List.of(RawSmtp.connect(port), RawSmtp.connect(port), RawSmtp.connect(port));
    for (RawSmtp client : held) assertThat(client.line()).startsWith("220");

    try (RawSmtp fourth = RawSmtp.connect(port)) {
      assertThat(fourth.line()).startsWith("421");
    }
    for (RawSmtp client : held) client.close();
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () -> {
              try (RawSmtp next = RawSmtp.connect(port)) {
                assertThat(next.line()).startsWith("220");
              }
            });
  }

  @Test
  void whateverIsSentTheServerLivesOn() throws Exception {
    java.util.Random random = new java.util.Random(7);
    int hungUp = 0;
    for (int i = 0; i < 60; i++) {
      byte[] noise = new byte[random.nextInt(3000)];
      random.nextBytes(noise);
      try (RawSmtp client = RawSmtp.connect(port)) {
        client.line();
        if (i % 2 == 0) client.write("MAIL FROM:<>\r\nRCPT TO:<reply+a@reply.example>\r\nDATA\r\n");
        client.write(new String(noise, StandardCharsets.ISO_8859_1));
        if (i % 3 == 0) client.write("\r\n.\r\nQUIT\r\n");
      } catch (java.io.IOException e) {
        hungUp++; // which is its right
      }
    }

    assertThat(hungUp).isLessThan(60);
    org.awaitility.Awaitility.await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(
            () ->
                assertThat(raw(RawSmtp.mail("reply+t@reply.example", "Subject: x", "", "Yes")))
                    .contains("250 2.0.0"));
  }

  @Test
  void nothingIsOfferedThatIsNotKept() throws Exception {
    String hello = raw("EHLO client.example", "BDAT 10 LAST", "VRFY ann", "QUIT");

    assertThat(hello).contains("250-SIZE 200000").doesNotContain("CHUNKING");
    assertThat(hello).doesNotContain("STARTTLS");
    assertThat(hello.split("502 5.5.1", -1)).hasSize(3);
  }

  @Test
  void withoutADomainItDoesNotStart() {
    ActorSystem<Void> other = system(", domain = \"\"");
    try {
      assertThatThrownBy(() -> start(other))
          .hasMessageContaining("parley.inbound.email.domain")
          .hasMessageContaining("the domain whose mail comes here");
    } finally {
      other.terminate();
    }
  }
}

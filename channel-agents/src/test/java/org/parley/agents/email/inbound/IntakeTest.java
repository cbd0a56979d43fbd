package org.parley.agents.email.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.parley.agents.Tools;
import org.parley.agents.settings.Checked;
import org.parley.core.spi.Inbound.Bounce;
import org.parley.core.spi.Inbound.Reply;

class IntakeTest {
  private final Tools tools = new Tools();
  private final Intake intake =
      new Intake(
          tools,
          InboundSettings.read(
              Checked.at(
                  ConfigFactory.parseString("parley.inbound.email.domain = reply.example")
                      .withFallback(ConfigFactory.load())
                      .resolve(),
                  "parley.inbound.email")),
          new InboundMetrics(),
          InstantSource.fixed(Instant.EPOCH));

  private void take(byte[] octets, String from, String... to) throws Exception {
    intake.take(octets, from, List.of(to)).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private void take(String mail, String from, String... to) throws Exception {
    take(mail.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8), from, to);
  }

  private Reply reply(String mail) throws Exception {
    take(mail, "ann@customer.example", "reply+tok@reply.example");
    return tools.replies.get(tools.replies.size() - 1);
  }

  private Bounce bounce(String mail, String to) throws Exception {
    take(mail, "", to);
    return tools.bounces.get(tools.bounces.size() - 1);
  }

  @Test
  void reportsOfAllForms() throws Exception {
    Bounce postfix =
        bounce(Samples.postfix("failed", "5.1.1", "550 5.1.1 no"), "bounce+tok-1@reply.example");
    assertThat(postfix.kind()).isEqualTo(Bounce.Kind.HARD);
    assertThat(postfix.token()).contains("tok-1");
    assertThat(postfix.address()).contains("ann@customer.example");
    assertThat(postfix.carrierMessageId()).isEqualTo("<20261124.4C5F@mx.customer.example>");

    Bounce exchange = bounce(Samples.exchange(), "bounce+tok-2@reply.example");
    assertThat(exchange.kind()).isEqualTo(Bounce.Kind.HARD);
    assertThat(exchange.status()).contains("5.1.10");
    assertThat(exchange.attempt()).contains(Samples.ATTEMPT);

    Bounce gmail = bounce(Samples.gmail(), "bounce+tok-3@reply.example");
    assertThat(gmail.kind()).isEqualTo(Bounce.Kind.SOFT);
    assertThat(gmail.status()).contains("4.2.2");
    assertThat(gmail.attempt()).contains(Samples.ATTEMPT);

    Bounce qmail = bounce(Samples.qmail(), "bounce+tok-4@reply.example");
    assertThat(qmail.kind()).isEqualTo(Bounce.Kind.HARD);
    assertThat(qmail.status()).contains("5.1.1");
    assertThat(qmail.attempt()).contains(Samples.ATTEMPT);
    assertThat(qmail.carrierMessageId()).startsWith("sha256:");
    assertThat(tools.replies).isEmpty();
  }

  @Test
  void anAddressIsGivenUpOnlyForWhatIsAboutTheAddress() throws Exception {
    assertThat(kind("failed", "5.2.1", "550 5.2.1 disabled")).isEqualTo(Bounce.Kind.HARD);
    assertThat(kind("failed", "5.0.0", "550 5.1.2 no such host")).isEqualTo(Bounce.Kind.HARD);
    assertThat(kind("failed", "5.0.0", "550 no such user")).isEqualTo(Bounce.Kind.HARD);
    assertThat(kind("failed", "", "550 no such user")).isEqualTo(Bounce.Kind.HARD);
    assertThat(kind("failed", "4.4.1", "timed out")).isEqualTo(Bounce.Kind.SOFT);
    assertThat(kind("failed", "5.2.2", "552 5.2.2 full")).isEqualTo(Bounce.Kind.SOFT);
    assertThat(kind("failed", "5.7.1", "550 5.7.1 blocked")).isEqualTo(Bounce.Kind.SOFT);
    assertThat(kind("delayed", "4.4.1", "timed out")).isEqualTo(Bounce.Kind.SOFT);
  }

  private Bounce.Kind kind(String action, String status, String diagnostic) throws Exception {
    return bounce(Samples.postfix(action, status, diagnostic), "bounce+t@reply.example").kind();
  }

  @Test
  void aReportThatTheMailArrivedIsNoBounce() throws Exception {
    take(Samples.postfix("delivered", "2.0.0", "250 ok"), "", "bounce+t@reply.example");
    take(Samples.postfix("relayed", "2.1.9", "250 ok"), "", "bounce+t@reply.example");

    assertThat(tools.bounces).isEmpty();
    assertThat(tools.replies).isEmpty();
  }

  @Test
  void aComplaintFindsItsTouchInTheMailItReturns() throws Exception {
    take(Samples.complaint("abuse"), "staff@provider.example", "fbl@reply.example");

    Bounce complaint = tools.bounces.get(0);
    assertThat(complaint.kind()).isEqualTo(Bounce.Kind.COMPLAINT);
    assertThat(complaint.token()).contains("tok-inside");
    assertThat(complaint.attempt()).contains(Samples.ATTEMPT);
    assertThat(complaint.address()).contains("ann@customer.example");

    take(Samples.complaint("not-spam"), "staff@provider.example", "fbl@reply.example");
    assertThat(tools.bounces).hasSize(1);
  }

  @Test
  void whatAProgramWroteIsNoHumanAnswer() throws Exception {
    String away = "From: ann@customer.example\nSubject: Away\n%s\n\nI am away. STOP.\n";

    assertThat(reply(away.formatted("Auto-Submitted: auto-replied")).automatic()).isTrue();
    assertThat(reply(away.formatted("Precedence: bulk")).automatic()).isTrue();
    assertThat(reply(away.formatted("X-Auto-Response-Suppress: All")).automatic()).isTrue();
    assertThat(reply(away.formatted("Auto-Submitted: no")).automatic()).isFalse();
    assertThat(reply(away.formatted("X-Other: yes")).automatic()).isFalse();
  }

  @Test
  void aVacationAnswerWithoutASenderIsTakenAndIsNothing() throws Exception {
    take(
        "From: ann@customer.example\nAuto-Submitted: auto-replied\n\nBack soon, ticket 5.1.2\n",
        "",
        "bounce+t@reply.example");
    take("From: ann@customer.example\n\nNothing to see\n", "", "reply+t@reply.example");

    assertThat(tools.bounces).isEmpty();
    assertThat(tools.replies).isEmpty();
  }

  @Test
  void theNewestAttemptOfAThreadIsMeantWhenThereIsNoInReplyTo() throws Exception {
    Reply reply =
        reply(
            "From: ann@customer.example\n"
                + "References: <aaaaaaaaaaaaaaaaaaaaaaaaaa@s.example>\n"
                + " <abcdefghijklmnopqrstuvwxyz@s.example> <other@x.example>\n\nYes\n");

    assertThat(reply.inReplyTo()).contains(Samples.ATTEMPT);
  }

  @Test
  void theSameMailHasTheSameIdHoweverItCame() throws Exception {
    String mail = "From: ann@customer.example\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n\nYes\n";
    String first = reply("Received: from a by b; once\n" + mail).carrierMessageId();
    String second = reply("Received: from a by b; twice\n" + mail).carrierMessageId();
    String other = reply(mail.replace("Yes", "No")).carrierMessageId();

    assertThat(first).isEqualTo(second).startsWith("sha256:").isNotEqualTo(other);
    assertThat(reply("Message-ID: <own@x.example>\n" + mail).carrierMessageId())
        .isEqualTo("<own@x.example>");
    assertThat(reply("Message-ID: <" + "x".repeat(500) + ">\n" + mail).carrierMessageId())
        .startsWith("sha256:");
  }

  @Test
  void textIsReadInItsCharsetAndEncoding() throws Exception {
    String head = "From: ann@customer.example\nContent-Type: text/plain; charset=";
    byte[] latin =
        (head + "iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nSchöne Grüße")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] cyrillic =
        (head + "koi8-r\nContent-Transfer-Encoding: 8bit\n\nДа, спасибо")
            .getBytes(Charset.forName("KOI8-R"));
    take(latin, "a@b.example", "reply+t@reply.example");
    take(cyrillic, "a@b.example", "reply+t@reply.example");

    assertThat(tools.replies.get(0).text()).isEqualTo("Schöne Grüße");
    assertThat(tools.replies.get(1).text()).isEqualTo("Да, спасибо");
    assertThat(reply(head + "x-no-such\n\nGrüße").text()).isEqualTo("Grüße");
    assertThat(reply(head + "utf-8\nContent-Transfer-Encoding: base64\n\nWWVzIQ==").text())
        .isEqualTo("Yes!");
    assertThat(
            reply(head + "utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe")
                .text())
        .isEqualTo("Grüße");
    assertThat(reply(head + "utf-8\nContent-Transfer-Encoding: x-odd\n\nYes").text())
        .isEqualTo("Yes");
  }

  @Test
  void plainTextIsPreferredAndHtmlBecomesText() throws Exception {
    String both =
        "From: a@b.example\nContent-Type: multipart/alternative; boundary=b\n\n"
            + "--b\nContent-Type: text/plain\n\nPlain\n--b\nContent-Type: text/html\n\n"
            + "<p>Html</p>\n--b--\n";
    String html =
        "From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n"
            + "<html><head><style>p{}</style></head><body><div>Yes &amp; thanks</div><div>Ann</div>"
            + "<div class=\"gmail_quote\">On Mon Shop wrote: <blockquote>Old</blockquote></div>"
            + "</body></html>\n";

    assertThat(reply(both).text()).isEqualTo("Plain");
    assertThat(reply(html).text()).isEqualTo("Yes & thanks\nAnn");
  }

  @Test
  @Timeout(60)
  void bombsAreRefused() {
    StringBuilder deep = new StringBuilder("From: a@b.example\n");
    for (int i = 0; i < 400; i++) {
      deep.append("Content-Type: multipart/mixed; boundary=b").append(i).append("\n\n--b");
      deep.append(i).append("\n");
    }
    String parts =
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
            + "--b\n\nx\n".repeat(5000)
            + "--b--\n";
    String headers = "From: a@b.example\n" + "X-Y: zzzzzzzzzz\n".repeat(50_000) + "\nYes\n";
    String oneHeader = "From: a@b.example\nX-Y: " + "z".repeat(400_000) + "\n\nYes\n";
    String hops = "Received: from a by b\n".repeat(100) + "From: a@b.example\n\nYes\n";

    assertRefused(deep.toString(), "deepNesting");
    assertRefused(parts, "manyParts");
    assertRefused(headers, "hugeHeaders");
    assertRefused(oneHeader, "hugeHeaders");
    assertRefused(hops, "loop");
    assertThat(tools.replies).isEmpty();
  }

  private void assertRefused(String mail, String word) {
    assertThatThrownBy(() -> take(mail, "a@b.example", "reply+t@reply.example"))
        .isInstanceOf(BadMail.class)
        .extracting("word")
        .isEqualTo(word);
  }

  @Test
  @Timeout(60)
  void hugeHtmlDoesNotHang() throws Exception {
    String head = "From: a@b.example\nContent-Type: text/html\n\n";
    for (String piece :
        List.of("<b>", "<table><tr><td>", "<a href=x>", "<p>&nbsp;", "<<<", "<!--")) {
      reply(head + piece.repeat(400_000 / piece.length()) + "end");
    }
    reply("From: a@b.example\n\n" + "on 1 <a@".repeat(30_000));
    reply("From: a@b.example\n\n" + ("on 1 " + "<@a@".repeat(100) + "\n").repeat(500));

    assertThat(tools.replies).hasSize(8);
    assertThat(tools.replies).allMatch(r -> r.text().length() <= ReplyText.MAX_OCTETS);
  }

  @Test
  @Timeout(60)
  void randomOctetsNeverCrashIt() throws Exception {
    Random random = new Random(42);
    List<String> seeds =
        List.of(
            Samples.postfix("failed", "5.1.1", "550 5.1.1 no"),
            Samples.exchange(),
            Samples.gmail(),
            Samples.qmail(),
            Samples.complaint("abuse"),
            "From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<p>Yes</p>\n");
    for (int i = 0; i < 3000; i++) {
      byte[] octets = seeds.get(i % seeds.size()).getBytes(StandardCharsets.UTF_8);
      if (i % 7 == 0) {
        octets = new byte[random.nextInt(5000)];
        random.nextBytes(octets);
      }
      int changes = random.nextInt(40);
      for (int c = 0; c < changes && octets.length > 0; c++) {
        octets[random.nextInt(octets.length)] = (byte) random.nextInt(256);
      }
      try {
        take(octets, i % 2 == 0 ? "" : "a@b.example", "bounce+t@reply.example");
      } catch (BadMail e) {
        assertThat(e.answer()).startsWith("5.");
      }
    }
  }

  @Test
  void withoutAnEnvelopeTheHeadersSayWhoWasMeant() throws Exception {
    take(
        "From: a@b.example\nDelivered-To: reply+From-Header@reply.example\nTo: x@y.example\n\nYes\n",
        "a@b.example");

    assertThat(tools.replies.get(0).token()).contains("from-header");
  }
}

package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.strings;

import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.core.api.Category;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.Attempt;

class MailWriterTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-12-01T09:00:00Z"));
  private static final Pattern BARE_LINE_END = Pattern.compile("(?<!\r)\n|\r(?!\n)");

  private final MailWriter writer =
      writer("from-name = \"Parley Shop\", reply-to = \"a@b.example\"");

  private static MailWriter writer(String settings) {
    return new MailWriter(
        SenderSettings.read(Attempts.carrier(25, settings), Attempts.parley()), CLOCK);
  }

  private byte[] write(Attempt attempt, RenderedMessage message, boolean eightBit)
      throws Exception {
    return write(attempt, message, eightBit, Optional.empty());
  }

  private byte[] write(
      Attempt attempt, RenderedMessage message, boolean eightBit, Optional<String> returns)
      throws Exception {
    return writer
        .write(attempt, message, MailAddress.parse(attempt.address()), eightBit, returns)
        .octets();
  }

  private static MimeMessage parsed(byte[] octets) throws Exception {
    return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(octets));
  }

  private static RenderedMessage both(String text, String html) {
    return new RenderedMessage(Optional.of("Subject"), Optional.of(text), Optional.of(html));
  }

  @Test
  void aPlainMessageReadsBackAsItWasMeant() throws Exception {
    Attempt attempt =
        Attempts.to(
            "ann@example.com",
            Category.MARKETING,
            Map.of("firstName", "Ann \"Annie\"", "lastName", "O'Neill"));

    MimeMessage mail = parsed(write(attempt, Attempts.message("Spring", "One\nTwo"), false));

    assertThat(mail.getSubject()).isEqualTo("Spring");
    assertThat(mail.getContent()).isEqualTo("One\r\nTwo\r\n");
    assertThat(mail.getSentDate()).isEqualTo(CLOCK.instant());
    assertThat(mail.getMessageID()).isEqualTo("<" + attempt.id() + "@parley.example>");
    InternetAddress to = (InternetAddress) mail.getAllRecipients()[0];
    assertThat(to.getPersonal()).isEqualTo("Ann \"Annie\" O'Neill");
    assertThat(to.getAddress()).isEqualTo("ann@example.com");
    assertThat(((InternetAddress) mail.getFrom()[0]).getPersonal()).isEqualTo("Parley Shop");
    assertThat(mail.getReplyTo()[0]).hasToString("a@b.example");
  }

  @Test
  void whatComesBackHasAnAddressOfItsOwnForEachAttempt() throws Exception {
    Optional<String> returns = Optional.of("+token-9@reply.example");
    Attempt attempt = Attempts.to("a@example.com");

    MimeMessage mail = parsed(write(attempt, Attempts.message("s", "t"), false, returns));

    assertThat(mail.getHeader("Reply-To")).containsExactly("<reply+token-9@reply.example>");
    assertThat(mail.getHeader("List-Unsubscribe", null))
        .contains("<https://parley.example/v1/unsubscribe/token-1>")
        .contains("<mailto:unsubscribe+token-9@reply.example?subject=unsubscribe>");
  }

  @Test
  void marketingCarriesTheOneClickUnsubscribeHeaders() throws Exception {
    MimeMessage marketing =
        parsed(write(Attempts.to("a@example.com"), Attempts.message("s", "t"), false));
    MimeMessage transactional =
        parsed(write(Attempts.transactional("a@example.com"), Attempts.message("s", "t"), false));

    assertThat(marketing.getHeader("List-Unsubscribe", null))
        .isEqualTo("<https://parley.example/v1/unsubscribe/token-1>");
    assertThat(marketing.getHeader("List-Unsubscribe-Post", null))
        .isEqualTo("List-Unsubscribe=One-Click");
    assertThat(marketing.getHeader("Precedence", null)).isEqualTo("bulk");
    assertThat(transactional.getHeader("List-Unsubscribe", null)).isNull();
    assertThat(transactional.getHeader("Precedence", null)).isNull();
  }

  @Test
  void textAndHtmlAreAlternativesInThatOrder() throws Exception {
    MimeMessage mail =
        parsed(write(Attempts.to("a@example.com"), both("Grüße", "<p>Grüße</p>"), false));

    MimeMultipart parts = (MimeMultipart) mail.getContent();
    assertThat(parts.getContentType()).startsWith("multipart/alternative");
    assertThat(parts.getBodyPart(0).getContent().toString().strip()).isEqualTo("Grüße");
    assertThat(parts.getBodyPart(1).isMimeType("text/html")).isTrue();
    assertThat(parts.getBodyPart(1).getContent().toString().strip()).isEqualTo("<p>Grüße</p>");
  }

  @Test
  void anyTextComesBackWhateverItsCharactersAndLines() {
    qt().withExamples(500)
        .forAll(strings().allPossible().ofLengthBetween(0, 300))
        .checkAssert(
            text -> {
              try {
                assertSurvives(text, true);
                assertSurvives(text, false);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
  }

  @Test
  void linesLongerThanTheProtocolAllowsComeBackWhole() throws Exception {
    assertSurvives("x".repeat(5000) + " end", true);
    assertSurvives("ü".repeat(5000), true);
    assertSurvives("a\rb\nc\r\nd\n\r\n.\n..\n", false);
  }

  private void assertSurvives(String text, boolean eightBit) throws Exception {
    String clean = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    byte[] octets = write(Attempts.to("a@example.com"), Attempts.message("s", clean), eightBit);
    String wire = new String(octets, StandardCharsets.ISO_8859_1);

    assertThat(BARE_LINE_END.matcher(wire).find()).isFalse();
    assertThat(wire.lines().mapToInt(String::length).max().orElse(0)).isLessThanOrEqualTo(998);
    String normal = clean.replace("\r\n", "\n").replace('\r', '\n').replace("\n", "\r\n");
    if (!normal.endsWith("\r\n")) normal += "\r\n";
    assertThat(parsed(octets).getContent()).isEqualTo(normal);
  }

  @Test
  void anySubjectComesBackOrIsRefusedAndNeverStartsAHeader() {
    qt().withExamples(500)
        .forAll(strings().allPossible().ofLengthBetween(1, 300))
        .checkAssert(
            text -> {
              String subject =
                  new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
              try {
                byte[] octets =
                    write(Attempts.to("a@example.com"), Attempts.message(subject, "t"), false);
                assertThat(parsed(octets).getSubject()).isEqualTo(subject);
                assertThat(parsed(octets).getHeader("Subject")).hasSize(1);
              } catch (Unsendable e) {
                assertThat(subject.chars()).anyMatch(Character::isISOControl);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
  }

  @Test
  void asciiSubjectsOfAnyLengthAreFoldedAndComeBack() {
    qt().withExamples(500)
        .forAll(strings().betweenCodePoints(' ', '~').ofLengthBetween(1, 900))
        .checkAssert(
            subject -> {
              try {
                byte[] octets =
                    write(Attempts.to("a@example.com"), Attempts.message(subject, "t"), false);
                assertThat(parsed(octets).getSubject()).isEqualTo(subject);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
  }

  @Test
  void aLineBreakInASubjectOrANameIsRefused() {
    Attempt sly =
        Attempts.to(
            "a@example.com", Category.MARKETING, Map.of("firstName", "Ann\r\nBcc: eve@x.example"));

    assertThatThrownBy(() -> write(sly, Attempts.message("s", "t"), false))
        .isInstanceOf(Unsendable.class)
        .extracting("reason")
        .isEqualTo("badAddress");
    assertThatThrownBy(
            () ->
                write(
                    Attempts.to("a@example.com"),
                    Attempts.message("s\nBcc: eve@x.example", "t"),
                    false))
        .isInstanceOf(Unsendable.class)
        .extracting("reason")
        .isEqualTo("badSubject");
  }
}

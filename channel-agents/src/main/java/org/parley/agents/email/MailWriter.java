package org.parley.agents.email;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.parley.core.api.Category;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.Attempt;

/**
 * Writes a message as it stands on the wire (RFC 5322, RFC 2045), before dot-stuffing. It writes
 * straight into octets: building a tree of parts with Angus and letting it write the tree costs
 * several times as much, and the tests read every kind of message back with Angus. Thread-safe.
 */
final class MailWriter {
  private static final int MAX_NAME_CHARS = 200;
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final InstantSource clock;
  private final byte[] fromLine;
  private final byte[] replyToLine;
  private final byte[] messageIdEnd;
  private final Optional<String> unsubscribeUrl;
  private final Optional<String> unsubscribeMailto;
  private volatile DateLine dateLine = new DateLine(Long.MIN_VALUE, "");

  /** A message as it stands on the wire. */
  static final class Mail {
    private final byte[] octets;
    private final boolean eightBit;

    Mail(byte[] octets, boolean eightBit) {
      this.octets = octets;
      this.eightBit = eightBit;
    }

    /** Ended with CRLF, without dot-stuffing. */
    byte[] octets() {
      return octets;
    }

    /** Whether it needs 8BITMIME. */
    boolean eightBit() {
      return eightBit;
    }
  }

  /** A Date header, which is the same for a whole second. */
  private record DateLine(long second, String line) {}

  MailWriter(SenderSettings sender, InstantSource clock) {
    this.clock = clock;
    String from =
        sender.fromName().map(name -> HeaderText.phrase(name) + " ").orElse("")
            + '<'
            + sender.from()
            + ">\r\n";
    String replyTo = sender.replyTo().map(to -> "Reply-To: <" + to + ">\r\n").orElse("");
    this.fromLine = ascii("From: " + from + "MIME-Version: 1.0\r\n");
    this.replyToLine = ascii(replyTo);
    this.messageIdEnd = ascii('@' + sender.messageIdDomain() + ">\r\n");
    this.unsubscribeUrl =
        sender.publicUrl().map(URI::toString).map(url -> url + "/v1/unsubscribe/");
    this.unsubscribeMailto =
        sender.unsubscribeMailto().map(to -> "<mailto:" + to + "?subject=unsubscribe>");
  }

  /**
   * Writes one message.
   *
   * @param eightBitAllowed whether the server takes 8BITMIME (RFC 6152)
   * @param returns what stands behind {@code reply}, {@code bounce} and {@code unsubscribe} in the
   *     addresses for what comes back; empty for the carrier's own addresses
   * @throws Unsendable {@code badAddress} for a name, {@code badSubject} for a subject that has a
   *     control character, {@code template} when nothing is left to send
   */
  Mail write(
      Attempt attempt,
      RenderedMessage message,
      MailAddress to,
      boolean eightBitAllowed,
      Optional<String> returns)
      throws Unsendable {
    Octets out = new Octets();
    out.add(date()).add(fromLine);
    if (returns.isPresent()) out.add("Reply-To: <reply").add(returns.get()).add(">\r\n");
    else out.add(replyToLine);
    out.add("To: ").add(recipient(attempt, to)).add("\r\n");
    if (message.subject().isPresent()) {
      String subject = HeaderText.checked(message.subject().get(), "badSubject", "the subject");
      out.add("Subject: ").add(HeaderText.unstructured(subject, 9)).add("\r\n");
    }
    out.add("Message-ID: <").add(attempt.id().value()).add(messageIdEnd);
    out.add("Auto-Submitted: auto-generated\r\n"); // RFC 3834: no vacation answers, please
    if (attempt.category() == Category.MARKETING) out.add("Precedence: bulk\r\n");
    unsubscribe(attempt, returns, out);
    boolean eightBit = body(attempt, message, out, eightBitAllowed);
    return new Mail(out.toArray(), eightBit || !to.ascii());
  }

  private String date() {
    Instant now = clock.instant();
    DateLine line = dateLine;
    if (line.second() != now.getEpochSecond()) {
      line = new DateLine(now.getEpochSecond(), "Date: " + DATE.format(now) + "\r\n");
      dateLine = line;
    }
    return line.line();
  }

  private static String recipient(Attempt attempt, MailAddress to) throws Unsendable {
    String first = attempt.profile().attributes().getOrDefault("firstName", "");
    String last = attempt.profile().attributes().getOrDefault("lastName", "");
    HeaderText.checked(first, "badAddress", "the customer's name");
    HeaderText.checked(last, "badAddress", "the customer's name");
    String name = (first.trim() + ' ' + last.trim()).trim();
    if (name.isEmpty() || name.length() > MAX_NAME_CHARS) return "<" + to + '>';
    return HeaderText.phrase(name) + "\r\n <" + to + '>';
  }

  private void unsubscribe(Attempt attempt, Optional<String> returns, Octets out) {
    if (attempt.unsubscribeToken().isEmpty()) return;
    Optional<String> mailto =
        returns
            .map(end -> "<mailto:unsubscribe" + end + "?subject=unsubscribe>")
            .or(() -> unsubscribeMailto);
    if (unsubscribeUrl.isPresent()) {
      String url =
          unsubscribeUrl.get()
              + URLEncoder.encode(attempt.unsubscribeToken().get(), StandardCharsets.UTF_8);
      out.add("List-Unsubscribe: <").add(url).add(">");
      mailto.ifPresent(address -> out.add(",\r\n ").add(address));
      out.add("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"); // RFC 8058, section 3.1
    } else {
      mailto.ifPresent(address -> out.add("List-Unsubscribe: ").add(address).add("\r\n"));
    }
  }

  /** Writes the content; true when some of it is 8bit. */
  private static boolean body(
      Attempt attempt, RenderedMessage message, Octets out, boolean eightBitAllowed)
      throws Unsendable {
    if (message.text().isPresent() && message.html().isPresent()) {
      return alternatives(
          attempt,
          new Part("plain", BodyText.of(message.text().get()), eightBitAllowed),
          new Part("html", BodyText.of(message.html().get()), eightBitAllowed),
          out);
    }
    String subtype = message.html().isPresent() ? "html" : "plain";
    String content =
        message
            .html()
            .or(message::text)
            .orElseThrow(() -> new Unsendable("template", "the message has neither text nor html"));
    return new Part(subtype, BodyText.of(content), eightBitAllowed).writeTo(out);
  }

  private static boolean alternatives(Attempt attempt, Part text, Part html, Octets out) {
    // The random end keeps anyone who knows the attempt's id from closing a part early.
    String boundary =
        "=_" + attempt.id() + Long.toHexString(ThreadLocalRandom.current().nextLong());
    boolean eightBit = text.isEightBit() || html.isEightBit();
    out.add("Content-Type: multipart/alternative;\r\n boundary=\"").add(boundary).add("\"\r\n");
    if (eightBit) out.add("Content-Transfer-Encoding: 8bit\r\n");
    out.add("\r\n--").add(boundary).add("\r\n");
    text.writeTo(out);
    out.add("\r\n--").add(boundary).add("\r\n");
    html.writeTo(out);
    out.add("\r\n--").add(boundary).add("--\r\n");
    return eightBit;
  }

  /** A text part and how it is encoded. */
  private record Part(String subtype, BodyText body, BodyText.Encoding encoding) {
    Part(String subtype, BodyText body, boolean eightBitAllowed) {
      this(subtype, body, body.encoding(eightBitAllowed));
    }

    boolean isEightBit() {
      return encoding == BodyText.Encoding.EIGHT_BIT;
    }

    boolean writeTo(Octets out) {
      out.add("Content-Type: text/").add(subtype);
      out.add(body.isAscii() ? "; charset=us-ascii\r\n" : "; charset=utf-8\r\n");
      out.add("Content-Transfer-Encoding: ").add(encoding.label()).add("\r\n\r\n");
      body.writeTo(out, encoding);
      return isEightBit();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

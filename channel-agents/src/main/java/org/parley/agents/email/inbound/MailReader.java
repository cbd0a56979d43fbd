package org.parley.agents.email.inbound;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.SharedByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * Takes a mail apart (RFC 5322, RFC 2045), within bounds: what is deeper, longer or has more parts
 * than any person's mail is refused, and what is broken is read as far as it goes. Pure.
 */
final class MailReader {
  private static final int MAX_HEADER_OCTETS = 131_072;
  private static final int MAX_HEADER_LINES = 2000;
  private static final int MAX_DELIMITERS = 2000;
  private static final int MAX_PARTS = 500;
  private static final int MAX_DEPTH = 12;
  private static final int MAX_HOPS = 60;
  private static final int MAX_ID_CHARS = 200;
  private static final int TEXT_OCTETS = 262_144;
  private static final int REPORT_OCTETS = 65_536;
  private static final Pattern POSTMAN =
      Pattern.compile("(?i)(mailer-daemon|postmaster|mail-daemon|mdaemon)@.*");
  private static final Session SESSION = Session.getInstance(new Properties());

  private final List<String> plain = new ArrayList<>();
  private final List<String> html = new ArrayList<>();
  private final ReportReader report = new ReportReader();
  private int parts;

  private MailReader() {}

  /**
   * Reads a mail, or the beginning of one.
   *
   * @param envelopeFrom as it was said, without brackets; empty for bounces
   * @throws BadMail when it is past the bounds
   */
  static Letter read(byte[] octets, String envelopeFrom) throws BadMail {
    checkShape(octets);
    MailReader reader = new MailReader();
    try {
      MimeMessage mail = new MimeMessage(SESSION, new SharedByteArrayInputStream(octets));
      if (headers(mail, "Received").size() > MAX_HOPS) {
        throw new BadMail("loop", "5.4.6 the mail goes round in circles");
      }
      reader.walk(mail, 0);
      return reader.letter(mail, envelopeFrom);
    } catch (MessagingException | RuntimeException e) {
      throw new BadMail("unreadable", "5.6.0 this is not a mail");
    }
  }

  /** Looks at the mere octets before anything is built of them. */
  private static void checkShape(byte[] octets) throws BadMail {
    int lines = 0;
    int delimiters = 0;
    boolean header = true;
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] != '\n') continue;
      lines++;
      int next = i + 1 < octets.length ? octets[i + 1] : 0;
      if (next == '-' && i + 2 < octets.length && octets[i + 2] == '-') delimiters++;
      if (header && (i > MAX_HEADER_OCTETS || lines > MAX_HEADER_LINES)) {
        throw new BadMail("hugeHeaders", "5.6.0 its headers are too long");
      }
      if (next == '\n' || next == '\r') header = false;
    }
    if (header && octets.length > MAX_HEADER_OCTETS) {
      throw new BadMail("hugeHeaders", "5.6.0 its headers are too long");
    }
    if (delimiters > MAX_DELIMITERS) throw tooManyParts();
  }

  private static BadMail tooManyParts() {
    return new BadMail("manyParts", "5.6.0 it has too many parts");
  }

  private void walk(Part part, int depth) throws BadMail {
    if (depth > MAX_DEPTH) throw new BadMail("deepNesting", "5.6.0 its parts are nested too deep");
    if (++parts > MAX_PARTS) throw tooManyParts();
    String type = Content.type(part);
    if (type.startsWith("multipart/")) {
      for (Part child : children(part)) walk(child, depth + 1);
    } else if (type.startsWith("message/") || type.equals("text/rfc822-headers")) {
      report.take(type, Content.text(part, REPORT_OCTETS));
    } else if (isAttachment(part)) {
      return;
    } else if (type.equals("text/html")) {
      if (html.isEmpty()) html.add(Content.text(part, TEXT_OCTETS));
    } else if (type.startsWith("text/") && plain.size() < 10) {
      plain.add(Content.text(part, TEXT_OCTETS / 10));
    }
  }

  /** The parts of a multipart, as many as can be told apart. */
  private static List<Part> children(Part part) throws BadMail {
    List<Part> children = new ArrayList<>();
    try {
      if (part.getContent() instanceof Multipart multipart) {
        if (multipart.getCount() > MAX_PARTS) throw tooManyParts();
        for (int i = 0; i < multipart.getCount(); i++) children.add(multipart.getBodyPart(i));
      }
    } catch (IOException | MessagingException | RuntimeException e) {
      return children;
    }
    return children;
  }

  private static boolean isAttachment(Part part) {
    try {
      return Part.ATTACHMENT.equalsIgnoreCase(part.getDisposition());
    } catch (MessagingException | RuntimeException e) {
      return false;
    }
  }

  private Letter letter(MimeMessage mail, String envelopeFrom) {
    String text = plain.stream().filter(t -> !t.isBlank()).findFirst().orElse("");
    String fromHtml = html.isEmpty() ? "" : HtmlText.of(html.get(0));
    String from = Names.address(header(mail, "From")).orElse(envelopeFrom);
    String whole = String.join("\n", plain) + '\n' + fromHtml;
    return new Letter(
        id(mail, whole),
        from,
        envelopeFrom.isEmpty(),
        POSTMAN.matcher(from).matches(),
        isAutomatic(mail),
        Names.attempt(header(mail, "In-Reply-To"))
            .or(() -> Names.attempt(header(mail, "References"))),
        recipients(mail),
        ReplyText.of(text.isBlank() ? fromHtml : text),
        header(mail, "Subject") + '\n' + whole,
        report.done());
  }

  private static List<String> recipients(MimeMessage mail) {
    List<String> found = new ArrayList<>();
    for (String name : List.of("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")) {
      found.addAll(Names.addresses(header(mail, name)));
    }
    return found;
  }

  /** RFC 3834, section 5, and what programs write instead. */
  private static boolean isAutomatic(MimeMessage mail) {
    String submitted = header(mail, "Auto-Submitted").strip().toLowerCase(Locale.ROOT);
    if (!submitted.isEmpty() && !submitted.startsWith("no")) return true;
    String precedence = header(mail, "Precedence").strip().toLowerCase(Locale.ROOT);
    if (List.of("bulk", "junk", "list", "auto_reply").contains(precedence)) return true;
    return !header(mail, "X-Auto-Response-Suppress").isBlank()
        || !header(mail, "X-Autoreply").isBlank()
        || !header(mail, "X-Autorespond").isBlank()
        || !header(mail, "List-Id").isBlank();
  }

  private static String id(MimeMessage mail, String whole) {
    String own = header(mail, "Message-ID").strip();
    boolean usable =
        !own.isEmpty() && own.length() <= MAX_ID_CHARS && own.chars().allMatch(c -> c > 32);
    if (usable && own.chars().allMatch(c -> c < 127)) return own;
    // Not over Received and the like, which differ each time the same mail comes.
    String same = header(mail, "From") + '\n' + header(mail, "Date") + '\n' + own + '\n' + whole;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(same.getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static String header(MimeMessage mail, String name) {
    return String.join(" ", headers(mail, name));
  }

  private static List<String> headers(MimeMessage mail, String name) {
    try {
      String[] values = mail.getHeader(name);
      return values == null ? List.of() : List.of(values);
    } catch (MessagingException | RuntimeException e) {
      return List.of();
    }
  }
}

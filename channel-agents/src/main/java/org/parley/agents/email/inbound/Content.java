package org.parley.agents.email.inbound;

import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeUtility;
import jakarta.mail.internet.ParseException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;

/**
 * The content of one part, as far as it can be read: a bad encoding costs only what is behind it.
 */
final class Content {
  private Content() {}

  /** The type without parameters, in lower case; text/plain when it cannot be told. */
  static String type(Part part) {
    try {
      return new ContentType(part.getContentType()).getBaseType().toLowerCase(Locale.ROOT);
    } catch (MessagingException | RuntimeException e) {
      return "text/plain";
    }
  }

  /** The text of a part, at most so many octets of it. */
  static String text(Part part, int maxOctets) {
    byte[] octets = octets(part, maxOctets);
    Charset declared = charset(part);
    // What is called ASCII, or nothing, often is UTF-8 and else mostly windows-1252.
    boolean trusted = declared != null && !declared.equals(StandardCharsets.US_ASCII);
    if (declared != null && trusted && !declared.equals(StandardCharsets.UTF_8)) {
      return new String(octets, declared);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(octets))
          .toString();
    } catch (CharacterCodingException e) {
      boolean cut = octets.length == maxOctets;
      if (trusted || cut) return new String(octets, StandardCharsets.UTF_8);
      return new String(octets, Charset.forName("windows-1252"));
    }
  }

  private static byte[] octets(Part part, int maxOctets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (InputStream in = stream(part)) {
      byte[] buffer = new byte[4096];
      while (out.size() < maxOctets) {
        int read = in.read(buffer, 0, Math.min(buffer.length, maxOctets - out.size()));
        if (read < 0) break;
        out.write(buffer, 0, read);
      }
    } catch (IOException | MessagingException | RuntimeException e) {
      return out.toByteArray();
    }
    return out.toByteArray();
  }

  private static InputStream stream(Part part) throws IOException, MessagingException {
    try {
      return part.getInputStream();
    } catch (IOException | MessagingException e) {
      // A transfer encoding that nobody knows: what stands there is the best there is.
      if (part instanceof MimeBodyPart body) return body.getRawInputStream();
      if (part instanceof MimeMessage message) return message.getRawInputStream();
      throw e;
    }
  }

  private static @org.jspecify.annotations.Nullable Charset charset(Part part) {
    try {
      String name = new ContentType(part.getContentType()).getParameter("charset");
      if (name == null) return null;
      return Charset.forName(MimeUtility.javaCharset(name.strip()));
    } catch (ParseException e) {
      return null;
    } catch (MessagingException | IllegalCharsetNameException | UnsupportedCharsetException e) {
      return null;
    }
  }
}

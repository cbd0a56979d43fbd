package org.parley.node;

import jakarta.mail.Address;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.parley.agents.sandbox.SandboxMessage;
import org.parley.agents.sandbox.SandboxSmtp;
import org.parley.http.api.SandboxMail;

/** Shows a person what the sandbox carrier took. */
final class SandboxInbox {
  private static final int SHOWN = 50;

  private SandboxInbox() {}

  /** The newest mails first. */
  static List<SandboxMail> newest(SandboxSmtp carrier) {
    return carrier.newest(SHOWN).stream().map(SandboxInbox::mail).toList();
  }

  private static SandboxMail mail(SandboxMessage message) {
    try {
      MimeMessage mime = message.parsed();
      return new SandboxMail(
          message.at(),
          addresses(mime.getFrom(), message.sender()),
          addresses(mime.getRecipients(MimeMessage.RecipientType.TO), message.recipient()),
          message.subject().orElse(""),
          text(mime.getContent()));
    } catch (MessagingException | IOException e) {
      // What was cut off because it was large: the envelope tells enough.
      return new SandboxMail(
          message.at(),
          message.sender(),
          message.recipient(),
          message.subject().orElse(""),
          "(not shown)");
    }
  }

  private static String addresses(Address @Nullable [] addresses, String otherwise) {
    if (addresses == null || addresses.length == 0) return otherwise;
    return addresses[0] instanceof InternetAddress address
        ? address.toUnicodeString()
        : addresses[0].toString();
  }

  /** The first plain text of a message, however deep. */
  private static String text(Object content) throws MessagingException, IOException {
    if (content instanceof String text) return text;
    if (content instanceof Multipart parts) {
      for (int i = 0; i < parts.getCount(); i++) {
        BodyPart part = parts.getBodyPart(i);
        if (part.isMimeType("text/plain") || part.isMimeType("multipart/*")) {
          String found = text(part.getContent());
          if (!found.isEmpty()) return found;
        }
      }
    }
    return "";
  }
}

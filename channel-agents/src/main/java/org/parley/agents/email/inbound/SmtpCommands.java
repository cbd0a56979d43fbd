package org.parley.agents.email.inbound;

import java.io.IOException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.subethamail.smtp.DropConnectionException;
import org.subethamail.smtp.internal.command.MailCommand;
import org.subethamail.smtp.internal.server.BaseCommand;
import org.subethamail.smtp.server.Session;

/** Commands that the library's server answers otherwise than it must here. */
final class SmtpCommands {
  private SmtpCommands() {}

  /**
   * EHLO without CHUNKING: the library takes a chunk that was cut off for a whole mail. With
   * 8BITMIME and SMTPUTF8, which are no work for one who only reads.
   */
  static final class Hello extends BaseCommand {
    private final SmtpDoorSettings settings;

    Hello(SmtpDoorSettings settings) {
      super("EHLO", "Introduce yourself.", "<hostname>");
      this.settings = settings;
    }

    @Override
    public void execute(String line, Session session) throws IOException {
      String[] words = getArgs(line);
      if (words.length < 2) {
        session.sendResponse("501 5.5.4 EHLO needs a name");
        return;
      }
      session.resetMailTransaction();
      session.setHelo(words[1]);
      boolean offerTls = settings.certificate().isPresent() && !session.isTLSStarted();
      session.sendResponse(
          "250-"
              + settings.name()
              + "\r\n250-SIZE "
              + settings.maxOctets()
              + (offerTls ? "\r\n250-STARTTLS" : "")
              + "\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES");
    }
  }

  /** MAIL, with a look at SIZE: a number too long for the library breaks its connection. */
  static final class Mail extends BaseCommand {
    private static final Pattern SIZE = Pattern.compile("(?i) size=([0-9]{10,})");

    private final MailCommand command;

    Mail(MailCommand command) {
      super("MAIL", "Begin a mail.", "FROM: <sender>");
      this.command = command;
    }

    @Override
    public void execute(String line, Session session) throws IOException, DropConnectionException {
      Matcher size = SIZE.matcher(line);
      if (size.find()) {
        session.sendResponse("552 5.3.4 the mail is too large");
        return;
      }
      if (!line.toUpperCase(Locale.ROOT).contains("FROM:")) {
        session.sendResponse("501 5.5.4 MAIL needs FROM:<address>");
        return;
      }
      command.execute(line, session);
    }
  }

  /** A command that is not spoken here. */
  static final class NotHere extends BaseCommand {
    NotHere(String name) {
      super(name, "Not spoken here.");
    }

    @Override
    public void execute(String line, Session session) throws IOException {
      session.sendResponse("502 5.5.1 this command is not spoken here");
    }
  }
}

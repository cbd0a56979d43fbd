package org.parley.agents.email.inbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.DropConnectionException;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;

/**
 * One mail on its way in. What is refused after DATA ends the connection as well, for the library
 * leaves the transaction open behind a refusal there.
 */
final class SmtpVisit implements MessageHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpVisit.class);

  private final InboundSettings settings;
  private final SmtpDoorSettings own;
  private final Intake intake;
  private final InboundMetrics metrics;
  private final List<String> to = new ArrayList<>();
  private String from = "";

  SmtpVisit(InboundSettings settings, SmtpDoorSettings own, Intake intake, InboundMetrics metrics) {
    this.settings = settings;
    this.own = own;
    this.intake = intake;
    this.metrics = metrics;
  }

  @Override
  public void from(String sender) {
    from = sender;
  }

  @Override
  public void recipient(String address) throws RejectException {
    switch (ReturnAddress.parse(address, settings.domains()).purpose()) {
      case FOREIGN -> {
        metrics.odd("relayRefused");
        throw new RejectException(550, "5.7.1 mail for that domain is not taken here");
      }
      case FORGED -> {
        metrics.odd("forgedAddress");
        throw new RejectException(550, "5.1.1 there is no such address");
      }
      default -> to.add(address);
    }
  }

  @Override
  public String data(InputStream in) throws RejectException, IOException {
    byte[] octets = read(in);
    try {
      var unused =
          intake
              .take(octets, from, to)
              .toCompletableFuture()
              .get(settings.answerTimeout().toMillis(), TimeUnit.MILLISECONDS);
      return "2.0.0 taken";
    } catch (BadMail e) {
      metrics.odd(e.word());
      throw new DropConnectionException(554, e.answer());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw later();
    } catch (ExecutionException | TimeoutException e) {
      metrics.odd("putOff");
      throw later();
    } catch (RuntimeException e) {
      LOG.error("A mail could not be taken; this is a defect", e);
      throw later();
    }
  }

  private static DropConnectionException later() {
    return new DropConnectionException(451, "4.3.0 not now, please come again");
  }

  /** Reads to the end, and keeps the beginning. */
  private byte[] read(InputStream in) throws RejectException, IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(4096);
    long octets = 0;
    int line = 0;
    for (int octet = in.read(); octet >= 0; octet = in.read()) {
      if (++octets > own.maxOctets()) {
        metrics.odd("tooLarge");
        throw new DropConnectionException(552, "5.3.4 the mail is too large");
      }
      line = octet == '\n' ? 0 : line + 1;
      if (line > own.maxLineOctets()) {
        metrics.odd("longLine");
        throw new DropConnectionException(554, "5.6.0 a line is too long");
      }
      if (kept.size() < settings.keptOctets()) kept.write(octet);
    }
    return kept.toByteArray();
  }

  @Override
  public void done() {}
}

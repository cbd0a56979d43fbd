package org.parley.agents.sandbox;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;

/**
 * A message the sandbox took.
 *
 * @param at when it was taken
 * @param begun when its MAIL command came
 * @param attemptId the part of the Message-ID before the at sign; empty when there is none
 * @param sender the envelope's sender
 * @param recipient the envelope's recipient
 * @param size in octets
 * @param source the message as it came, without dot-stuffing; cut off when it was large
 */
public record SandboxMessage(
    Instant at,
    Instant begun,
    String attemptId,
    String sender,
    String recipient,
    int size,
    String source) {

  /** The subject as a person reads it. */
  public Optional<String> subject() {
    try {
      return Optional.ofNullable(parsed().getSubject());
    } catch (MessagingException e) {
      return Optional.empty();
    }
  }

  /** The message as Angus reads it. */
  public MimeMessage parsed() throws MessagingException {
    return new MimeMessage(
        Session.getInstance(new Properties()),
        new ByteArrayInputStream(source.getBytes(StandardCharsets.UTF_8)));
  }
}

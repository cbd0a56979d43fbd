package org.parley.core.spi;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;

/**
 * What comes back from carriers. Each future is done once the conversation has made it durable, and
 * only then may the carrier be told that it was taken; it fails when that could not be done in
 * time, and then the carrier must be asked to come again. The same thing twice is taken once.
 */
public interface Inbound {

  /** A person wrote. */
  CompletionStage<Taken> reply(Reply reply);

  /** A carrier says what became of a message that it accepted, or that was in doubt. */
  CompletionStage<Taken> receipt(Receipt receipt);

  /** An address does not work, or its owner complains. */
  CompletionStage<Taken> bounce(Bounce bounce);

  /**
   * The signed word for an address that answers come to: {@code reply+<token>@…}. It says which
   * customer and which touch, is proof that Parley wrote it, and has at most 200 characters, all of
   * them a to z, 0 to 9 and '-', for mail programs change case; empty when the ids are too long.
   */
  Optional<String> returnToken(Attempt attempt);

  /** What became of it. */
  enum Taken {
    RECORDED,
    /** Nobody here is meant: counted, and for the carrier it is taken. */
    UNMATCHED
  }

  /**
   * A person wrote.
   *
   * @param carrierMessageId the carrier's own id; the same one again is taken and does nothing
   * @param from the person's address; personal, never logged
   * @param token of the address it came to, as it was found there, unchecked
   * @param inReplyTo the attempt that it names, as it was found there, unchecked
   * @param text without quoted parts and signatures
   * @param automatic whether a program wrote it, such as a vacation answer (RFC 3834); then it is
   *     no human answer, and no word in it is a command
   */
  record Reply(
      String carrier,
      Channel channel,
      String carrierMessageId,
      String from,
      Optional<String> token,
      Optional<AttemptId> inReplyTo,
      String text,
      Instant at,
      boolean automatic) {
    /** What a person wrote with their own hands. */
    public Reply(
        String carrier,
        Channel channel,
        String carrierMessageId,
        String from,
        Optional<String> token,
        Optional<AttemptId> inReplyTo,
        String text,
        Instant at) {
      this(carrier, channel, carrierMessageId, from, token, inReplyTo, text, at, false);
    }
  }

  /**
   * A carrier says what became of a message.
   *
   * @param carrierRef the carrier's id for the message
   * @param reference our reference, where the receipt carries it (SMPP user_message_reference)
   * @param to the person's number; personal, never logged
   */
  record Receipt(
      String carrier,
      String carrierRef,
      OptionalInt reference,
      String to,
      State state,
      Optional<String> reason,
      Instant at) {
    /** How far the message came. */
    public enum State {
      /** The carrier has it and goes on trying. */
      UNDER_WAY,
      DELIVERED,
      FAILED
    }
  }

  /**
   * An address does not work, or its owner complains.
   *
   * @param token of the address it came to, unchecked
   * @param attempt that it names, unchecked
   * @param address that it names; only believed together with a token or an attempt
   * @param status the enhanced status code (RFC 3463), such as 5.1.1
   */
  record Bounce(
      String carrier,
      Channel channel,
      String carrierMessageId,
      Kind kind,
      Optional<String> token,
      Optional<AttemptId> attempt,
      Optional<String> address,
      Optional<String> status,
      Instant at) {
    /** How bad it is. */
    public enum Kind {
      /** The address will never work: it is suppressed. */
      HARD,
      /** It may work later. */
      SOFT,
      /** The person calls it spam: the channel is opted out and the address suppressed. */
      COMPLAINT
    }
  }
}

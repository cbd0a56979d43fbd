package org.parley.core.conversation;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConsentState;
import org.parley.core.api.Intent;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.spi.JournalRecord;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.ReplyClassifier.Sentiment;

/** What is on disk for ever about a customer. Events only grow. */
public sealed interface ConversationEvent extends JournalRecord {
  Instant at();

  /**
   * An event about one touch. {@link #was} is how the read side saw the touch before, if it did;
   * the move is how the recipient's standing in the campaign changes, on the last event that
   * changes it.
   */
  sealed interface Touching extends ConversationEvent {
    StepKey key();

    Channel channel();

    Optional<Communication.State> was();

    Optional<Move> move();

    Touching withMove(Move move);
  }

  /**
   * How a recipient's standing changes.
   *
   * @param finished 1 when nothing more is planned for them, -1 when something is again, 0
   *     otherwise
   * @param wasBecause why they had not been reached; empty when they had, or may be still
   * @param because why they have not been reached; empty when they have, or may be still
   */
  record Move(
      Standing from,
      Standing to,
      int finished,
      Optional<String> wasBecause,
      Optional<String> because) {}

  record CustomerUpdated(Profile profile, Instant at) implements ConversationEvent {}

  record ConsentChanged(Map<Channel, ConsentState> changes, String source, Instant at)
      implements ConversationEvent {
    public ConsentChanged {
      changes = Map.copyOf(changes);
    }
  }

  /**
   * An attempt may be sent until a moment. Persisted before anything leaves.
   *
   * @param number which try this is, from 1; a try in doubt that is made again keeps its number
   * @param counts whether it counts against frequency caps
   * @param profile present when the audience knew something newer
   * @param message present for a single message
   * @param epoch the life of the node that granted; 0 in what earlier releases wrote
   */
  record OutreachGranted(
      StepKey key,
      Channel channel,
      AttemptId attempt,
      int number,
      boolean counts,
      Optional<Profile> profile,
      Optional<MessageRequest> message,
      Instant until,
      Optional<Communication.State> was,
      Optional<Move> move,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) long epoch,
      Instant at)
      implements Touching {
    /** As earlier releases granted. */
    OutreachGranted(
        StepKey key,
        Channel channel,
        AttemptId attempt,
        int number,
        boolean counts,
        Optional<Profile> profile,
        Optional<MessageRequest> message,
        Instant until,
        Optional<Communication.State> was,
        Optional<Move> move,
        Instant at) {
      this(key, channel, attempt, number, counts, profile, message, until, was, move, 0, at);
    }

    @Override
    public OutreachGranted withMove(Move newMove) {
      return new OutreachGranted(
          key,
          channel,
          attempt,
          number,
          counts,
          profile,
          message,
          until,
          was,
          Optional.of(newMove),
          epoch,
          at);
    }
  }

  /**
   * What became of an attempt.
   *
   * @param retryAt when it is tried again; absent when this is the end of the touch
   */
  record OutreachSettled(
      StepKey key,
      Channel channel,
      AttemptId attempt,
      int number,
      Outcome outcome,
      Instant grantedAt,
      Optional<Instant> retryAt,
      Optional<Communication.State> was,
      Optional<Move> move,
      Instant at)
      implements Touching {
    @Override
    public OutreachSettled withMove(Move newMove) {
      return new OutreachSettled(
          key,
          channel,
          attempt,
          number,
          outcome,
          grantedAt,
          retryAt,
          was,
          Optional.of(newMove),
          at);
    }
  }

  /** Not now; due work wakes it. */
  record OutreachHeld(
      StepKey key,
      Channel channel,
      String reason,
      Optional<Profile> profile,
      Optional<MessageRequest> message,
      Instant until,
      Optional<Communication.State> was,
      Optional<Move> move,
      Instant at)
      implements Touching {
    @Override
    public OutreachHeld withMove(Move newMove) {
      return new OutreachHeld(
          key, channel, reason, profile, message, until, was, Optional.of(newMove), at);
    }
  }

  /** Never. */
  record OutreachRefused(
      StepKey key,
      Channel channel,
      String reason,
      Optional<Profile> profile,
      Optional<Communication.State> was,
      Optional<Move> move,
      Instant at)
      implements Touching {
    @Override
    public OutreachRefused withMove(Move newMove) {
      return new OutreachRefused(key, channel, reason, profile, was, Optional.of(newMove), at);
    }
  }

  /**
   * A later step of a campaign has a time.
   *
   * @param awaitsReply whether the time is the end of the wait for an answer
   */
  record StepScheduled(
      StepKey key,
      Channel channel,
      boolean awaitsReply,
      Instant due,
      Optional<Communication.State> was,
      Optional<Move> move,
      Instant at)
      implements Touching {
    @Override
    public StepScheduled withMove(Move newMove) {
      return new StepScheduled(key, channel, awaitsReply, due, was, Optional.of(newMove), at);
    }
  }

  /** A branch that was not taken. */
  record StepSkipped(
      StepKey key,
      Channel channel,
      String reason,
      Optional<Communication.State> was,
      Optional<Move> move,
      Instant at)
      implements Touching {
    @Override
    public StepSkipped withMove(Move newMove) {
      return new StepSkipped(key, channel, reason, was, Optional.of(newMove), at);
    }
  }

  /**
   * The customer answered.
   *
   * @param to the touch it answers, where that is known
   * @param intent what it means; absent in what earlier releases wrote
   * @param keyword when it is a command
   */
  record ReplyReceived(
      String carrierMessageId,
      Channel channel,
      String text,
      Optional<StepKey> to,
      Optional<Intent> intent,
      Optional<Sentiment> sentiment,
      Optional<Keyword> keyword,
      Instant at)
      implements ConversationEvent {
    /** An answer that nobody has tried to understand. */
    public ReplyReceived(
        String carrierMessageId, Channel channel, String text, Optional<StepKey> to, Instant at) {
      this(
          carrierMessageId,
          channel,
          text,
          to,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          at);
    }
  }

  /**
   * What became of a message after the carrier had taken it: a receipt, a bounce or a complaint.
   *
   * @param delivered whether it arrived; else it has failed
   * @param reason why it failed
   * @param receivedAt when it arrived or failed, as the carrier says
   */
  record ReceiptTaken(
      StepKey key,
      Channel channel,
      AttemptId attempt,
      int number,
      boolean delivered,
      Optional<String> reason,
      String carrier,
      Optional<String> carrierRef,
      Instant grantedAt,
      Instant receivedAt,
      Optional<Communication.State> was,
      Optional<Move> move,
      Instant at)
      implements Touching {
    @Override
    public ReceiptTaken withMove(Move newMove) {
      return new ReceiptTaken(
          key,
          channel,
          attempt,
          number,
          delivered,
          reason,
          carrier,
          carrierRef,
          grantedAt,
          receivedAt,
          was,
          Optional.of(newMove),
          at);
    }
  }

  /** An address must not be used again. */
  record AddressSuppressed(Channel channel, String address, String reason, Instant at)
      implements ConversationEvent {}

  /** A person has taken the conversation over. */
  record HandedOff(String reason, Instant at) implements ConversationEvent {}

  /** The person has given it back. */
  record Released(Instant at) implements ConversationEvent {}

  /** Where a recipient stands in one campaign; the later in this order wins over its touches. */
  enum Standing {
    PENDING,
    /** Pending too, and waiting for a time. */
    HELD,
    SUPPRESSED,
    FAILED,
    UNKNOWN,
    DELIVERED
  }
}

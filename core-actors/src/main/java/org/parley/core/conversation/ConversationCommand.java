package org.parley.core.conversation;

import java.time.Instant;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.WireMessage;

/** What Parley's own actors tell a conversation. */
public sealed interface ConversationCommand extends ConversationMessage {

  /**
   * Touch this customer as a step of a campaign says. Asked again, it answers the same.
   *
   * @param profile what the audience knows of the customer
   * @param position comes back with the verdict
   */
  record Engage(StepKey key, Profile profile, long position, ActorRef<Verdict> replyTo)
      implements ConversationCommand {}

  /**
   * What became of an attempt. Acknowledged once it is durable, or when nobody waits for it.
   *
   * @param grantedAt which grant of the attempt it is about, for after a doubt there are several;
   *     absent from nodes of an earlier release
   */
  record Settle(
      AttemptId attempt, Outcome outcome, Optional<Instant> grantedAt, ActorRef<Settled> replyTo)
      implements ConversationCommand {}

  /** A row of due work has come to its time. */
  record Wake(StepKey key, ActorRef<Verdict> replyTo) implements ConversationCommand {}

  /** What would you decide? Changes nothing. */
  record Foresee(StepKey key, Profile profile, ActorRef<Foreseen> replyTo)
      implements ConversationCommand {}

  /**
   * The customer wrote, as a carrier brought it.
   *
   * @param keyword the command in it, where another conversation has found one
   * @param automatic whether a machine wrote it, such as an out-of-office notice: it commands
   *     nothing
   * @param quiet whether a command is obeyed without an answer
   */
  record TakeReply(
      String carrierMessageId,
      Channel channel,
      String text,
      Optional<String> mark,
      Optional<AttemptId> attempt,
      Optional<Keyword> keyword,
      boolean automatic,
      boolean quiet,
      ActorRef<ReturnTaken> replyTo)
      implements ConversationCommand, Returned {}

  /** A carrier says what became of an attempt: it arrived, or else has failed. */
  record TakeReceipt(
      Optional<AttemptId> attempt,
      boolean delivered,
      Optional<String> reason,
      String carrier,
      String carrierRef,
      Instant receivedAt,
      ActorRef<ReturnTaken> replyTo)
      implements ConversationCommand, Returned {
    @Override
    public Optional<String> mark() {
      return Optional.empty();
    }
  }

  /** The customer's address does not work, or they complain. */
  record TakeBounce(
      Inbound.Bounce.Kind kind,
      Channel channel,
      Optional<String> mark,
      Optional<AttemptId> attempt,
      Optional<String> address,
      String carrier,
      Instant receivedAt,
      ActorRef<ReturnTaken> replyTo)
      implements ConversationCommand, Returned {}

  /** Is this attempt one of yours? Changes nothing. */
  record Knows(AttemptId attempt, ActorRef<ReturnTaken> replyTo) implements ConversationCommand {}

  /** The campaign's definition has come, for a command that waits for it. Stays on this node. */
  record DefinitionReady(ConversationMessage waiting, CampaignBook.Lookup lookup)
      implements ConversationCommand {}

  /**
   * The journal has said how far it goes, for an answer that waits for that. Stays on this node.
   *
   * @param incarnation whose answer it is
   * @param askedNanos when the journal was asked
   * @param last the number of our last event; empty when the journal does not answer
   */
  record Looked<R>(
      R answer, ActorRef<R> replyTo, int incarnation, long askedNanos, Optional<Long> last)
      implements ConversationCommand {}

  /** A place at the agent pool is ours. Stays on this node. */
  record PlaceOffered(PlaceRequest request) implements ConversationCommand {}

  /** Look after the open grant again. Stays on this node. */
  record LookAgain(StepKey key) implements ConversationCommand {}

  /** The answer to {@link Settle}. */
  record Settled(AttemptId attempt) implements WireMessage {}

  /**
   * The answer to {@link Foresee}: {@code send}, {@code hold:<reason>}, {@code refuse:<reason>}.
   */
  record Foreseen(String decision) implements WireMessage {}

  /**
   * The answer to what came back from a carrier: durable, not ours, or not now.
   *
   * @param keyword the command that was found in it
   */
  record ReturnTaken(Fate fate, Optional<Keyword> keyword) implements WireMessage {
    static final ReturnTaken BUSY = new ReturnTaken(Fate.BUSY, Optional.empty());

    /** What became of it. */
    public enum Fate {
      RECORDED,
      UNMATCHED,
      BUSY
    }
  }

  /** The answer to {@link Engage} and {@link Wake}. */
  record Verdict(StepKey key, String customerId, long position, Kind kind) implements WireMessage {

    /** What was decided. */
    public enum Kind {
      /** Its attempt has an outcome for good. */
      SETTLED(true),
      /** A rule forbids it for ever. */
      REFUSED(true),
      /** A row of due work holds it. */
      HELD(true),
      /** Nothing was decided: no room now. */
      BUSY(false),
      /** Nothing was decided: the campaign rests. */
      PAUSED(false);

      private final boolean acknowledges;

      Kind(boolean acknowledges) {
        this.acknowledges = acknowledges;
      }

      /** Whether whoever asked may forget the touch: it is durable elsewhere. */
      public boolean acknowledges() {
        return acknowledges;
      }
    }
  }
}

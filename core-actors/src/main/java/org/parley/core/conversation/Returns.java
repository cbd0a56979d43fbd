package org.parley.core.conversation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.Channel;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.check.ReturnTokens;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.TakeReceipt;
import org.parley.core.conversation.ConversationCommand.TakeReply;
import org.parley.core.conversation.Replies.Written;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.ReplyClassifier.Meaning;

/** From what came back to the events that follow from it. Nothing here is sent or remembered. */
final class Returns {
  private Returns() {}

  /** Whether it may end the touch that it is about. */
  static boolean isEnd(ConversationMessage told) {
    return told instanceof TakeReceipt || told instanceof TakeBounce;
  }

  /** The touch that something is about, as far as it can be told. */
  static Optional<StepKey> about(
      CustomerKey customer, ConversationState state, ConversationMessage told) {
    if (told instanceof ConversationAsk.RecordReply ask) {
      return ask.inReplyTo()
          .filter(key -> state.touch(key).isPresent())
          .or(() -> Views.latestDelivered(customer, state, ask.channel()));
    }
    if (told instanceof TakeReceipt receipt) {
      // A receipt is about the latest try: what was certainly not sent gets none.
      return receipt.attempt().flatMap(state::touchOf).map(Touch::key);
    }
    if (told instanceof TakeReply reply) {
      return named(customer, state, reply)
          .or(() -> Views.latestDelivered(customer, state, reply.channel()));
    }
    return told instanceof TakeBounce bounce ? named(customer, state, bounce) : Optional.empty();
  }

  private static Optional<StepKey> named(
      CustomerKey customer, ConversationState state, Returned told) {
    if (told.mark().isPresent()) {
      for (Touch touch : state.touches()) {
        if (ReturnTokens.mark(touch.key()).equals(told.mark().get())) {
          return Optional.of(touch.key());
        }
      }
    }
    return told.attempt().flatMap(attempt -> touchOf(customer, state, attempt));
  }

  /** The touch of an attempt, be it an earlier one. */
  private static Optional<StepKey> touchOf(
      CustomerKey customer, ConversationState state, AttemptId attempt) {
    for (Touch touch : state.touches()) {
      for (int number = touch.number(); number >= 1; number--) {
        if (AttemptId.of(customer, touch.key(), number).equals(attempt)) {
          return Optional.of(touch.key());
        }
      }
    }
    return Optional.empty();
  }

  /**
   * What follows; nothing when it was taken before.
   *
   * @param campaign the definition of the campaign of the touch that it is about, if it has one
   */
  static List<ConversationEvent> events(
      CustomerKey customer,
      ConversationState state,
      ConversationMessage told,
      Optional<StepKey> about,
      @Nullable CampaignDefinition campaign,
      ConversationParts parts) {
    Optional<Touch> touch = about.flatMap(state::touch);
    Instant now = parts.clock().instant();
    if (told instanceof TakeReceipt receipt) {
      return touch.isEmpty()
          ? List.of()
          : Receipts.events(state, touch.get(), receipt, campaign, now);
    }
    if (told instanceof TakeBounce bounce) {
      return Receipts.events(state, touch, bounce, campaign, now);
    }
    Written written;
    Meaning meaning;
    if (told instanceof TakeReply reply) {
      written =
          new Written(
              reply.carrierMessageId(), reply.channel(), reply.text(), about, reply.quiet());
      meaning = meaning(state, reply, parts);
    } else if (told instanceof ConversationAsk.RecordReply ask) {
      written = new Written(ask.carrierMessageId(), ask.channel(), ask.text(), about, false);
      meaning = meaning(state, ask.text(), ask.channel(), Optional.empty(), parts);
    } else {
      throw new IllegalArgumentException("not from a carrier: " + told.getClass().getSimpleName());
    }
    return Replies.events(customer, state, written, meaning, campaign, parts.replies(), now);
  }

  /** What is told to whoever brought it, once it is durable or was before. */
  static ReturnTaken answer(
      ConversationState state, Returned told, Optional<StepKey> about, ConversationParts parts) {
    if (told instanceof TakeReply reply) return recorded(meaning(state, reply, parts).keyword());
    // Whoever does not know the attempt of a receipt is not meant by it.
    boolean stranger = told instanceof TakeReceipt && about.isEmpty();
    return stranger
        ? new ReturnTaken(ReturnTaken.Fate.UNMATCHED, Optional.empty())
        : recorded(Optional.empty());
  }

  static ReturnTaken knows(CustomerKey customer, ConversationState state, AttemptId attempt) {
    return touchOf(customer, state, attempt).isPresent()
        ? recorded(Optional.empty())
        : new ReturnTaken(ReturnTaken.Fate.UNMATCHED, Optional.empty());
  }

  private static ReturnTaken recorded(Optional<Keyword> keyword) {
    return new ReturnTaken(ReturnTaken.Fate.RECORDED, keyword);
  }

  private static Meaning meaning(
      ConversationState state, TakeReply reply, ConversationParts parts) {
    return reply.automatic()
        ? Understanding.OF_A_MACHINE
        : meaning(state, reply.text(), reply.channel(), reply.keyword(), parts);
  }

  private static Meaning meaning(
      ConversationState state,
      String text,
      Channel channel,
      Optional<Keyword> known,
      ConversationParts parts) {
    return Understanding.of(parts.classifier(), text, channel, state.profile().locale(), known);
  }
}

package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConversationAsk.CustomerReply;
import org.parley.core.api.ConversationAsk.MessageReply;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.CustomerView;
import org.parley.core.api.Refusal;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.Touch.Phase;

/** What a conversation shows of itself. */
final class Views {
  private static final int CONTEXT_TOUCHES = 20;

  private Views() {}

  static CustomerView customer(CustomerKey customer, ConversationState state) {
    return new CustomerView(
        customer.customerId(),
        state.version(),
        state.profile(),
        state.consent(),
        state.dialogue().handedOff(),
        state.dialogue().preferred());
  }

  static CustomerReply reply(CustomerKey customer, ConversationState state) {
    return new CustomerReply(Optional.of(customer(customer, state)), Optional.empty());
  }

  static CustomerReply busy(String detail) {
    return new CustomerReply(Optional.empty(), Optional.of(Refusal.busy(detail)));
  }

  /** The refusal of a write that expected another version. */
  static Optional<CustomerReply> stale(ConversationState state, Optional<Long> ifVersion) {
    return ifVersion
        .filter(expected -> expected != state.version())
        .map(
            expected ->
                new CustomerReply(
                    Optional.empty(),
                    Optional.of(
                        Refusal.stale(
                            "the customer is at version "
                                + state.version()
                                + ", not "
                                + expected))));
  }

  static CustomerContext context(CustomerKey customer, ConversationState state, Instant now) {
    List<CustomerContext.Touch> touches = new ArrayList<>();
    for (int i = state.touches().size() - 1; i >= 0; i--) {
      Touch touch = state.touches().get(i);
      if (touch.phase().isOver() && touches.size() >= CONTEXT_TOUCHES) continue;
      touches.add(
          new CustomerContext.Touch(
              touch.key(),
              phase(touch.phase()),
              touch.reason(),
              touch.phase() == Phase.GRANTED ? Optional.empty() : touch.until(),
              touch.at()));
    }
    return new CustomerContext(
        customer(customer, state), touches, state.contacts().times(), state.lastReplyAt(), now);
  }

  private static String phase(Phase phase) {
    return phase == Phase.AWAITING_REPLY ? "scheduled" : phase.name().toLowerCase(Locale.ROOT);
  }

  /** The answer to whoever sent a single message. */
  static MessageReply message(ConversationState state, StepKey key) {
    Touch touch = state.touch(key).orElseThrow();
    Communication.State seen =
        touch.phase() == Phase.GRANTED
            ? Communication.State.SENDING
            : touch.seen().orElse(Communication.State.HELD);
    return new MessageReply(key.stepId(), Optional.of(seen), touch.reason(), Optional.empty());
  }

  /** The refusal of one message more than may wait for a customer. */
  static MessageReply tooMany(String messageId, int most) {
    return new MessageReply(
        messageId,
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            Refusal.busy(
                most + " messages and steps for this customer wait already; send it again later")));
  }

  /**
   * The touch over a channel that reached the customer last, whenever it was planned: what an
   * answer most likely means. What a command was answered with asks for none.
   */
  static Optional<StepKey> latestDelivered(
      CustomerKey customer, ConversationState state, Channel channel) {
    return state.touches().stream()
        .filter(touch -> touch.channel() == channel)
        .filter(touch -> touch.phase() == Phase.DELIVERED || touch.phase() == Phase.UNKNOWN)
        .filter(touch -> !Replies.isAnswer(customer, state, touch.key()))
        .reduce((one, next) -> sentAt(next).isBefore(sentAt(one)) ? one : next)
        .map(Touch::key);
  }

  private static Instant sentAt(Touch touch) {
    return touch.grantedAt().orElse(touch.at());
  }
}

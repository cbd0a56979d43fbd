package org.parley.core.conversation;

import java.time.Instant;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.CustomerKey;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.spi.Attempt;

/** What a grant says, to the journal and to the agents. Pure. */
final class Grants {
  private Grants() {}

  /** The grant of a wish. */
  static OutreachGranted event(
      CustomerKey customer, ConversationState state, Wish wish, ConversationParts parts) {
    Instant now = parts.clock().instant();
    Optional<Touch> touch = state.touch(wish.key());
    int tries = touch.map(Touch::number).orElse(0);
    // After a doubt the same try is made again, under its own key.
    int number = touch.filter(t -> t.inDoubt() > 0).isPresent() ? tries : tries + 1;
    return new OutreachGranted(
        wish.key(),
        wish.channel(),
        AttemptId.of(customer, wish.key(), number),
        number,
        wish.category() == Category.MARKETING,
        wish.newer(),
        touch.isEmpty() ? wish.message() : Optional.empty(),
        now.plus(parts.settings().grantLife()),
        touch.flatMap(Touch::seen),
        Optional.empty(),
        parts.epoch(),
        now);
  }

  /**
   * What the agents get.
   *
   * @param state since the grant
   * @param endNanos when it ends by this node's clock
   */
  static Attempt attempt(
      CustomerKey customer,
      ConversationState state,
      Wish wish,
      OutreachGranted granted,
      long endNanos,
      ConversationParts parts) {
    Optional<String> token =
        wish.category() == Category.MARKETING
            ? Optional.of(parts.tokens().sign(customer, wish.key().campaignId(), wish.channel()))
            : Optional.empty();
    return new Attempt(
        granted.attempt(),
        customer,
        wish.key(),
        granted.number(),
        wish.channel(),
        wish.category(),
        state.profile().address(wish.channel()).orElseThrow(),
        state.profile(),
        wish.template(),
        token,
        granted.at(),
        granted.until(),
        granted.epoch(),
        endNanos);
  }
}

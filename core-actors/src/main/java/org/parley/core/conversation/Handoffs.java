package org.parley.core.conversation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.parley.core.api.Category;
import org.parley.core.conversation.ConversationEvent.HandedOff;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.Released;
import org.parley.core.conversation.Touch.Phase;
import org.parley.core.policy.Decision;

/** While a person has the conversation, campaigns hold. Pure. */
final class Handoffs {
  private static final String REASON = "handoff";

  /** A held touch is looked at again at least this often; a release does so at once. */
  private static final Duration AT_LEAST_EVERY = Duration.ofDays(1);

  private Handoffs() {}

  static List<ConversationEvent> begin(ConversationState state, String reason, Instant now) {
    return state.dialogue().handedOff().isPresent()
        ? List.of()
        : List.of(new HandedOff(reason, now));
  }

  /** The end of it: all that it holds is due at once. */
  static List<ConversationEvent> end(ConversationState state, Instant now) {
    if (state.dialogue().handedOff().isEmpty()) return List.of();
    List<ConversationEvent> events = new ArrayList<>();
    events.add(new Released(now));
    for (Touch touch : state.touches()) {
      if (touch.phase() != Phase.HELD || !touch.reason().equals(Optional.of(REASON))) continue;
      events.add(
          new OutreachHeld(
              touch.key(),
              touch.channel(),
              REASON,
              Optional.empty(),
              Optional.empty(),
              now,
              touch.seen(),
              Optional.empty(),
              now));
    }
    return events;
  }

  /** What the rules have decided, unless a person has the conversation. */
  static Decision judge(ConversationState state, Wish wish, Decision decision, Instant now) {
    boolean holds =
        state.dialogue().handedOff().isPresent()
            && decision instanceof Decision.Send
            && wish.category() == Category.MARKETING
            && !wish.key().isMessage();
    if (!holds) return decision;
    Instant until = now.plus(AT_LEAST_EVERY);
    Instant end = wish.schedule().endAt().filter(until::isAfter).orElse(until);
    return new Decision.Hold(REASON, end);
  }
}

package org.parley.core.conversation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.parley.core.api.Channel;
import org.parley.core.api.Handoff;
import org.parley.core.api.Intent;
import org.parley.core.conversation.ConversationEvent.HandedOff;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.spi.ReplyClassifier.Keyword;

/**
 * What a conversation remembers of the customer's side of it, beside the touches.
 *
 * @param handedOff present while a person has the conversation
 * @param preferred where the customer last answered, or may be reached after a call failed
 * @param helpedAt when a HELP was last answered
 */
record Dialogue(
    Optional<Handoff> handedOff, Optional<Channel> preferred, Optional<Instant> helpedAt) {
  static final Dialogue NONE = new Dialogue(Optional.empty(), Optional.empty(), Optional.empty());

  /** One answer to HELP in this time. */
  private static final Duration HELP_EVERY = Duration.ofHours(24);

  Dialogue after(HandedOff e) {
    return new Dialogue(Optional.of(new Handoff(e.reason(), e.at())), preferred, helpedAt);
  }

  Dialogue released() {
    return new Dialogue(Optional.empty(), preferred, helpedAt);
  }

  Dialogue prefers(Channel channel) {
    return new Dialogue(handedOff, Optional.of(channel), helpedAt);
  }

  Dialogue after(ReplyReceived e) {
    boolean stops = e.keyword().filter(k -> k == Keyword.STOP).isPresent();
    boolean away = e.intent().filter(i -> i == Intent.OUT_OF_OFFICE).isPresent();
    Dialogue next = stops || away ? this : prefers(e.channel());
    boolean helped = e.keyword().filter(k -> k == Keyword.HELP).isPresent() && maybeHelp(e.at());
    return helped ? new Dialogue(handedOff, next.preferred, Optional.of(e.at())) : next;
  }

  /** Whether a HELP is answered now. */
  boolean maybeHelp(Instant now) {
    return helpedAt.isEmpty() || !now.isBefore(helpedAt.get().plus(HELP_EVERY));
  }
}

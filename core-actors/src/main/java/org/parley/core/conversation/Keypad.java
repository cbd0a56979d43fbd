package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CallResult;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.Intent;
import org.parley.core.api.Outcome;
import org.parley.core.conversation.ConversationEvent.ConsentChanged;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.spi.ReplyClassifier.Sentiment;

/** What the first decisive key of an answered call means. Pure. */
enum Keypad {
  NOTHING(' '),
  INTERESTED('1'),
  CALL_BACK('2'),
  OPT_OUT('9');

  private final char digit;

  Keypad(char digit) {
    this.digit = digit;
  }

  static Keypad of(Outcome outcome) {
    String digits = outcome.call().map(CallResult::digits).orElse("");
    for (int i = 0; i < digits.length(); i++) {
      for (Keypad key : values()) if (key.digit == digits.charAt(i)) return key;
    }
    return NOTHING;
  }

  /**
   * What follows from it, beside what follows from the call.
   *
   * @param definition of the touch's campaign; null for a single call
   */
  List<ConversationEvent> events(
      ConversationState state, Touch touch, @Nullable CampaignDefinition definition, Instant now) {
    List<ConversationEvent> out = new ArrayList<>(2);
    switch (this) {
      case NOTHING -> {}
      case INTERESTED ->
          out.add(
              new ReplyReceived(
                  "call." + touch.attempt().orElseThrow(),
                  Channel.PHONE,
                  "1",
                  Optional.of(touch.key()),
                  Optional.of(Intent.INTERESTED),
                  Optional.of(Sentiment.POSITIVE),
                  Optional.empty(),
                  now));
      case CALL_BACK -> {
        if (definition != null) {
          out.addAll(NextStep.callBack(definition, state, touch.key(), now));
        }
      }
      case OPT_OUT -> {
        if (state.consent().get(Channel.PHONE) != ConsentState.OPTED_OUT) {
          out.add(new ConsentChanged(Map.of(Channel.PHONE, ConsentState.OPTED_OUT), "keypad", now));
        }
      }
    }
    return out;
  }
}

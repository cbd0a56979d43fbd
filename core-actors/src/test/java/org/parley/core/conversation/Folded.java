package org.parley.core.conversation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;

/** What a conversation's events say when they are folded from the first one on. */
public final class Folded {
  private final ConversationState state;

  private Folded(ConversationState state) {
    this.state = state;
  }

  public static Folded of(List<?> events) {
    ConversationState state = ConversationState.EMPTY;
    for (Object event : events) state = state.after((ConversationEvent) event);
    return new Folded(state);
  }

  /** Each touch and its phase, in capitals. */
  public Map<StepKey, String> phases() {
    Map<StepKey, String> out = new LinkedHashMap<>();
    state.touches().forEach(touch -> out.put(touch.key(), touch.phase().name()));
    return out;
  }

  /** Touches that are not over. */
  public List<StepKey> unfinished() {
    return state.touches().stream()
        .filter(touch -> !touch.phase().isOver())
        .map(Touch::key)
        .toList();
  }

  /** Where the customer stands in a campaign. */
  public ConversationEvent.Standing standing(String campaignId) {
    return state.standing(campaignId);
  }

  /** Why a touch ended as it did. */
  public Optional<String> reason(StepKey key) {
    return state.touch(key).flatMap(Touch::reason);
  }

  /** What a conversation with these events shows of itself. */
  public CustomerContext context(CustomerKey customer, java.time.Instant now) {
    return Views.context(customer, state, now);
  }
}

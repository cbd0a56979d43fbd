package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.Intent;
import org.parley.core.api.Outcome;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.Touch.Phase;

/** What an outcome means for its touch: the end of it and what follows, or another try. Pure. */
final class Settlement {
  private Settlement() {}

  /**
   * Whether an outcome says anything new about a touch. After a doubt the same attempt is granted
   * again; that its earlier grant was not sent after all says nothing of the one that is under way.
   * That it was sent is news also while it waits to be granted again, which it need not be then.
   *
   * @param grantedAt which grant it is about; absent when it is not known
   */
  static boolean isNews(Touch touch, Outcome outcome, Optional<Instant> grantedAt) {
    if (touch.phase() == Phase.GRANTED) {
      return outcome.kind() == Outcome.Kind.ACCEPTED
          || grantedAt.isEmpty()
          || grantedAt.equals(touch.grantedAt());
    }
    if (touch.phase() == Phase.HELD) {
      return touch.inDoubt() > 0 && outcome.kind() == Outcome.Kind.ACCEPTED;
    }
    return touch.phase() == Phase.UNKNOWN && outcome.kind() != Outcome.Kind.UNKNOWN;
  }

  /**
   * The events of an outcome.
   *
   * @param definition of the touch's campaign; null for a single message
   */
  static List<ConversationEvent> events(
      ConversationState state,
      Touch touch,
      Outcome outcome,
      @Nullable CampaignDefinition definition,
      ConversationSettings settings,
      Instant now) {
    Optional<String> refused = refusedAtTheGate(touch, outcome);
    if (refused.isPresent() && touch.inDoubt() > 0) {
      return List.of(inDoubt(touch, refused.get(), now));
    }
    if (refused.isPresent()) {
      return List.of(
          settled(touch, outcome, Optional.of(now), now),
          new OutreachRefused(
              touch.key(),
              touch.channel(),
              refused.get(),
              Optional.empty(),
              Optional.of(Communication.State.HELD),
              Optional.empty(),
              now));
    }
    Optional<Instant> retryAt = retryAt(touch, outcome, settings, now);
    boolean undone =
        outcome.kind() == Outcome.Kind.REJECTED || outcome.kind() == Outcome.Kind.NOT_SENT;
    if (retryAt.isEmpty() && undone && touch.inDoubt() > 0) {
      return List.of(inDoubt(touch, outcome.reason().orElse("noOutcome"), now));
    }
    List<ConversationEvent> events = new ArrayList<>(2);
    events.add(settled(touch, outcome, retryAt, now));
    if (retryAt.isPresent()) return events;
    Keypad pressed = Keypad.of(outcome);
    events.addAll(pressed.events(state, touch, definition, now));
    if (definition != null) {
      Optional<Intent> answer =
          pressed == Keypad.INTERESTED ? Optional.of(Intent.INTERESTED) : touch.answered();
      Phase end = end(outcome);
      events.addAll(NextStep.afterEnd(definition, state, touch.key(), end, answer, now));
    }
    return events;
  }

  /**
   * The end of a touch of which an earlier try may have reached the customer, whatever became of
   * the later ones.
   *
   * @param reason why it is not tried once more
   */
  static OutreachSettled inDoubt(Touch touch, String reason, Instant now) {
    return settled(touch, Outcome.unknown(reason), Optional.empty(), now);
  }

  /** How a touch ends with an outcome that is not tried again. */
  static Phase end(Outcome outcome) {
    return switch (outcome.kind()) {
      case ACCEPTED -> Phase.DELIVERED;
      case REJECTED, NOT_SENT -> Phase.FAILED;
      case UNKNOWN -> Phase.UNKNOWN;
    };
  }

  private static Optional<String> refusedAtTheGate(Touch touch, Outcome outcome) {
    if (touch.phase() != Phase.GRANTED || outcome.kind() != Outcome.Kind.NOT_SENT) {
      return Optional.empty();
    }
    return switch (outcome.reason().orElse("")) {
      case "optedOut" -> Optional.of("optedOut");
      case "cancelled" -> Optional.of("campaignCancelled");
      default -> Optional.empty();
    };
  }

  private static Optional<Instant> retryAt(
      Touch touch, Outcome outcome, ConversationSettings settings, Instant now) {
    return switch (outcome.kind()) {
      case ACCEPTED, REJECTED -> Optional.empty();
      case NOT_SENT ->
          touch.phase() == Phase.GRANTED
              ? settings.retryAt(outcome, tries(touch, outcome), now)
              : Optional.empty();
      // A transactional message, which no cap counts, is worth a second copy; marketing never is,
      // and a telephone that may have rung is not made to ring again.
      case UNKNOWN ->
          !touch.counts()
                  && touch.channel() != Channel.PHONE
                  && touch.inDoubt() < settings.maxDoubts()
              ? Optional.of(now)
              : Optional.empty();
    };
  }

  private static int tries(Touch touch, Outcome outcome) {
    return ConversationSettings.askedNobody(outcome)
        ? touch.askedNobody() + 1
        : touch.number() - touch.askedNobody();
  }

  private static OutreachSettled settled(
      Touch touch, Outcome outcome, Optional<Instant> retryAt, Instant now) {
    return new OutreachSettled(
        touch.key(),
        touch.channel(),
        touch.attempt().orElseThrow(),
        touch.number(),
        outcome,
        touch.grantedAt().orElse(now),
        retryAt,
        touch.seen(),
        Optional.empty(),
        now);
  }
}

package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.ConsentState;
import org.parley.core.conversation.ConversationCommand.TakeBounce;
import org.parley.core.conversation.ConversationCommand.TakeReceipt;
import org.parley.core.conversation.ConversationEvent.AddressSuppressed;
import org.parley.core.conversation.ConversationEvent.ConsentChanged;
import org.parley.core.conversation.ConversationEvent.ReceiptTaken;
import org.parley.core.conversation.Touch.Phase;
import org.parley.core.spi.Inbound;

/** What receipts, bounces and complaints mean. The same one twice means nothing more. Pure. */
final class Receipts {
  private Receipts() {}

  /**
   * The events of a receipt. A carrier that gives one had the message, so caps go on counting it.
   *
   * @param definition of the touch's campaign; null for a single message
   */
  static List<ConversationEvent> events(
      ConversationState state,
      Touch touch,
      TakeReceipt told,
      @Nullable CampaignDefinition definition,
      Instant now) {
    if (!mayTake(touch)) return List.of();
    ReceiptTaken taken =
        taken(
            touch,
            told.delivered(),
            told.delivered() ? Optional.empty() : told.reason().or(() -> Optional.of("failed")),
            told.carrier(),
            Optional.of(told.carrierRef()),
            told.receivedAt(),
            now);
    List<ConversationEvent> events = new ArrayList<>(3);
    events.add(taken);
    if (definition == null) return events;
    if (!told.delivered()) {
      events.addAll(afterFailure(state, touch, definition, now));
    } else if (touch.phase() != Phase.DELIVERED) {
      events.addAll(
          NextStep.afterEnd(
              definition, state, touch.key(), Phase.DELIVERED, touch.answered(), now));
    }
    return events;
  }

  /** The events of a bounce or complaint; the touch that it names, if it names one. */
  static List<ConversationEvent> events(
      ConversationState state,
      Optional<Touch> named,
      TakeBounce told,
      @Nullable CampaignDefinition definition,
      Instant now) {
    if (told.kind() == Inbound.Bounce.Kind.SOFT) return List.of();
    boolean complaint = told.kind() == Inbound.Bounce.Kind.COMPLAINT;
    String reason = complaint ? "complaint" : "hardBounce";
    List<ConversationEvent> events = new ArrayList<>(4);
    Optional<Touch> touch = named.filter(Receipts::mayTake);
    if (touch.isPresent()) {
      events.add(
          taken(
              touch.get(),
              false,
              Optional.of(reason),
              told.carrier(),
              Optional.empty(),
              told.receivedAt(),
              now));
      // Whoever complains is not tried over another channel.
      if (definition != null && !complaint) {
        events.addAll(afterFailure(state, touch.get(), definition, now));
      }
    }
    Optional<String> address = told.address().or(() -> state.profile().address(told.channel()));
    if (address.isPresent() && !state.suppressed().contains(address.get())) {
      events.add(new AddressSuppressed(told.channel(), address.get(), reason, now));
    }
    if (complaint && state.consent().get(told.channel()) != ConsentState.OPTED_OUT) {
      events.add(
          new ConsentChanged(Map.of(told.channel(), ConsentState.OPTED_OUT), "complaint", now));
    }
    return events;
  }

  /** Whether there is something that a carrier may still say about a touch. */
  private static boolean mayTake(Touch touch) {
    return switch (touch.phase()) {
      case GRANTED, UNKNOWN -> true;
      case DELIVERED -> touch.receivedAt().isEmpty();
      case HELD -> touch.inDoubt() > 0;
      case SCHEDULED, AWAITING_REPLY, FAILED, SUPPRESSED, SKIPPED -> false;
    };
  }

  private static List<ConversationEvent> afterFailure(
      ConversationState state, Touch touch, CampaignDefinition definition, Instant now) {
    // What the customer has answered has reached them, whatever the carrier says.
    if (touch.repliedAt().isPresent()) return List.of();
    List<ConversationEvent> out =
        new ArrayList<>(NextStep.notDelivered(definition, state, touch.key(), now));
    out.addAll(
        NextStep.afterEnd(definition, state, touch.key(), Phase.FAILED, Optional.empty(), now));
    return out;
  }

  private static ReceiptTaken taken(
      Touch touch,
      boolean delivered,
      Optional<String> reason,
      String carrier,
      Optional<String> carrierRef,
      Instant receivedAt,
      Instant now) {
    return new ReceiptTaken(
        touch.key(),
        touch.channel(),
        touch.attempt().orElseThrow(),
        touch.number(),
        delivered,
        reason,
        carrier,
        carrierRef,
        touch.grantedAt().orElse(now),
        receivedAt,
        touch.seen(),
        Optional.empty(),
        now);
  }
}

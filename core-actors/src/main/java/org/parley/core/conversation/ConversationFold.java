package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Communication;
import org.parley.core.api.Communication.State;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Intent;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationEvent.CustomerUpdated;
import org.parley.core.conversation.ConversationEvent.Move;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.ReceiptTaken;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.conversation.ConversationEvent.Standing;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.conversation.ConversationEvent.Touching;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;

/** What a conversation's events change in the read tables. Pure. */
public final class ConversationFold {
  private ConversationFold() {}

  public static List<Change> changes(String entityId, ConversationEvent event) {
    List<Change> out = new ArrayList<>(6);
    CustomerKey customer = CustomerKey.parse(entityId);
    profile(event).ifPresent(p -> out.add(addresses(customer, p)));
    if (event instanceof Touching touching) touching(out, customer, touching);
    if (event instanceof ReplyReceived e) {
      StepKey key = e.to().orElse(StepKey.message("unprompted"));
      out.add(
          new Change.CommunicationChanged(
              customer.tenant(),
              new Communication(
                  customer.customerId(),
                  new StepKey(key.campaignId(), key.stepId() + "/reply/" + e.carrierMessageId()),
                  e.channel(),
                  State.RECEIVED,
                  e.intent().map(Intent::label),
                  0,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.of(e.carrierMessageId()),
                  Optional.empty(),
                  e.at())));
    }
    return out;
  }

  /** What an event newly says of the customer. */
  private static Optional<Profile> profile(ConversationEvent event) {
    if (event instanceof CustomerUpdated e) return Optional.of(e.profile());
    if (event instanceof OutreachGranted e) return e.profile();
    if (event instanceof OutreachHeld e) return e.profile();
    if (event instanceof OutreachRefused e) return e.profile();
    return Optional.empty();
  }

  private static Change addresses(CustomerKey customer, Profile profile) {
    return new Change.AddressesKnown(
        customer.tenant(), customer.customerId(), profile.email(), profile.phone());
  }

  private static void touching(List<Change> out, CustomerKey customer, Touching event) {
    DueWorkStore.Key due = due(customer, event.key());
    Optional<String> campaign =
        event.key().isMessage() ? Optional.empty() : Optional.of(event.key().campaignId());
    Optional<State> now = Optional.empty();
    Optional<String> reason = Optional.empty();
    if (event instanceof OutreachGranted e) {
      if (e.key().isMessage()) {
        // Nobody asks for a single message again: its row of due work does, until it is settled.
        out.add(new Change.DuePut(due, campaign, e.until()));
        out.add(communication(customer, e, State.SENDING, Optional.empty(), e.number(), e.at()));
      }
    } else if (event instanceof OutreachSettled e) {
      reason = e.outcome().reason();
      if (e.retryAt().isPresent()) {
        now = Optional.of(State.HELD);
        out.add(new Change.DuePut(due, campaign, e.retryAt().get()));
      } else {
        now = Optional.of(end(e.outcome()));
        if (e.key().isMessage()) out.add(new Change.DueDropped(due));
      }
      out.add(settled(customer, e, now.get()));
    } else if (event instanceof OutreachHeld e) {
      now = Optional.of(State.HELD);
      reason = Optional.of(e.reason());
      out.add(new Change.DuePut(due, campaign, e.until()));
      out.add(communication(customer, e, State.HELD, reason, 0, e.at()));
    } else if (event instanceof OutreachRefused e) {
      now = Optional.of(State.SUPPRESSED);
      reason = Optional.of(e.reason());
      out.add(communication(customer, e, State.SUPPRESSED, reason, 0, e.at()));
    } else if (event instanceof ReceiptTaken e) {
      now = Optional.of(e.delivered() ? State.DELIVERED : State.FAILED);
      reason = e.reason();
      if (e.key().isMessage()) out.add(new Change.DueDropped(due));
      // That it has arrived is no other state, so what the row says of the carrier stays.
      if (!now.equals(e.was())) out.add(receipt(customer, e, now.get()));
    } else if (event instanceof StepScheduled e) {
      out.add(new Change.DuePut(due, campaign, e.due()));
    } else if (event instanceof StepSkipped e) {
      now = Optional.of(State.SKIPPED);
      reason = Optional.of(e.reason());
      out.add(communication(customer, e, State.SKIPPED, reason, 0, e.at()));
    }
    if (campaign.isPresent()) counts(out, event, now, reason);
  }

  private static void counts(
      List<Change> out, Touching event, Optional<State> now, Optional<String> reason) {
    String campaignId = event.key().campaignId();
    // What had been skipped and is planned again is in no state any more.
    boolean known = now.isPresent() || event instanceof StepScheduled;
    if (known && !now.equals(event.was())) {
      String step = event.key().stepId() + '/';
      event
          .was()
          .ifPresent(s -> out.add(new Change.Counted(campaignId, "step", step + s.label(), -1)));
      now.ifPresent(s -> out.add(new Change.Counted(campaignId, "step", step + s.label(), 1)));
    }
    if (event.move().isEmpty()) return;
    Move move = event.move().get();
    if (move.from() != move.to()) {
      standing(move.from())
          .ifPresent(s -> out.add(new Change.Counted(campaignId, "recipient", s, -1)));
      standing(move.to())
          .ifPresent(s -> out.add(new Change.Counted(campaignId, "recipient", s, 1)));
    }
    Optional<String> because = move.because().or(() -> becauseOfEvent(move, reason));
    if (!because.equals(move.wasBecause())) {
      move.wasBecause().ifPresent(r -> out.add(new Change.Counted(campaignId, "reason", r, -1)));
      because.ifPresent(r -> out.add(new Change.Counted(campaignId, "reason", r, 1)));
    }
    if (move.finished() != 0) {
      out.add(new Change.Counted(campaignId, "recipient", "finished", move.finished()));
    }
  }

  /** What was written before a move said why it was gave the reason of its event. */
  private static Optional<String> becauseOfEvent(Move move, Optional<String> reason) {
    return switch (move.to()) {
      case SUPPRESSED, FAILED, UNKNOWN -> move.from() == move.to() ? Optional.empty() : reason;
      case PENDING, HELD, DELIVERED -> Optional.empty();
    };
  }

  private static Optional<String> standing(Standing standing) {
    return switch (standing) {
      case PENDING -> Optional.empty();
      case HELD -> Optional.of("held");
      case SUPPRESSED -> Optional.of("suppressed");
      case FAILED -> Optional.of("failed");
      case UNKNOWN -> Optional.of("unknown");
      case DELIVERED -> Optional.of("delivered");
    };
  }

  private static State end(Outcome outcome) {
    return switch (outcome.kind()) {
      case ACCEPTED -> State.DELIVERED;
      case REJECTED, NOT_SENT -> State.FAILED;
      case UNKNOWN -> State.UNKNOWN;
    };
  }

  private static DueWorkStore.Key due(CustomerKey customer, StepKey key) {
    return new DueWorkStore.Key("conversation", customer.entityId(), key.toString());
  }

  private static Change settled(CustomerKey customer, OutreachSettled e, State state) {
    return new Change.CommunicationChanged(
        customer.tenant(),
        new Communication(
            customer.customerId(),
            e.key(),
            e.channel(),
            state,
            e.outcome().reason(),
            e.number(),
            Optional.<AttemptId>of(e.attempt()),
            e.outcome().carrier(),
            e.outcome().carrierRef(),
            e.outcome().call(),
            Optional.of(e.grantedAt()),
            e.at()));
  }

  private static Change receipt(CustomerKey customer, ReceiptTaken e, State state) {
    return new Change.CommunicationChanged(
        customer.tenant(),
        new Communication(
            customer.customerId(),
            e.key(),
            e.channel(),
            state,
            e.reason(),
            e.number(),
            Optional.of(e.attempt()),
            Optional.of(e.carrier()),
            e.carrierRef(),
            Optional.of(e.grantedAt()),
            e.at()));
  }

  private static Change communication(
      CustomerKey customer,
      Touching event,
      State state,
      Optional<String> reason,
      int attempts,
      Instant at) {
    return new Change.CommunicationChanged(
        customer.tenant(),
        new Communication(
            customer.customerId(),
            event.key(),
            event.channel(),
            state,
            reason,
            attempts,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            at));
  }
}

package org.parley.core.conversation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Outcome;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.OutreachHeld;
import org.parley.core.conversation.ConversationEvent.OutreachRefused;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.spi.JournalRecord;

/**
 * What a conversation would have written, with the moves that its own state gives: for tests of
 * whoever reads the journal. It stands in this package because only this package sees a state.
 */
public final class Story {
  private final CustomerKey customer;
  private final List<JournalRecord> events = new ArrayList<>();
  private ConversationState state = ConversationState.EMPTY;

  private Story(CustomerKey customer) {
    this.customer = customer;
  }

  public static Story of(String customerId) {
    return new Story(CustomerKey.of(customerId));
  }

  public String persistenceId() {
    return "conversation|" + customer.entityId();
  }

  /** What was written since this was last called. */
  public List<JournalRecord> written() {
    List<JournalRecord> out = List.copyOf(events);
    events.clear();
    return out;
  }

  public Story granted(StepKey key, Optional<MessageRequest> message, Instant at) {
    int number = state.touch(key).map(Touch::number).orElse(0) + 1;
    return add(
        key,
        new OutreachGranted(
            key,
            Channel.EMAIL,
            AttemptId.of(customer, key, number),
            number,
            message.isEmpty(),
            Optional.empty(),
            message,
            at.plusSeconds(30),
            was(key),
            Optional.empty(),
            at));
  }

  /** The outcome of the latest grant, and the step that it schedules, if any. */
  public Story settled(
      StepKey key, Outcome outcome, Optional<Instant> retryAt, Optional<StepKey> next, Instant at) {
    Touch touch = state.touch(key).orElseThrow();
    List<ConversationEvent> both = new ArrayList<>(2);
    both.add(
        new OutreachSettled(
            key,
            Channel.EMAIL,
            touch.attempt().orElseThrow(),
            touch.number(),
            outcome,
            touch.grantedAt().orElseThrow(),
            retryAt,
            was(key),
            Optional.empty(),
            at));
    next.ifPresent(
        step ->
            both.add(
                new StepScheduled(
                    step,
                    Channel.EMAIL,
                    false,
                    at.plus(Duration.ofDays(2)),
                    Optional.empty(),
                    Optional.empty(),
                    at)));
    return add(key, both.toArray(new ConversationEvent[0]));
  }

  public Story held(StepKey key, String reason, Instant until, Instant at) {
    return add(
        key,
        new OutreachHeld(
            key,
            Channel.EMAIL,
            reason,
            Optional.empty(),
            Optional.empty(),
            until,
            was(key),
            Optional.empty(),
            at));
  }

  public Story refused(StepKey key, String reason, Instant at) {
    return add(
        key,
        new OutreachRefused(
            key, Channel.EMAIL, reason, Optional.empty(), was(key), Optional.empty(), at));
  }

  public Story skipped(StepKey key, String reason, Instant at) {
    return add(key, new StepSkipped(key, Channel.EMAIL, reason, was(key), Optional.empty(), at));
  }

  public Story replied(StepKey key, String carrierMessageId, Instant at) {
    return add(
        key, new ReplyReceived(carrierMessageId, Channel.EMAIL, "Yes", Optional.of(key), at));
  }

  private Optional<Communication.State> was(StepKey key) {
    return state.touch(key).flatMap(Touch::seen);
  }

  private Story add(StepKey key, ConversationEvent... more) {
    List<ConversationEvent> moved = new ArrayList<>();
    if (key.isMessage()) Collections.addAll(moved, more);
    else moved.addAll(state.withMove(key.campaignId(), List.of(more)));
    for (ConversationEvent event : moved) state = state.after(event);
    events.addAll(moved);
    return this;
  }
}

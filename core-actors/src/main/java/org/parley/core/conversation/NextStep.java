package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Communication;
import org.parley.core.api.Intent;
import org.parley.core.api.StepKey;
import org.parley.core.api.Trigger;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationEvent.StepSkipped;
import org.parley.core.conversation.Touch.Phase;

/**
 * Which steps follow what became of an earlier one. What a fallback or a second call achieves, its
 * step has achieved. Pure.
 */
final class NextStep {
  private static final String NOT_DELIVERED = "notDelivered";

  private NextStep() {}

  /**
   * The steps that follow the end of a touch, and what a failed one falls back to.
   *
   * @param phase how it ended; in doubt or refused, nothing follows
   * @param answer what the customer has answered it already; empty when they have not
   */
  static List<ConversationEvent> afterEnd(
      CampaignDefinition campaign,
      ConversationState state,
      StepKey key,
      Phase phase,
      Optional<Intent> answer,
      Instant at) {
    List<ConversationEvent> out = new ArrayList<>();
    for (Step step : campaign.steps()) {
      if (step.after().isEmpty() || !step.after().get().step().equals(submitted(key))) continue;
      After after = step.after().get();
      StepKey next = new StepKey(key.campaignId(), step.id());
      Optional<Touch> known = state.touch(next);
      if (known.isPresent() && !isDropped(known.get())) continue;
      Optional<Instant> due = Optional.empty();
      boolean awaits = false;
      if (phase == Phase.DELIVERED) {
        awaits = after.on().isReply() && answer.filter(after.on()::isMetBy).isEmpty();
        boolean never =
            after.on() == Trigger.FAILED || (after.on() == Trigger.NO_REPLY && answer.isPresent());
        if (awaits) due = Optional.of(at.plus(after.within().orElse(After.DEFAULT_WITHIN)));
        else if (!never) due = Optional.of(at.plus(after.delay()));
      } else if (phase == Phase.FAILED && after.on() == Trigger.FAILED) {
        due = Optional.of(at.plus(after.delay()));
      }
      if (due.isPresent()) {
        Optional<Communication.State> was = known.flatMap(Touch::seen);
        out.add(scheduled(step, next, awaits, due.get(), was, at));
      }
    }
    if (phase == Phase.FAILED) {
      campaign
          .step(key.stepId())
          .flatMap(Step::onFailure)
          .ifPresent(step -> out.addAll(derived(state, key, step, at)));
    }
    return out;
  }

  /** The second call that a customer has asked for in the first. */
  static List<ConversationEvent> callBack(
      CampaignDefinition campaign, ConversationState state, StepKey key, Instant at) {
    return campaign
        .step(key.stepId())
        .filter(step -> !Step.isDerived(step.id()))
        .flatMap(Step::callback)
        .map(step -> derived(state, key, step, at))
        .orElse(List.of());
  }

  private static List<ConversationEvent> derived(
      ConversationState state, StepKey of, Step step, Instant at) {
    StepKey next = new StepKey(of.campaignId(), step.id());
    if (state.touch(next).isPresent()) return List.of();
    Instant due = at.plus(step.after().orElseThrow().delay());
    return List.of(scheduled(step, next, false, due, Optional.empty(), at));
  }

  /** The steps that an answer to a touch brings forward. */
  static List<ConversationEvent> afterReply(
      CampaignDefinition campaign,
      ConversationState state,
      StepKey answered,
      Intent intent,
      Instant at) {
    List<ConversationEvent> out = new ArrayList<>();
    for (Step step : campaign.steps()) {
      if (step.after().isEmpty()) continue;
      After after = step.after().get();
      if (!after.step().equals(submitted(answered)) || !after.on().isMetBy(intent)) continue;
      StepKey next = new StepKey(answered.campaignId(), step.id());
      Optional<Touch> touch = state.touch(next);
      if (touch.isPresent() && touch.get().phase() == Phase.AWAITING_REPLY) {
        out.add(scheduled(step, next, false, at.plus(after.delay()), Optional.empty(), at));
      }
    }
    return out;
  }

  /**
   * What was planned because a touch had been accepted, now that it turns out to have failed;
   * unless its step has reached them otherwise. Should a fallback reach them, it is planned again.
   */
  static List<ConversationEvent> notDelivered(
      CampaignDefinition campaign, ConversationState state, StepKey failed, Instant at) {
    List<ConversationEvent> out = new ArrayList<>();
    if (isReachedOtherwise(state, failed)) return out;
    for (Step step : campaign.steps()) {
      if (step.after().isEmpty() || !step.after().get().step().equals(submitted(failed))) continue;
      if (step.after().get().on() == Trigger.FAILED) continue;
      StepKey next = new StepKey(failed.campaignId(), step.id());
      Optional<Touch> touch = state.touch(next);
      if (touch.isEmpty()) continue;
      Phase phase = touch.get().phase();
      if (phase != Phase.SCHEDULED && phase != Phase.AWAITING_REPLY) continue;
      out.add(
          new StepSkipped(
              next, step.channel(), NOT_DELIVERED, touch.get().seen(), Optional.empty(), at));
    }
    return out;
  }

  private static boolean isDropped(Touch touch) {
    return touch.phase() == Phase.SKIPPED && touch.reason().equals(Optional.of(NOT_DELIVERED));
  }

  private static boolean isReachedOtherwise(ConversationState state, StepKey failed) {
    return state.touches().stream()
        .filter(t -> t.phase() == Phase.DELIVERED && !t.key().equals(failed))
        .filter(t -> t.key().campaignId().equals(failed.campaignId()))
        .anyMatch(t -> submitted(t.key()).equals(submitted(failed)));
  }

  /** Why a scheduled step is not taken after all, if so. */
  static Optional<String> skip(CampaignDefinition campaign, ConversationState state, Touch due) {
    Optional<After> after = campaign.step(due.key().stepId()).flatMap(Step::after);
    boolean replied =
        after.isPresent() && isAnswered(state, due.key().campaignId(), after.get().step());
    if (due.phase() == Phase.AWAITING_REPLY) {
      return Optional.of(replied ? "otherReply" : "noReply");
    }
    if (after.isEmpty() || after.get().on() != Trigger.NO_REPLY) return Optional.empty();
    return replied ? Optional.of("replied") : Optional.empty();
  }

  private static boolean isAnswered(ConversationState state, String campaignId, String stepId) {
    for (Touch touch : state.touches()) {
      if (touch.repliedAt().isPresent()
          && touch.key().campaignId().equals(campaignId)
          && submitted(touch.key()).equals(stepId)) {
        return true;
      }
    }
    return false;
  }

  /** The id of the step in the campaign as it was submitted. */
  private static String submitted(StepKey key) {
    int dot = key.stepId().indexOf('.');
    return dot < 0 ? key.stepId() : key.stepId().substring(0, dot);
  }

  private static StepScheduled scheduled(
      Step step,
      StepKey key,
      boolean awaitsReply,
      Instant due,
      Optional<Communication.State> was,
      Instant at) {
    return new StepScheduled(key, step.channel(), awaitsReply, due, was, Optional.empty(), at);
  }
}

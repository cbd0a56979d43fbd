package org.parley.core.conversation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.StepKey;
import org.parley.core.api.Trigger;
import org.parley.core.conversation.ConversationEvent.StepScheduled;
import org.parley.core.conversation.ConversationState.Phase;
import org.parley.core.conversation.ConversationState.Touch;

/** Which steps follow what became of an earlier one. Pure. */
final class NextStep {
  private NextStep() {}

  /**
   * The steps that follow the end of a touch.
   *
   * @param phase how it ended; in doubt or refused, nothing follows
   * @param answered whether the customer has answered it already
   */
  static List<ConversationEvent> afterEnd(
      CampaignDefinition campaign,
      ConversationState state,
      StepKey key,
      Phase phase,
      boolean answered,
      Instant at) {
    List<ConversationEvent> out = new ArrayList<>();
    for (Step step : campaign.steps()) {
      if (step.after().isEmpty() || !step.after().get().step().equals(key.stepId())) continue;
      After after = step.after().get();
      StepKey next = new StepKey(key.campaignId(), step.id());
      if (state.touch(next).isPresent()) continue;
      Optional<Instant> due = Optional.empty();
      boolean awaits = false;
      if (phase == Phase.DELIVERED) {
        awaits = after.on() == Trigger.REPLY && !answered;
        if (awaits) due = Optional.of(at.plus(after.within().orElse(After.DEFAULT_WITHIN)));
        else if (after.on() != Trigger.FAILED && !(after.on() == Trigger.NO_REPLY && answered)) {
          due = Optional.of(at.plus(after.delay()));
        }
      } else if (phase == Phase.FAILED && after.on() == Trigger.FAILED) {
        due = Optional.of(at.plus(after.delay()));
      }
      if (due.isPresent()) out.add(scheduled(step, next, awaits, due.get(), at));
    }
    return out;
  }

  /** The steps that an answer to a touch brings forward. */
  static List<ConversationEvent> afterReply(
      CampaignDefinition campaign, ConversationState state, StepKey answered, Instant at) {
    List<ConversationEvent> out = new ArrayList<>();
    for (Step step : campaign.steps()) {
      if (step.after().isEmpty() || !step.after().get().step().equals(answered.stepId())) continue;
      if (step.after().get().on() != Trigger.REPLY) continue;
      StepKey next = new StepKey(answered.campaignId(), step.id());
      Optional<Touch> touch = state.touch(next);
      if (touch.isPresent() && touch.get().phase() == Phase.AWAITING_REPLY) {
        out.add(scheduled(step, next, false, at.plus(step.after().get().delay()), at));
      }
    }
    return out;
  }

  /** Why a scheduled step is not taken after all, if so. */
  static Optional<String> skip(CampaignDefinition campaign, ConversationState state, Touch due) {
    if (due.phase() == Phase.AWAITING_REPLY) return Optional.of("noReply");
    Optional<After> after = campaign.step(due.key().stepId()).flatMap(Step::after);
    if (after.isEmpty() || after.get().on() != Trigger.NO_REPLY) return Optional.empty();
    StepKey earlier = new StepKey(due.key().campaignId(), after.get().step());
    return state.touch(earlier).flatMap(Touch::repliedAt).map(answered -> "replied");
  }

  private static StepScheduled scheduled(
      Step step, StepKey key, boolean awaitsReply, Instant due, Instant at) {
    return new StepScheduled(
        key, step.channel(), awaitsReply, due, Optional.empty(), Optional.empty(), at);
  }
}

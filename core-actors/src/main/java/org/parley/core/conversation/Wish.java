package org.parley.core.conversation;

import java.util.Optional;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Profile;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;

/**
 * A touch that somebody wants now: what to send, by which rules, and who waits for the verdict.
 *
 * @param newer what the audience knows of the customer, when that is newer
 * @param message present for a single message
 */
record Wish(
    StepKey key,
    Channel channel,
    Category category,
    Schedule schedule,
    Policy policy,
    Template template,
    Optional<Profile> newer,
    Optional<MessageRequest> message,
    Waiter waiter) {

  /** A step of a campaign. */
  static Wish ofStep(CampaignView campaign, StepKey key, Optional<Profile> newer, Waiter waiter) {
    CampaignDefinition definition = campaign.definition();
    Step step = definition.step(key.stepId()).orElseThrow();
    return new Wish(
        key,
        step.channel(),
        definition.category(),
        definition.schedule(),
        definition.policy(),
        step.template(),
        newer,
        Optional.empty(),
        waiter);
  }

  /** A message that belongs to no campaign. */
  static Wish ofMessage(StepKey key, MessageRequest message, Waiter waiter) {
    return new Wish(
        key,
        message.channel(),
        message.category(),
        Schedule.NOW,
        Policy.NONE,
        message.template(),
        Optional.empty(),
        Optional.of(message),
        waiter);
  }
}

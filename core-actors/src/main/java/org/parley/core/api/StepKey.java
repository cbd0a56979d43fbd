package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * Names one touch of one customer: a step of a campaign, or a single message. Within a conversation
 * it is granted to at most one attempt at a time, and settled once.
 *
 * @param campaignId the campaign's id, or {@code msg} for a single message
 * @param stepId the step's id within the campaign, or the message's id
 */
public record StepKey(String campaignId, String stepId) {
  public StepKey {
    campaignId = Shared.text(campaignId);
  }

  private static final String MESSAGE = "msg";

  /** The key of a message that belongs to no campaign. */
  public static StepKey message(String messageId) {
    return new StepKey(MESSAGE, messageId);
  }

  /** Whether this is a single message and no step of a campaign. */
  @JsonIgnore // it follows from the id, so neither the wire nor the journal carries it
  public boolean isMessage() {
    return campaignId.equals(MESSAGE);
  }

  @Override
  public String toString() {
    return campaignId + '/' + stepId;
  }
}

package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a campaign stands in its life. */
public enum CampaignStatus {
  @JsonProperty("draft")
  DRAFT,
  @JsonProperty("scheduled")
  SCHEDULED,
  @JsonProperty("running")
  RUNNING,
  @JsonProperty("paused")
  PAUSED,
  /** Cancelled, while what was in flight settles and the rest is refused. */
  @JsonProperty("cancelling")
  CANCELLING,
  @JsonProperty("cancelled")
  CANCELLED,
  /**
   * All is done for every recipient. What carriers tell later, that a text did not arrive for
   * instance, can still lead to a fallback, unless the campaign is cancelled.
   */
  @JsonProperty("completed")
  COMPLETED;

  /** Whether it has ended. */
  public boolean isFinal() {
    return this == CANCELLED || this == COMPLETED;
  }
}

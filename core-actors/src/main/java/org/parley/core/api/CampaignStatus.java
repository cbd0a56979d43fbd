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
  @JsonProperty("completed")
  COMPLETED;

  /** Whether nothing more will happen. */
  public boolean isFinal() {
    return this == CANCELLED || this == COMPLETED;
  }
}

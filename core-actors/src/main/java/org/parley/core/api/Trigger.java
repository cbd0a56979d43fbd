package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What must have become of an earlier step for a later one to follow. */
public enum Trigger {
  /** The customer answered. */
  @JsonProperty("reply")
  REPLY,
  /** The earlier step was accepted by a carrier and nobody answered during the wait. */
  @JsonProperty("noReply")
  NO_REPLY,
  /** A carrier accepted the earlier step. */
  @JsonProperty("delivered")
  DELIVERED,
  /** The earlier step was rejected, or could not be sent in time. */
  @JsonProperty("failed")
  FAILED
}

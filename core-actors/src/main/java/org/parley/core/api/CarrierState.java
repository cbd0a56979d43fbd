package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether messages go through a carrier. */
public enum CarrierState {
  /** The breaker is closed: messages go through. */
  @JsonProperty("closed")
  CLOSED("closed"),
  /**
   * Nobody lends the carrier's rate at the moment: the node goes on with a part that is its own.
   */
  @JsonProperty("ownShare")
  OWN_SHARE("ownShare"),
  /** The breaker lets a few messages through, to see whether the carrier works again. */
  @JsonProperty("probing")
  PROBING("probing"),
  /** The node has no part of the carrier's rate, and cannot ask for one. */
  @JsonProperty("noBudget")
  NO_BUDGET("noBudget"),
  /** The carrier failed too often and rests. */
  @JsonProperty("open")
  OPEN("open"),
  /** An operator wants nothing new to start; what has started is finished. */
  @JsonProperty("drained")
  DRAINED("drained"),
  /** An operator says that it is broken. */
  @JsonProperty("tripped")
  TRIPPED("tripped");

  private final String label;

  CarrierState(String label) {
    this.label = label;
  }

  /** The name in JSON and metrics. */
  public String label() {
    return label;
  }

  /** Whether a message may go through, at least to try the carrier. */
  public boolean isUsable() {
    return this == CLOSED || this == OWN_SHARE || this == PROBING;
  }
}

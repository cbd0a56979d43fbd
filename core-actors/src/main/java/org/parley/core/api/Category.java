package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Why a customer is contacted; it decides which rules apply and who goes first. */
public enum Category {
  /** Subject to consent, caps, quiet hours and send windows; never sent again when in doubt. */
  @JsonProperty("marketing")
  MARKETING("marketing"),
  /** Something the customer asked for or must know; goes before marketing and ignores caps. */
  @JsonProperty("transactional")
  TRANSACTIONAL("transactional");

  private final String label;

  Category(String label) {
    this.label = label;
  }

  /** The name in JSON and metrics. */
  public String label() {
    return label;
  }
}

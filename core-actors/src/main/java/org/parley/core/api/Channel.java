package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A way to reach a customer. */
public enum Channel {
  @JsonProperty("email")
  EMAIL("email"),
  @JsonProperty("sms")
  SMS("sms"),
  @JsonProperty("phone")
  PHONE("phone");

  private final String label;

  Channel(String label) {
    this.label = label;
  }

  /** The name in JSON, configuration and metrics. */
  public String label() {
    return label;
  }
}

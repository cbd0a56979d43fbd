package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a customer has said about being contacted over one channel. */
public enum ConsentState {
  @JsonProperty("optedIn")
  OPTED_IN,
  @JsonProperty("optedOut")
  OPTED_OUT
}

package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a customer wants to say with an answer. */
public enum Intent {
  @JsonProperty("interested")
  INTERESTED("interested"),
  @JsonProperty("notNow")
  NOT_NOW("notNow"),
  @JsonProperty("question")
  QUESTION("question"),
  @JsonProperty("complaint")
  COMPLAINT("complaint"),
  @JsonProperty("wrongPerson")
  WRONG_PERSON("wrongPerson"),
  @JsonProperty("outOfOffice")
  OUT_OF_OFFICE("outOfOffice"),
  /** Nothing that could be told apart. */
  @JsonProperty("other")
  OTHER("other");

  private final String label;

  Intent(String label) {
    this.label = label;
  }

  /** The name in JSON, in {@code "on": "reply.question"} and in metrics. */
  public String label() {
    return label;
  }
}

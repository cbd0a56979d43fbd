package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What must have become of an earlier step for a later one to follow. */
public enum Trigger {
  /** The customer answered, whatever they said but a command or an out-of-office notice. */
  @JsonProperty("reply")
  REPLY,
  /** The earlier step was accepted by a carrier and nobody answered during the wait. */
  @JsonProperty("noReply")
  NO_REPLY,
  /** A carrier accepted the earlier step. */
  @JsonProperty("delivered")
  DELIVERED,
  /** The earlier step was rejected, could not be sent in time, or came back. */
  @JsonProperty("failed")
  FAILED,
  /** The customer answered and is interested. */
  @JsonProperty("reply.interested")
  REPLY_INTERESTED(Intent.INTERESTED),
  /** The customer answered that it is not the time. */
  @JsonProperty("reply.notNow")
  REPLY_NOT_NOW(Intent.NOT_NOW),
  /** The customer asked something. */
  @JsonProperty("reply.question")
  REPLY_QUESTION(Intent.QUESTION),
  /** The customer complained. */
  @JsonProperty("reply.complaint")
  REPLY_COMPLAINT(Intent.COMPLAINT),
  /** Somebody else answered. */
  @JsonProperty("reply.wrongPerson")
  REPLY_WRONG_PERSON(Intent.WRONG_PERSON),
  /** A notice that the customer is away. */
  @JsonProperty("reply.outOfOffice")
  REPLY_OUT_OF_OFFICE(Intent.OUT_OF_OFFICE),
  /** The customer answered something that could not be told apart. */
  @JsonProperty("reply.other")
  REPLY_OTHER(Intent.OTHER);

  private final @Nullable Intent intent;

  Trigger() {
    this(null);
  }

  Trigger(@Nullable Intent intent) {
    this.intent = intent;
  }

  /** Whether an answer is waited for. */
  public boolean isReply() {
    return this == REPLY || intent != null;
  }

  /** The one intent that the answer must have; any when absent. */
  public Optional<Intent> intent() {
    return Optional.ofNullable(intent);
  }

  /** Whether an answer of an intent is the one that is waited for. */
  public boolean isMetBy(Intent answer) {
    return this == REPLY ? answer != Intent.OUT_OF_OFFICE : answer == intent;
  }
}

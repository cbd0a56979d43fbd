package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;

/**
 * One touch or one answer, as the read side reports it: what became of it, and why.
 *
 * @param attempts how many tries have been granted
 * @param reason why it is held, refused, failed or in doubt; of an answer its {@link Intent}
 * @param call what happened on the line, for a call that was answered
 * @param grantedAt when the last try was granted
 * @param at when it took this state
 */
public record Communication(
    String customerId,
    StepKey key,
    Channel channel,
    State state,
    Optional<String> reason,
    int attempts,
    Optional<AttemptId> attempt,
    Optional<String> carrier,
    Optional<String> carrierRef,
    Optional<CallResult> call,
    Optional<Instant> grantedAt,
    Instant at) {

  /** Anything but an answered call. */
  public Communication(
      String customerId,
      StepKey key,
      Channel channel,
      State state,
      Optional<String> reason,
      int attempts,
      Optional<AttemptId> attempt,
      Optional<String> carrier,
      Optional<String> carrierRef,
      Optional<Instant> grantedAt,
      Instant at) {
    this(
        customerId,
        key,
        channel,
        state,
        reason,
        attempts,
        attempt,
        carrier,
        carrierRef,
        Optional.empty(),
        grantedAt,
        at);
  }

  /** The states of a communication. */
  public enum State {
    /** Waits for a row of due work. */
    @JsonProperty("held")
    HELD("held", false),
    /** Granted, not settled. */
    @JsonProperty("sending")
    SENDING("sending", false),
    @JsonProperty("delivered")
    DELIVERED("delivered", true),
    @JsonProperty("failed")
    FAILED("failed", true),
    /** Refused by a rule: consent, cap, cancelled campaign. */
    @JsonProperty("suppressed")
    SUPPRESSED("suppressed", true),
    @JsonProperty("unknown")
    UNKNOWN("unknown", true),
    /** A branch that was not taken. */
    @JsonProperty("skipped")
    SKIPPED("skipped", true),
    /** An answer of the customer's. */
    @JsonProperty("received")
    RECEIVED("received", true);

    private final String label;
    private final boolean terminal;

    State(String label, boolean terminal) {
      this.label = label;
      this.terminal = terminal;
    }

    /** The name in JSON, tables and metrics. */
    public String label() {
      return label;
    }

    public boolean isTerminal() {
      return terminal;
    }
  }
}

package org.parley.core.api;

import java.util.Optional;

/**
 * What became of an attempt, as far as this side of the wire can know.
 *
 * @param kind one of four: there is no fifth and no pair of them means the same
 * @param reason a stable word such as {@code mailboxUnavailable}; present unless accepted
 * @param detail what the carrier said, without personal data, at most 200 characters
 * @param carrier the carrier that was asked, when one was
 * @param carrierRef the carrier's own id for the message, when it gave one
 * @param call what happened on the line, for a call that was answered
 */
public record Outcome(
    Kind kind,
    Optional<String> reason,
    Optional<String> detail,
    Optional<String> carrier,
    Optional<String> carrierRef,
    Optional<CallResult> call) {

  /** The four outcomes. */
  public enum Kind {
    /** The carrier took responsibility. */
    ACCEPTED,
    /** The carrier refused for good; trying again is pointless. */
    REJECTED,
    /** Certainly not sent; safe to try again. */
    NOT_SENT,
    /** May have reached the person; never sent again silently. */
    UNKNOWN
  }

  private static final int MAX_DETAIL_CHARS = 200;

  /** An outcome of anything but an answered call. */
  public Outcome(
      Kind kind,
      Optional<String> reason,
      Optional<String> detail,
      Optional<String> carrier,
      Optional<String> carrierRef) {
    this(kind, reason, detail, carrier, carrierRef, Optional.empty());
  }

  public Outcome {
    detail = detail.map(d -> d.length() <= MAX_DETAIL_CHARS ? d : d.substring(0, MAX_DETAIL_CHARS));
  }

  public static Outcome accepted(String carrier, Optional<String> carrierRef) {
    return new Outcome(
        Kind.ACCEPTED, Optional.empty(), Optional.empty(), Optional.of(carrier), carrierRef);
  }

  /** A call that was answered. */
  public static Outcome answered(String carrier, String callId, CallResult call) {
    return new Outcome(
        Kind.ACCEPTED,
        Optional.empty(),
        Optional.empty(),
        Optional.of(carrier),
        Optional.of(callId),
        Optional.of(call));
  }

  public static Outcome rejected(String carrier, String reason, String detail) {
    return of(Kind.REJECTED, carrier, reason, detail);
  }

  public static Outcome notSent(String carrier, String reason, String detail) {
    return of(Kind.NOT_SENT, carrier, reason, detail);
  }

  /** Not sent for a reason of our own: no carrier was asked. */
  public static Outcome notSent(String reason) {
    return new Outcome(
        Kind.NOT_SENT, Optional.of(reason), Optional.empty(), Optional.empty(), Optional.empty());
  }

  public static Outcome unknown(String carrier, String reason, String detail) {
    return of(Kind.UNKNOWN, carrier, reason, detail);
  }

  /** In doubt for a reason of our own, such as a grant that nobody answered for. */
  public static Outcome unknown(String reason) {
    return new Outcome(
        Kind.UNKNOWN, Optional.of(reason), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private static Outcome of(Kind kind, String carrier, String reason, String detail) {
    return new Outcome(
        kind, Optional.of(reason), Optional.of(detail), Optional.of(carrier), Optional.empty());
  }
}

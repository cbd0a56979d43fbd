package org.parley.core.api;

import java.util.List;

/**
 * Why something was not done, as a value: a stable code for programs and a sentence for people.
 *
 * @param kind what sort of refusal, for mapping to a protocol
 * @param code stable, camelCase
 * @param problems places in what was submitted, when it was invalid
 */
public record Refusal(Kind kind, String code, String detail, List<Problem> problems) {
  public Refusal {
    problems = List.copyOf(problems);
  }

  /** Sorts of refusal. */
  public enum Kind {
    /** What was submitted makes no sense. */
    INVALID,
    /** There is no such thing. */
    NOT_FOUND,
    /** Not in this state. */
    CONFLICT,
    /** It has changed since the caller last saw it. */
    STALE,
    /** Not now; later. */
    BUSY
  }

  /** One place, as a JSON pointer (RFC 6901), and what is wrong there. */
  public record Problem(String pointer, String detail) {}

  public static Refusal invalid(String code, String detail, List<Problem> problems) {
    return new Refusal(Kind.INVALID, code, detail, problems);
  }

  public static Refusal notFound(String code, String detail) {
    return new Refusal(Kind.NOT_FOUND, code, detail, List.of());
  }

  public static Refusal conflict(String code, String detail) {
    return new Refusal(Kind.CONFLICT, code, detail, List.of());
  }

  public static Refusal stale(String detail) {
    return new Refusal(Kind.STALE, "stale", detail, List.of());
  }

  public static Refusal busy(String detail) {
    return new Refusal(Kind.BUSY, "busy", detail, List.of());
  }
}

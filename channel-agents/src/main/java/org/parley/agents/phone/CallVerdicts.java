package org.parley.agents.phone;

import java.util.regex.Pattern;
import org.parley.core.api.Outcome;

/**
 * What the end of a call that was not answered means for an attempt: pure, from the status of RFC
 * 3261, section 21, and from whether the phone may have rung. A phone that may have rung has been
 * contacted: it is never {@code NOT_SENT}, which would let it ring again.
 */
final class CallVerdicts {
  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z][A-Za-z ,.'/()-]{0,60}");

  private CallVerdicts() {}

  /**
   * The outcome of a final answer of 400 or more.
   *
   * @param alerted whether a provisional answer above 100 came before
   */
  static Outcome of(String carrier, int status, String phrase, boolean alerted) {
    String detail = detail(status, phrase);
    return switch (status) {
      case 486, 600 -> Outcome.rejected(carrier, "busy", detail);
      case 603, 607, 608 -> Outcome.rejected(carrier, "declined", detail);
      case 408, 480, 487 -> Outcome.rejected(carrier, "noAnswer", detail);
      case 404, 410, 416, 484, 485, 604 -> Outcome.rejected(carrier, "numberUnknown", detail);
      // The carrier turns us away, not the person: a wrong password must not fail a campaign.
      case 401, 407 -> unlessAlerted(carrier, "authRequired", detail, alerted);
      case 403 -> unlessAlerted(carrier, "forbidden", detail, alerted);
      case 415, 488, 606 -> unlessAlerted(carrier, "mediaRefused", detail, alerted);
      default ->
          status >= 600
              ? Outcome.rejected(carrier, "refused", detail)
              : unlessAlerted(
                  carrier, status >= 500 ? "serviceUnavailable" : "refused", detail, alerted);
    };
  }

  private static Outcome unlessAlerted(
      String carrier, String reason, String detail, boolean alerted) {
    return alerted
        ? Outcome.rejected(carrier, reason, detail)
        : Outcome.notSent(carrier, reason, detail);
  }

  /** The status, with its words when they certainly hold no number and no name of a person. */
  static String detail(int status, String phrase) {
    return HARMLESS.matcher(phrase).matches() ? status + " " + phrase : Integer.toString(status);
  }
}

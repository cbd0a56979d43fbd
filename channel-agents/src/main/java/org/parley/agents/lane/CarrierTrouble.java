package org.parley.agents.lane;

import java.util.Set;
import org.parley.core.api.Outcome;

/**
 * Tells a carrier in trouble from a recipient in trouble. Only the first is an error for the
 * breaker, and only the first makes another carrier worth asking.
 */
final class CarrierTrouble {
  /**
   * Reasons of {@code NOT_SENT} that lie with the recipient, or with ourselves: any other carrier
   * would say the same.
   */
  private static final Set<String> RECIPIENT =
      Set.of("mailboxBusy", "mailboxFull", "greylisted", "speechFailed");

  /** Reasons of {@code NOT_SENT} with which a lane refuses everything. */
  private static final Set<String> CLOSED =
      Set.of("breakerOpen", "carrierDrained", "carrierTripped", "noBudget", "warmUp");

  /** A carrier that works and asks for a lower pace; its connector slows down by itself. */
  private static final Set<String> PACE = Set.of("throttled");

  /** What a receiver says of one mailbox, and nothing of its domain. */
  private static final String FULL = "mailboxFull";

  private CarrierTrouble() {}

  /** Whether nothing goes through the carrier at the moment. */
  static boolean isClosed(Outcome outcome) {
    return outcome.kind() == Outcome.Kind.NOT_SENT
        && outcome.reason().map(CLOSED::contains).orElse(false);
  }

  /** Whether the breaker counts this as an error. */
  static boolean isError(Outcome outcome) {
    if (outcome.reason().map(PACE::contains).orElse(false)) return false;
    return outcome.kind() == Outcome.Kind.UNKNOWN || invitesFailover(outcome);
  }

  /**
   * Whether a receiver has, or may have, seen the message or its envelope. Who puts it off gets to
   * know a new carrier, too.
   */
  static boolean reachedReceiver(Outcome outcome) {
    return outcome.kind() != Outcome.Kind.NOT_SENT
        || Domain.isPutOff(outcome)
        || outcome.reason().map(FULL::equals).orElse(false);
  }

  /** Whether the message certainly was not sent, and another carrier may do better. */
  static boolean invitesFailover(Outcome outcome) {
    return outcome.kind() == Outcome.Kind.NOT_SENT
        && !outcome.reason().map(RECIPIENT::contains).orElse(false);
  }
}

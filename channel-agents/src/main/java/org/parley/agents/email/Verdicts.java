package org.parley.agents.email;

import java.util.Map;
import org.parley.core.api.Outcome;

/** What a server's refusal means for an attempt: pure, from the phase, the code and RFC 3463. */
final class Verdicts {
  /** Permanent refusals by enhanced code, in every phase. */
  private static final Map<String, String> PERMANENT =
      Map.ofEntries(
          Map.entry("1.1", "mailboxUnavailable"),
          Map.entry("1.2", "domainUnavailable"),
          Map.entry("1.3", "badAddress"),
          Map.entry("1.4", "mailboxUnavailable"),
          Map.entry("1.6", "mailboxMoved"),
          Map.entry("1.7", "senderRefused"),
          Map.entry("1.8", "senderRefused"),
          Map.entry("1.10", "domainRefusesMail"),
          Map.entry("2.0", "mailboxUnavailable"),
          Map.entry("2.1", "mailboxDisabled"),
          Map.entry("2.2", "mailboxFull"),
          Map.entry("2.3", "messageTooLarge"),
          Map.entry("3.4", "messageTooLarge"),
          Map.entry("4.4", "domainUnavailable"),
          Map.entry("6.7", "addressNotSupported"),
          Map.entry("7.8", "authRequired"));

  private Verdicts() {}

  /** The outcome of an error reply. */
  static Outcome refused(String carrier, Phase phase, Reply reply, MailAddress to) {
    String detail = reply.withoutPersonalData(to);
    if (reply.code() == 421) return Outcome.notSent(carrier, "serviceUnavailable", detail);
    if (reply.isTransient()) return Outcome.notSent(carrier, deferral(phase, reply), detail);
    if (!reply.isPermanent()) {
      return phase == Phase.DOT
          ? Outcome.unknown(carrier, "protocolError", detail)
          : Outcome.notSent(carrier, "protocolError", detail);
    }
    // The carrier turns us away, not the message: a wrong password must not fail a whole campaign.
    if (isAboutLogin(reply)) return Outcome.notSent(carrier, "authRequired", detail);
    return Outcome.rejected(carrier, refusal(phase, reply), detail);
  }

  private static boolean isAboutLogin(Reply reply) {
    return reply.code() == 530
        || reply.code() == 534
        || reply.code() == 535
        || reply.code() == 538
        || reply.enhanced().map("7.8"::equals).orElse(false);
  }

  /**
   * Why it was put off. {@code mailboxBusy}, {@code mailboxFull} and {@code greylisted} lie with
   * the recipient, everything else with the carrier.
   */
  private static String deferral(Phase phase, Reply reply) {
    String enhanced = reply.enhanced().orElse("");
    if (enhanced.equals("2.2")) return "mailboxFull";
    if (enhanced.startsWith("1.") || enhanced.startsWith("2.")) return "mailboxBusy";
    if (enhanced.startsWith("7.")) return phase == Phase.RCPT ? "greylisted" : "policyDeferred";
    if (phase == Phase.RCPT && reply.code() == 450) return "mailboxBusy";
    return "deferred";
  }

  private static String refusal(Phase phase, Reply reply) {
    String enhanced = reply.enhanced().orElse("");
    String known = PERMANENT.get(enhanced);
    if (known != null) return known;
    if (enhanced.startsWith("7.")) return "policyRefused";
    if (phase == Phase.RCPT && enhanced.startsWith("1.")) return "mailboxUnavailable";
    if (enhanced.startsWith("6.")) return "contentNotSupported";
    return switch (phase) {
      case MAIL -> reply.code() == 552 ? "messageTooLarge" : "senderRefused";
      case RCPT -> recipientRefusal(reply.code());
      case DATA, DOT -> reply.code() == 552 ? "messageTooLarge" : "messageRefused";
    };
  }

  private static String recipientRefusal(int code) {
    return switch (code) {
      case 550, 551, 553 -> "mailboxUnavailable";
      case 552 -> "mailboxFull";
      case 556 -> "domainRefusesMail";
      default -> "recipientRefused";
    };
  }
}

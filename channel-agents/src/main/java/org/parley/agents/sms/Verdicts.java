package org.parley.agents.sms;

import org.jsmpp.SMPPConstant;
import org.parley.core.api.Outcome;

/** What the command_status of a submit_sm_resp means (SMPP 3.4, section 5.1.3). */
final class Verdicts {
  private Verdicts() {}

  /** Whether the carrier asks for a lower pace. */
  static boolean isThrottle(int status) {
    return status == SMPPConstant.STAT_ESME_RTHROTTLED || status == SMPPConstant.STAT_ESME_RMSGQFUL;
  }

  /** The outcome of a message whose first segment was refused: certainly nothing was taken. */
  static Outcome refused(String carrier, int status) {
    String detail = String.format("command_status 0x%08x", status);
    if (isThrottle(status)) return Outcome.notSent(carrier, "throttled", detail);
    return switch (status) {
      case SMPPConstant.STAT_ESME_RSYSERR -> Outcome.notSent(carrier, "systemError", detail);
      case SMPPConstant.STAT_ESME_RINVBNDSTS,
          SMPPConstant.STAT_ESME_RBINDFAIL,
          SMPPConstant.STAT_ESME_RSERTYPUNAVAIL,
          SMPPConstant.STAT_ESME_RX_T_APPN ->
          Outcome.notSent(carrier, "deferred", detail);
      case SMPPConstant.STAT_ESME_RINVDSTADR,
          SMPPConstant.STAT_ESME_RINVDSTTON,
          SMPPConstant.STAT_ESME_RINVDSTNPI ->
          Outcome.rejected(carrier, "badAddress", detail);
      case SMPPConstant.STAT_ESME_RINVSRCADR,
          SMPPConstant.STAT_ESME_RINVSRCTON,
          SMPPConstant.STAT_ESME_RINVSRCNPI ->
          Outcome.rejected(carrier, "senderRefused", detail);
      case SMPPConstant.STAT_ESME_RINVMSGLEN ->
          Outcome.rejected(carrier, "messageTooLarge", detail);
      case SMPPConstant.STAT_ESME_RINVDCS ->
          Outcome.rejected(carrier, "contentNotSupported", detail);
      case SMPPConstant.STAT_ESME_RPROHIBITED, SMPPConstant.STAT_ESME_RSERTYPDENIED ->
          Outcome.rejected(carrier, "policyRefused", detail);
      default -> Outcome.rejected(carrier, "messageRefused", detail);
    };
  }
}

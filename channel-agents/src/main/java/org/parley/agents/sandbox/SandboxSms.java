package org.parley.agents.sandbox;

import java.time.Instant;

/**
 * A segment of a text message that the sandbox took.
 *
 * @param begun when it came off the wire
 * @param at when it was taken
 * @param id the sandbox's own id for it
 * @param reference the sender's user_message_reference, or -1
 * @param sender as it came
 * @param recipient as it came, in E.164 when it is an international number
 * @param segment which it is, from 1, of {@code segments}
 * @param validity the validity_period as it came; empty when there was none
 * @param text of this segment
 */
public record SandboxSms(
    Instant begun,
    Instant at,
    String id,
    int reference,
    String sender,
    String recipient,
    int segment,
    int segments,
    String validity,
    String text) {

  /** Its line in the ledger. */
  String json() {
    StringBuilder out = new StringBuilder(240).append("{\"at\":\"").append(at);
    out.append("\",\"begun\":\"").append(begun);
    out.append("\",\"id\":\"").append(id).append("\",\"reference\":").append(reference);
    out.append(",\"sender\":\"");
    Ledger.escape(sender, out);
    out.append("\",\"recipient\":\"");
    Ledger.escape(recipient, out);
    out.append("\",\"segment\":").append(segment).append(",\"segments\":").append(segments);
    return out.append("}\n").toString();
  }
}

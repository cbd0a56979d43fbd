package org.parley.agents.email.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.parley.agents.email.inbound.Report.Kind;
import org.parley.agents.email.inbound.Report.Recipient;
import org.parley.core.api.AttemptId;

/** Collects the machine-readable parts of a report: its status and the mail that it returns. */
final class ReportReader {
  /** Headers of a returned mail in which our own addresses stand. */
  private static final List<String> OURS = List.of("Return-Path", "Reply-To", "List-Unsubscribe");

  private final List<Recipient> recipients = new ArrayList<>();
  private final List<String> returned = new ArrayList<>();
  private Optional<Kind> kind = Optional.empty();
  private Optional<String> feedback = Optional.empty();
  private Optional<String> complained = Optional.empty();
  private Optional<AttemptId> attempt = Optional.empty();

  /** Takes the content of a part whose type is message/… or text/rfc822-headers. */
  void take(String type, String content) {
    switch (type) {
      case "message/delivery-status", "message/global-delivery-status" -> delivery(content);
      case "message/feedback-report" -> feedback(content);
      case "message/disposition-notification", "message/global-disposition-notification" ->
          kind = kind.or(() -> Optional.of(Kind.DISPOSITION));
      case "message/rfc822", "message/global", "message/global-headers", "text/rfc822-headers" ->
          returned(content);
      default -> {}
    }
  }

  /** The report, when there was one. */
  Optional<Report> done() {
    return kind.map(
        k -> new Report(k, List.copyOf(recipients), feedback, complained, attempt, returned));
  }

  private void delivery(String content) {
    if (kind.isEmpty()) kind = Optional.of(Kind.DELIVERY);
    for (Fields fields : Fields.groups(content)) {
      boolean aboutRecipient = fields.has("Final-Recipient") || fields.has("Action");
      if (!aboutRecipient) continue;
      Optional<String> address =
          typed(fields.get("Original-Recipient")).or(() -> typed(fields.get("Final-Recipient")));
      recipients.add(
          new Recipient(
              fields.get("Action").toLowerCase(Locale.ROOT),
              StatusCode.of(fields.get("Status"), fields.get("Diagnostic-Code")),
              address));
    }
  }

  private void feedback(String content) {
    kind = Optional.of(Kind.COMPLAINT);
    for (Fields fields : Fields.groups(content)) {
      if (fields.has("Feedback-Type")) {
        feedback = Optional.of(fields.get("Feedback-Type").strip().toLowerCase(Locale.ROOT));
      }
      if (complained.isEmpty()) complained = Names.address(fields.get("Original-Rcpt-To"));
      returned.addAll(Names.addresses(fields.get("Original-Mail-From")));
    }
  }

  private void returned(String content) {
    List<Fields> groups = Fields.groups(content);
    if (groups.isEmpty()) return;
    Fields headers = groups.get(0);
    if (attempt.isEmpty()) attempt = Names.attempt(headers.get("Message-ID"));
    for (String name : OURS) returned.addAll(Names.addresses(headers.get(name)));
  }

  /** An address with its type before it: {@code rfc822;ann@example.com}. */
  private static Optional<String> typed(String field) {
    return Names.address(field.substring(field.indexOf(';') + 1));
  }
}

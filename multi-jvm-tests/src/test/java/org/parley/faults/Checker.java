package org.parley.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Judges a marketing campaign of one step by what the carrier wrote down and what the node reports:
 * nobody forgotten, nobody contacted twice, nothing claimed that did not happen. Pure.
 */
final class Checker {
  private static final Set<String> ENDS = Set.of("delivered", "failed", "suppressed", "unknown");
  private static final int SHOWN = 10;

  /**
   * What became of a recipient, as the node reports it.
   *
   * @param attempt empty when none was made
   * @param reason why it failed, was refused or is in doubt; may be empty
   */
  record Recipient(String customerId, String state, String attempt, String reason) {}

  /**
   * All that is known of a campaign that has ended.
   *
   * @param audience the addresses by customer id
   * @param totals how many recipients are in each state, {@code accepted} and {@code pending}
   */
  record Evidence(
      Map<String, String> audience,
      List<Ledger.Line> ledger,
      List<Recipient> recipients,
      Map<String, Long> totals) {

    /** How many recipients the node reports in a state. */
    long total(String state) {
      return totals.getOrDefault(state, -1L);
    }
  }

  /**
   * Something that must not be.
   *
   * @param invariant which one of the architecture's it breaks: I1 to I7
   */
  record Finding(String invariant, String text) {
    @Override
    public String toString() {
      return invariant + ": " + text;
    }
  }

  private final Evidence evidence;
  private final List<Finding> findings = new ArrayList<>();

  private Checker(Evidence evidence) {
    this.evidence = evidence;
  }

  /** What is wrong, a sentence each; empty when all is well. */
  static List<String> judge(Evidence evidence) {
    List<String> texts = findings(evidence).stream().map(Finding::text).toList();
    int more = texts.size() - SHOWN;
    if (more <= 0) return texts;
    List<String> shown = new ArrayList<>(texts.subList(0, SHOWN));
    shown.add("and " + more + " more");
    return shown;
  }

  /** All that is wrong. */
  static List<Finding> findings(Evidence evidence) {
    Checker checker = new Checker(evidence);
    checker.everybodyHasOneEnd();
    checker.totalsAddUp();
    checker.nobodyIsSentTwice();
    checker.reportAndLedgerAgree();
    return checker.findings;
  }

  private void found(String invariant, String text) {
    findings.add(new Finding(invariant, text));
  }

  private void everybodyHasOneEnd() {
    Set<String> seen = new HashSet<>();
    for (Recipient recipient : evidence.recipients()) {
      String id = recipient.customerId();
      if (!evidence.audience().containsKey(id)) found("I1", id + " is not in the audience");
      if (!seen.add(id)) found("I1", id + " is reported twice");
      if (!ENDS.contains(recipient.state())) {
        found("I1", id + " has not ended: " + recipient.state());
      }
    }
    for (String id : evidence.audience().keySet()) {
      if (!seen.contains(id)) found("I1", id + " is forgotten");
    }
  }

  private void totalsAddUp() {
    Map<String, Long> counted = new TreeMap<>();
    ENDS.forEach(state -> counted.put(state, 0L));
    evidence.recipients().forEach(r -> counted.merge(r.state(), 1L, Long::sum));
    counted.put("accepted", (long) evidence.audience().size());
    counted.put("pending", 0L);
    if (!counted.equals(new TreeMap<>(evidence.totals()))) {
      found("I6", "the progress says " + evidence.totals() + " and the recipients " + counted);
    }
  }

  private void nobodyIsSentTwice() {
    Set<String> attempts = new HashSet<>();
    Set<String> addresses = new HashSet<>();
    for (Ledger.Line line : evidence.ledger()) {
      if (line.attempt().isEmpty()) found("I2", "a message to " + line + " has no attempt id");
      if (!attempts.add(line.attempt())) found("I2", "attempt sent twice: " + line.attempt());
      if (!addresses.add(line.recipient())) found("I2", "sent to twice: " + line.recipient());
    }
  }

  private void reportAndLedgerAgree() {
    Map<String, String> sent = new HashMap<>();
    evidence.ledger().forEach(line -> sent.put(line.recipient(), line.attempt()));
    for (Recipient recipient : evidence.recipients()) {
      String address = evidence.audience().getOrDefault(recipient.customerId(), "");
      String attempt = sent.remove(address);
      boolean delivered = recipient.state().equals("delivered");
      boolean mayBeSent = delivered || recipient.state().equals("unknown");
      if (delivered && attempt == null) {
        found("I2", recipient + " is reported delivered, and the carrier has nothing");
      } else if (attempt != null && !mayBeSent) {
        found("I2", recipient + " was sent, and is not reported so");
      } else if (attempt != null && !attempt.equals(recipient.attempt())) {
        found("I2", recipient + " was sent as attempt " + attempt);
      }
    }
    sent.keySet().forEach(address -> found("I2", "sent to somebody who is not there: " + address));
  }
}

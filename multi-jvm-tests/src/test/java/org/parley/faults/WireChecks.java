package org.parley.faults;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.parley.faults.Checker.Finding;

/** Judges when messages came to the carrier, and how many to one customer. Pure. */
final class WireChecks {
  private WireChecks() {}

  /**
   * I4: nothing starts on the wire later than the grant's life after the grant.
   *
   * @param limit the grant's life, and what the way from a node's last look to the carrier may take
   */
  static List<Finding> inTime(List<Ledger.Line> lines, List<Records.Grant> grants, Duration limit) {
    Map<String, Instant> grantedAt = new HashMap<>();
    grants.forEach(grant -> grantedAt.put(grant.attempt(), grant.grantedAt()));
    List<Finding> found = new ArrayList<>();
    for (Ledger.Line line : lines) {
      Instant granted = grantedAt.get(line.attempt());
      if (granted == null) continue; // what was granted again is not this grant
      Duration took = Duration.between(granted, line.begun());
      if (took.compareTo(limit) > 0) {
        String text = line.attempt() + " started " + took.toMillis() + " ms after its grant";
        found.add(new Finding("I4", text));
      }
    }
    return found;
  }

  /**
   * I4: nothing starts on the wire later than the grant's life after an acknowledged opt-out.
   *
   * @param optOuts when each was acknowledged, by address
   * @param limit as above
   */
  static List<Finding> notAfterOptOut(
      List<Ledger.Line> lines, Map<String, Instant> optOuts, Duration limit) {
    List<Finding> found = new ArrayList<>();
    for (Ledger.Line line : lines) {
      Instant out = optOuts.get(line.recipient());
      if (out == null) continue;
      Duration later = Duration.between(out, line.begun());
      if (later.compareTo(limit) > 0) {
        String text = line.attempt() + " started " + later.toMillis() + " ms after the opt-out";
        found.add(new Finding("I4", text));
      }
    }
    return found;
  }

  /** I5: no more than so many messages to one address. */
  static List<Finding> capped(List<Ledger.Line> lines, int cap) {
    Map<String, Integer> counts = new HashMap<>();
    lines.forEach(line -> counts.merge(line.recipient(), 1, Integer::sum));
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() > cap)
        .map(e -> new Finding("I5", e.getKey() + " got " + e.getValue() + ", and " + cap + " may"))
        .toList();
  }

  /** I3: to one address, messages start in the order of their grants. */
  static List<Finding> inOrder(List<Ledger.Line> lines, List<Records.Grant> grants) {
    Map<String, Instant> grantedAt = new HashMap<>();
    grants.forEach(grant -> grantedAt.put(grant.attempt(), grant.grantedAt()));
    List<Ledger.Line> ordered = new ArrayList<>(lines);
    ordered.sort(Comparator.comparing(Ledger.Line::begun));
    Map<String, Instant> latest = new HashMap<>();
    List<Finding> found = new ArrayList<>();
    for (Ledger.Line line : ordered) {
      Instant granted = grantedAt.get(line.attempt());
      if (granted == null) continue;
      Instant before = latest.put(line.recipient(), granted);
      if (before != null && granted.isBefore(before)) {
        found.add(new Finding("I3", line.attempt() + " started after one that was granted later"));
      }
    }
    return found;
  }

  /**
   * Timers: to each address a first step goes once, and the one that follows it goes once and not
   * before its wait is over, both by the carrier's clock.
   *
   * @param followUps the attempts at the step that follows
   * @param wait from the first one's acceptance
   * @param tolerance how far two nodes may be apart about the time
   */
  static List<Finding> inItsTime(
      List<Ledger.Line> lines, Set<String> followUps, Duration wait, Duration tolerance) {
    List<Finding> found = new ArrayList<>();
    Map<String, Ledger.Line> first = new HashMap<>();
    Map<String, Ledger.Line> second = new HashMap<>();
    for (Ledger.Line line : lines) {
      boolean follows = followUps.contains(line.attempt());
      if ((follows ? second : first).putIfAbsent(line.recipient(), line) == null) continue;
      String step = follows ? "second" : "first";
      found.add(new Finding("timer", "the " + step + " step twice to " + line.recipient()));
    }
    second.forEach(
        (recipient, line) -> {
          Ledger.Line before = first.get(recipient);
          if (before == null) {
            found.add(new Finding("timer", "the second step only to " + recipient));
            return;
          }
          Duration early = wait.minus(Duration.between(before.at(), line.begun()));
          if (early.compareTo(tolerance) > 0) {
            String text = line.attempt() + " started " + early.toMillis() + " ms early";
            found.add(new Finding("timer", text));
          }
        });
    return found;
  }

  /** I6: the counters and the rows of single customers say the same. */
  static List<Finding> reported(Map<String, Long> totals, Map<String, Long> rows) {
    List<Finding> found = new ArrayList<>();
    for (String state : List.of("delivered", "failed", "suppressed", "unknown")) {
      long counted = totals.getOrDefault(state, 0L);
      long listed = rows.getOrDefault(state, 0L);
      if (counted != listed) {
        found.add(
            new Finding("I6", counted + " are counted " + state + ", and there are " + listed));
      }
    }
    return found;
  }
}

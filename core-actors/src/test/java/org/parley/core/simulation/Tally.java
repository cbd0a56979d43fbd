package org.parley.core.simulation;

import java.util.EnumMap;
import java.util.Map;

/** How often everything happened, over all schedules. */
final class Tally {
  enum Kind {
    JOURNAL_FAILS,
    JOURNAL_COMMITS_AND_FAILS,
    JOURNAL_FAILS_AND_COMMITS,
    JOURNAL_HANGS,
    JOURNAL_READS_FAIL,
    SECOND_WRITERS,
    TABLES_FAIL,
    MACHINES_KILLED,
    MACHINES_PAUSED,
    ENTITIES_MOVED,
    WORKERS_MOVED,
    WORKERS_DOUBLED,
    MESSAGES_LOST,
    MESSAGES_TWICE,
    CLOCK_STEPS,
    PAUSES,
    CANCELS,
    OPT_OUTS,
    REPLIES,
    RECEIPTS,
    HANDOFFS,
    SINGLE_MESSAGES,
    WIRE,
    ACCEPTED,
    REJECTED,
    NOT_SENT,
    UNKNOWN,
    LATE_ANSWERS,
    CARRIERS_AWAY,
    GATE_STOPS,
    DELIVERIES
  }

  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);

  void count(Kind kind) {
    count(kind, 1);
  }

  void count(Kind kind, long by) {
    counts.merge(kind, by, Long::sum);
  }

  void add(Tally other) {
    other.counts.forEach(this::count);
  }

  long of(Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (Kind kind : Kind.values()) {
      if (out.length() > 0) out.append(", ");
      out.append(kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
      out.append(' ').append(of(kind));
    }
    return out.toString();
  }
}

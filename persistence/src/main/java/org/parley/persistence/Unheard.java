package org.parley.persistence;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.parley.persistence.lease.CoordinationSettings;

/**
 * Which members the database has not heard of for long, although it hears of this node all that
 * time: they cannot reach it. What a row says of the time is not asked, as clocks are set; only
 * whether the row changes between two looks, and the time in which this node has looked. A look
 * follows each heartbeat that the database took. Nodes are told apart by their uid. Not
 * thread-safe.
 */
final class Unheard {
  private final long self;
  private final CoordinationSettings settings;
  private Map<Long, Silence> silences = Map.of();
  private long lookedNanos;

  /**
   * Of a member.
   *
   * @param lastSeen what its row says; empty when somebody has removed it
   * @param time for how long that has been so before the eyes of this node
   */
  private record Silence(Optional<Instant> lastSeen, Duration time) {
    boolean isShorterThan(Duration limit) {
      return time.compareTo(limit) < 0;
    }
  }

  Unheard(long self, CoordinationSettings settings) {
    this.self = self;
    this.settings = settings;
  }

  /** The database did not answer. It may be away for all, so all silences begin anew. */
  void forget() {
    silences = Map.of();
  }

  /**
   * Whom this node is to put out: nobody, unless it is the oldest of the members that are heard of.
   *
   * @param rows when each node was last seen, in the order of their start
   * @param up the members that are up and reached, with this one
   * @param fromNanos when the heartbeat began before this look, by the monotonic clock
   * @param toNanos when the look was over
   */
  List<Long> look(List<Nodes.Known> rows, Set<Long> up, long fromNanos, long toNanos) {
    Duration passed = passed(fromNanos, toNanos);
    Map<Long, Instant> seen = new HashMap<>();
    rows.forEach(row -> seen.put(row.uid(), row.lastSeen()));
    Map<Long, Silence> now = new HashMap<>();
    for (Long node : up) {
      Optional<Instant> lastSeen = Optional.ofNullable(seen.get(node));
      Silence before = silences.getOrDefault(node, new Silence(lastSeen, Duration.ZERO));
      boolean silent = silences.containsKey(node) && before.lastSeen().equals(lastSeen);
      now.put(node, new Silence(lastSeen, silent ? before.time().plus(passed) : Duration.ZERO));
    }
    silences = now;
    Optional<Long> oldest = rows.stream().map(Nodes.Known::uid).filter(this::isHeard).findFirst();
    if (!oldest.equals(Optional.of(self))) return List.of();
    return up.stream().filter(this::isUnheard).toList();
  }

  private boolean isHeard(Long node) {
    Silence silence = silences.get(node);
    return silence != null && silence.isShorterThan(settings.heardWithin());
  }

  private boolean isUnheard(Long node) {
    Silence silence = silences.get(node);
    return silence != null && !silence.isShorterThan(settings.putOutAfter());
  }

  /**
   * The time since the look before, as far as it counts. A database that was slow may not have
   * heard the others. And while this process, or the machine of all of them, stood still, nobody
   * could say anything.
   */
  private Duration passed(long fromNanos, long toNanos) {
    Duration since = Duration.ofNanos(fromNanos - lookedNanos);
    Duration most = settings.heartbeat().multipliedBy(2);
    lookedNanos = toNanos;
    boolean slow = toNanos - fromNanos > settings.timeout().dividedBy(2).toNanos();
    if (slow) return Duration.ZERO;
    return since.compareTo(most) < 0 ? since : most;
  }
}

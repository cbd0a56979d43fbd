package org.parley.agents.lane;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

/**
 * The domains that a lane sends to. What cannot start for its domain's sake is parked beside the
 * lane's queue, in its order, so that it does not hold up other domains. Not thread-safe; the
 * lane's lock guards it.
 */
final class Domains {
  private static final int SHOWN = 20;

  /** How many of the domains not used for longest are looked at for one to forget. */
  private static final int LOOKED_AT = 32;

  /** With many domains that wait, they are not all looked at for every message. */
  private static final long SCAN_NANOS = 2_000_000;

  private final String carrier;
  private final DomainSettings settings;
  private final InstantSource clock;
  private final Map<String, Domain> known = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<Domain> waiting = new LinkedHashSet<>();
  private final Domain others;
  private int parked;
  private long scanAtNanos;

  /** A job that may start, and where it goes; no domain when it has none. */
  record Start(LaneJob job, @Nullable Domain domain) {}

  /** A job that must not wait, and why. */
  record Refused(LaneJob job, Outcome outcome) {}

  Domains(String carrier, DomainSettings settings, InstantSource clock, long nowNanos) {
    this.carrier = carrier;
    this.settings = settings;
    this.clock = clock;
    this.scanAtNanos = nowNanos;
    this.others = new Domain(settings, settings.usual(), nowNanos);
  }

  /**
   * The next job that may start, out of the parked ones and then the lane's queue. Jobs that cannot
   * start yet are parked on the way, or refused when there is no room or they would not live to see
   * it.
   */
  @Nullable Start next(
      ArrayDeque<LaneJob> urgent,
      ArrayDeque<LaneJob> ordinary,
      long nowNanos,
      List<Refused> refused) {
    Start start = nextParked(nowNanos);
    if (start != null) return start;
    while (true) {
      LaneJob job = urgent.poll();
      if (job == null) job = ordinary.poll();
      if (job == null) return null;
      Domain domain = of(job.attempt(), nowNanos);
      if (domain == null || (domain.parked() == 0 && domain.tryStart(nowNanos))) {
        return new Start(job, domain);
      }
      wait(job, domain, refused);
    }
  }

  /** The domain that waits longest goes first, and then stands behind the others. */
  private @Nullable Start nextParked(long nowNanos) {
    if (waiting.isEmpty() || scanAtNanos - nowNanos > 0) return null;
    Domain ready = null;
    for (Domain domain : waiting) {
      if (domain.tryStart(nowNanos)) {
        ready = domain;
        break;
      }
    }
    if (ready == null) {
      scanAtNanos = nowNanos + SCAN_NANOS;
      return null;
    }
    LaneJob job = ready.poll();
    waiting.remove(ready);
    if (ready.parked() > 0) waiting.add(ready);
    parked--;
    return new Start(Objects.requireNonNull(job, "who waits has something parked"), ready);
  }

  /** An answer came from a domain: something parked for it may start. */
  void answered(Domain domain, Outcome outcome, long nowNanos) {
    domain.answered(outcome, nowNanos);
    scanAtNanos = nowNanos;
  }

  /** Nothing was sent to a domain after all. */
  void withdraw(Domain domain, long nowNanos) {
    domain.withdraw();
    scanAtNanos = nowNanos;
  }

  private void wait(LaneJob job, Domain domain, List<Refused> refused) {
    if (domain.outlasts(job.attempt())) {
      refused.add(refused(job, "domainBackoff", "the domain asked to be left alone for now"));
    } else if (!domain.hasRoom()) {
      refused.add(refused(job, "domainFull", "too many attempts wait for the domain"));
    } else {
      domain.park(job);
      parked++;
      waiting.add(domain);
    }
  }

  private Refused refused(LaneJob job, String reason, String detail) {
    return new Refused(job, Outcome.notSent(carrier, reason, detail));
  }

  /** Takes out those that would not live to see the end of their domain's pause. */
  List<Refused> outlasted(long nowNanos) {
    List<Refused> refused = new ArrayList<>();
    for (LaneJob job : jobs()) {
      Domain domain = of(job.attempt(), nowNanos);
      if (domain != null && domain.outlasts(job.attempt()) && remove(job)) {
        refused.add(refused(job, "domainBackoff", "the domain asked to be left alone for now"));
      }
    }
    return refused;
  }

  /** How many are parked. */
  int parked() {
    return parked;
  }

  /** All that are parked. */
  List<LaneJob> jobs() {
    List<LaneJob> jobs = new ArrayList<>(parked);
    for (Domain domain : waiting) domain.parkedInto(jobs);
    return jobs;
  }

  boolean remove(LaneJob job) {
    Domain holder = null;
    for (Domain domain : waiting) {
      if (domain.remove(job)) {
        holder = domain;
        break;
      }
    }
    if (holder == null) return false;
    parked--;
    if (holder.parked() == 0) waiting.remove(holder);
    return true;
  }

  void clear() {
    for (Domain domain : waiting) domain.clear();
    waiting.clear();
    parked = 0;
  }

  /** How long until time lets a parked job start, in nanoseconds; 0 when time does not decide. */
  long waitNanos(long nowNanos) {
    long shortest = 0;
    for (Domain domain : waiting) {
      long wait = domain.waitNanos(nowNanos);
      if (wait > 0 && (shortest == 0 || wait < shortest)) shortest = wait;
    }
    return shortest == 0 ? 0 : Math.max(shortest, scanAtNanos - nowNanos);
  }

  /** How many domains are left alone now, for those who watch. */
  int backingOff(long nowNanos) {
    int count = 0;
    for (Domain domain : known.values()) if (domain.pauseNanos(nowNanos) > 0) count++;
    return count;
  }

  /** Which are left alone now and until when, in words; at most {@value #SHOWN}, longest first. */
  List<String> backOffs(long nowNanos) {
    return known.entrySet().stream()
        .filter(each -> each.getValue().pauseNanos(nowNanos) > 0)
        .sorted(Comparator.comparingLong(each -> -each.getValue().pauseNanos(nowNanos)))
        .limit(SHOWN)
        .map(
            each ->
                each.getKey()
                    + " until "
                    + clock
                        .instant()
                        .plusNanos(each.getValue().pauseNanos(nowNanos))
                        .truncatedTo(ChronoUnit.SECONDS))
        .toList();
  }

  /** How many domains are known, for those who watch. */
  int remembered() {
    return known.size();
  }

  private @Nullable Domain of(Attempt attempt, long nowNanos) {
    if (attempt.channel() != Channel.EMAIL || !settings.tellsApart()) return null;
    String address = attempt.address();
    String name = address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
    Domain domain = known.get(name);
    if (domain != null) return domain;
    if (known.size() >= settings.remembered() && !forgetOne(nowNanos)) return others;
    Domain fresh = new Domain(settings, settings.of(name), nowNanos);
    known.put(name, fresh);
    return fresh;
  }

  /** Forgets a domain that has nothing under way; false when all that were looked at have. */
  private boolean forgetOne(long nowNanos) {
    Iterator<Domain> eldest = known.values().iterator();
    for (int i = 0; i < LOOKED_AT && eldest.hasNext(); i++) {
      if (!eldest.next().isIdle(nowNanos)) continue;
      eldest.remove();
      return true;
    }
    return false;
  }
}

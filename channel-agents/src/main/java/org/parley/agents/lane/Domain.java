package org.parley.agents.lane;

import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Category;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

/**
 * A domain that receives: its pace, what is on the wire to it, what waits for it, and how long it
 * is left alone after it put something off. Each deferral doubles the pause, jittered; each success
 * halves it again, and until the last the domain gets fewer connections. Not thread-safe; the
 * lane's lock guards it.
 */
final class Domain {
  /** What a server says when it puts off; a full mailbox says nothing of its domain. */
  private static final Set<String> PUT_OFF =
      Set.of("deferred", "policyDeferred", "greylisted", "mailboxBusy");

  private static final int MAX_LEVEL = 20;

  private final DomainSettings settings;
  private final DomainSettings.Limits limits;
  private final Pace pace;
  private final ArrayDeque<LaneJob> urgent = new ArrayDeque<>();
  private final ArrayDeque<LaneJob> ordinary = new ArrayDeque<>();
  private int onWire;
  private int level;
  private long readyAtNanos;

  Domain(DomainSettings settings, DomainSettings.Limits limits, long nowNanos) {
    this.settings = settings;
    this.limits = limits;
    this.pace = new Pace(limits.perSecond(), nowNanos);
    this.readyAtNanos = nowNanos;
  }

  static boolean isPutOff(Outcome outcome) {
    return outcome.kind() == Outcome.Kind.NOT_SENT
        && outcome.reason().map(PUT_OFF::contains).orElse(false);
  }

  /** Takes a place on the wire, if one is free and it is time. */
  boolean tryStart(long nowNanos) {
    boolean free = pauseNanos(nowNanos) == 0 && onWire < connections();
    if (!free || !pace.tryTake(nowNanos)) return false;
    onWire++;
    return true;
  }

  /** How long it is left alone, in nanoseconds; 0 when it is not. */
  long pauseNanos(long nowNanos) {
    return level == 0 ? 0 : Math.max(0, readyAtNanos - nowNanos);
  }

  /** How long until something may start, as far as time decides; 0 when a connection decides. */
  long waitNanos(long nowNanos) {
    if (onWire >= connections()) return 0;
    return Math.max(pauseNanos(nowNanos), pace.waitNanos(nowNanos));
  }

  /** Nothing was sent after all. */
  void withdraw() {
    onWire--;
    pace.giveBack();
  }

  /** An answer came. */
  void answered(Outcome outcome, long nowNanos) {
    onWire--;
    // Those under way when the pause began do not make it longer.
    if (isPutOff(outcome)) {
      if (pauseNanos(nowNanos) == 0) backOff(nowNanos);
    } else if (outcome.kind() == Outcome.Kind.ACCEPTED && level > 0) {
      level--;
      readyAtNanos = nowNanos;
    }
  }

  private void backOff(long nowNanos) {
    level = Math.min(MAX_LEVEL, level + 1);
    long most = settings.backoffMax().toNanos();
    long pause = settings.backoffMin().toNanos();
    for (int i = 1; i < level && pause < most; i++) pause *= 2;
    pause = Math.min(pause, most);
    readyAtNanos = nowNanos + pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
  }

  /** The domain's part of the wire, halved for each deferral that is not made good. */
  private int connections() {
    return Math.max(1, limits.connections() >> level);
  }

  boolean hasRoom() {
    return parked() < settings.queue();
  }

  void park(LaneJob job) {
    queue(job).add(job);
  }

  @Nullable LaneJob poll() {
    LaneJob job = urgent.poll();
    return job != null ? job : ordinary.poll();
  }

  boolean remove(LaneJob job) {
    return queue(job).remove(job);
  }

  int parked() {
    return urgent.size() + ordinary.size();
  }

  void parkedInto(java.util.Collection<LaneJob> jobs) {
    jobs.addAll(urgent);
    jobs.addAll(ordinary);
  }

  void clear() {
    urgent.clear();
    ordinary.clear();
  }

  /** Whether forgetting it changes nothing. */
  boolean isIdle(long nowNanos) {
    return onWire == 0 && parked() == 0 && pauseNanos(nowNanos) == 0;
  }

  /** Whether the pause goes on when the attempt's grant has ended. */
  boolean outlasts(Attempt attempt) {
    return level > 0 && readyAtNanos - attempt.deadlineNanos() > 0;
  }

  private ArrayDeque<LaneJob> queue(LaneJob job) {
    return job.attempt().category() == Category.TRANSACTIONAL ? urgent : ordinary;
  }
}

package org.parley.agents.budget;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Lends a carrier's rate to nodes, a little at a time. A node that has heard no answer for the
 * patience lives on its own share of the rate, and nobody can tell it not to. So the book lends
 * only the part of those members that have heard it lately, which it knows because their questions
 * say which answer they heard; the part of all others is theirs. What it lends and what they send
 * together is, in any stretch of time, no more than the rate allows for that stretch and two lease
 * periods.
 *
 * <p>It lends nothing in its own first period, because what an earlier book has lent may still be
 * used in it. It knows no clock and no actor.
 */
final class LeaseBook {
  /**
   * What a node asks.
   *
   * @param number the node's own, from 1
   * @param heard the number of the question whose answer it heard last; 0 for none
   * @param wanted how many it could use in a period; 0 when it only says that it is there
   * @param perSecond the carrier's rate as the node has it configured; the lowest of all holds
   */
  record Question(String node, long number, long heard, int wanted, int perSecond) {}

  /**
   * What a node gets.
   *
   * @param tokens how many attempts it may start within a lease period from its question on
   * @param againNanos when asking again is of use
   */
  record Lease(int tokens, long againNanos) {}

  /** What is known of a node that asks. */
  private static final class Asker {
    private int perSecond;
    private long number;
    private long answeredAtNanos;
    private boolean hasHeard;
    private long heardAtNanos;
    private boolean hasWanted;
    private long wantedAtNanos;

    void asks(Question question, long nowNanos) {
      if (number > 0 && question.heard() == number) {
        hasHeard = true;
        heardAtNanos = answeredAtNanos;
      }
      perSecond = question.perSecond();
      number = question.number();
      answeredAtNanos = nowNanos;
      if (question.wanted() == 0) return;
      hasWanted = true;
      wantedAtNanos = nowNanos;
    }
  }

  private static final int FORGOTTEN_AFTER_PERIODS = 5;

  private final long periodNanos;
  private final long patienceNanos;
  private final long startNanos;
  private final Map<String, Asker> askers = new HashMap<>();
  private final Set<String> without = new HashSet<>();
  private final TokenBucket bucket;
  private double perSecond;

  /**
   * @param period how long is lent
   * @param patience after how long without an answer a node lives on its own share
   */
  LeaseBook(Duration period, Duration patience, long nowNanos) {
    this.periodNanos = period.toNanos();
    this.patienceNanos = patience.toNanos();
    this.startNanos = nowNanos + periodNanos;
    this.bucket = new TokenBucket(0, 1, startNanos);
  }

  /**
   * Lends.
   *
   * @param senders all members of the cluster that may use the carrier
   */
  Lease lend(Question question, Set<String> senders, long nowNanos) {
    askers.keySet().retainAll(senders);
    without.retainAll(senders);
    if (!senders.contains(question.node())) return new Lease(0, periodNanos);
    without.remove(question.node());
    Asker asker = askers.computeIfAbsent(question.node(), ignored -> new Asker());
    asker.asks(question, nowNanos);
    adapt(senders.size(), nowNanos);
    if (nowNanos - startNanos < 0) return new Lease(0, startNanos - nowNanos);
    if (question.wanted() == 0 || !hears(asker, nowNanos)) return new Lease(0, 1);
    int share = (int) Math.max(1, Math.ceil(perPeriod() / wanting(nowNanos)));
    int lent = bucket.take(Math.min(question.wanted(), share), nowNanos);
    long again = lent > 0 ? 1 : bucket.waitNanos(Math.max(1, share / 2), nowNanos);
    return new Lease(lent, again);
  }

  /** A node does not use the carrier, and has no share of its rate. */
  void isWithout(String node) {
    without.add(node);
  }

  /** Of whom nothing has been heard yet: their shares are left to them. */
  Set<String> strangers(Set<String> senders) {
    Set<String> strangers = new HashSet<>(senders);
    strangers.removeAll(askers.keySet());
    strangers.removeAll(without);
    return strangers;
  }

  private boolean hears(Asker asker, long nowNanos) {
    return asker.hasHeard && nowNanos - asker.heardAtNanos < patienceNanos;
  }

  private int wanting(long nowNanos) {
    int count = 0;
    for (Asker asker : askers.values()) {
      boolean lately = nowNanos - asker.wantedAtNanos <= FORGOTTEN_AFTER_PERIODS * periodNanos;
      if (asker.hasWanted && lately) count++;
    }
    return count;
  }

  private void adapt(int senders, long nowNanos) {
    int lowest = Integer.MAX_VALUE;
    int hearing = 0;
    for (Asker asker : askers.values()) {
      lowest = Math.min(lowest, asker.perSecond);
      if (hears(asker, nowNanos)) hearing++;
    }
    double rate = (double) lowest * hearing / (senders - without.size());
    if (rate == perSecond) return;
    perSecond = rate;
    bucket.resize(perSecond, perPeriod(), nowNanos);
  }

  private double perPeriod() {
    return perSecond * (periodNanos / 1e9);
  }
}

package org.parley.agents.budget;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.parley.agents.lane.Budget;

/**
 * What one node has of a carrier's rate. While somebody lends, it asks for more before it has used
 * up what it has, so a question per lease and none per message, and holds what it is lent for one
 * lease period from the question on. It asks also when it needs nothing, so that the lender knows
 * that it is heard. When it has heard no answer for the patience it lives on its own share: the
 * rate over the number of members that may send, evenly, and each member at its own time.
 * Thread-safe; it calls nobody while it holds its lock.
 */
final class LeasedBudget implements Budget {
  /** The lender must hear within the patience that its answer before the last one was heard. */
  private static final int QUESTIONS_PER_PATIENCE = 4;

  private static final long ANSWER_NANOS = Duration.ofMillis(20).toNanos();

  /** Sends a question. */
  interface Asking {
    /**
     * Sends one.
     *
     * @param number its number, from 1
     * @param heard the number of the one whose answer was heard last; 0 for none
     * @param wanted how many tokens could be used; 0 when none are needed
     */
    void ask(long number, long heard, int wanted);
  }

  /** What one answer has brought. */
  private static final class Lot {
    private final long untilNanos;
    private int tokens;

    Lot(int tokens, long untilNanos) {
      this.tokens = tokens;
      this.untilNanos = untilNanos;
    }
  }

  /** What it has while nobody lends. */
  private record Own(Share share, TokenBucket bucket) {}

  private final int perSecond;
  private final long periodNanos;
  private final long patienceNanos;
  private final LongSupplier nanoClock;
  private final Supplier<Share> share;
  private final Asking asking;
  private final int floor;
  private final int ceiling;

  // Guarded by this.
  private final ArrayDeque<Lot> lots = new ArrayDeque<>();
  private @Nullable Own own;
  private int used;
  private boolean hungry = true;
  private boolean open;
  private long question;
  private int wanted;
  private long askedAtNanos;
  private long notBeforeNanos;
  private long heard;
  private long heardAtNanos;
  private Runnable whenMore = () -> {};

  /**
   * @param perSecond the carrier's rate
   * @param period how long is lent
   * @param patience after how long without an answer it lives on its own share; more than a period
   * @param share what that is a share of
   * @param asking sends a question
   */
  LeasedBudget(
      int perSecond,
      Duration period,
      Duration patience,
      LongSupplier nanoClock,
      Supplier<Share> share,
      Asking asking) {
    this.perSecond = perSecond;
    this.periodNanos = period.toNanos();
    this.patienceNanos = patience.toNanos();
    this.nanoClock = nanoClock;
    this.share = share;
    this.asking = asking;
    this.ceiling = (int) Math.max(1, Math.ceil(perPeriod(perSecond)));
    this.floor = Math.max(1, ceiling / 10);
    this.notBeforeNanos = nanoClock.getAsLong();
    this.heardAtNanos = notBeforeNanos;
    this.askedAtNanos = notBeforeNanos - patienceNanos;
  }

  @Override
  public boolean tryTake(long nowNanos) {
    boolean taken;
    synchronized (this) {
      Lot oldest = oldest(nowNanos);
      if (oldest != null) {
        oldest.tokens--;
        taken = true;
      } else {
        hungry = true;
        TokenBucket mine = own(nowNanos);
        taken = mine != null && mine.tryTake(nowNanos);
      }
      if (taken) used++;
    }
    askForMore(nowNanos);
    return taken;
  }

  @Override
  public synchronized void giveBack() {
    Lot oldest = lots.peek();
    if (oldest != null) oldest.tokens++;
    else if (own != null) own.bucket().put(1);
    if (used > 0) used--;
  }

  @Override
  public synchronized long waitNanos(long nowNanos) {
    TokenBucket mine = own(nowNanos);
    if (mine != null) return mine.waitNanos(1, nowNanos);
    // An answer that brings something calls by itself.
    long wait = notBeforeNanos - nowNanos;
    return wait > 0 ? wait : ANSWER_NANOS;
  }

  @Override
  public synchronized double ownPerSecond(long nowNanos) {
    return own(nowNanos) == null ? 0 : (double) perSecond / share.get().of();
  }

  @Override
  public synchronized boolean isLost(long nowNanos) {
    return isUnheard(nowNanos) && share.get().isNone();
  }

  @Override
  public synchronized void whenMore(Runnable task) {
    whenMore = task;
  }

  /** An answer has come. */
  void lent(long number, int count, long againNanos) {
    Runnable task;
    synchronized (this) {
      if (number != question || !open) return;
      long now = nanoClock.getAsLong();
      open = false;
      own = null;
      heard = number;
      heardAtNanos = now;
      if (count > 0) lots.add(new Lot(count, askedAtNanos + periodNanos));
      if (wanted > 0) {
        hungry &= count == 0;
        notBeforeNanos = now + againNanos;
      }
      task = whenMore;
    }
    if (count > 0) task.run();
  }

  /** Asks when it is time to; to be called several times in a patience. */
  void tick() {
    long now = nanoClock.getAsLong();
    synchronized (this) {
      // Its own share grows from the moment on when it may be used.
      TokenBucket unused = own(now);
    }
    askForMore(now);
  }

  private void askForMore(long nowNanos) {
    long number;
    long last;
    int count;
    synchronized (this) {
      // The lender takes who asks for one that lives on what it is lent.
      if (share.get().isNone()) return;
      boolean due = nowNanos - askedAtNanos >= patienceNanos / QUESTIONS_PER_PATIENCE;
      boolean more = (hungry || isLow(nowNanos)) && nowNanos - notBeforeNanos >= 0;
      if (!due && (open || !more)) return;
      open = true;
      askedAtNanos = nowNanos;
      number = ++question;
      last = heard;
      count = more ? Math.min(ceiling, Math.max(floor, 2 * used)) : 0;
      if (more) used = 0;
      wanted = count;
    }
    asking.ask(number, last, count);
  }

  /** What it has of its own; null while somebody lends, or when it is no member that may send. */
  private @Nullable TokenBucket own(long nowNanos) {
    Share now = isUnheard(nowNanos) ? share.get() : Share.NONE;
    if (now.isNone()) {
      own = null;
      return null;
    }
    double rate = (double) perSecond / now.of();
    Own known = own;
    if (known == null) {
      TokenBucket bucket = new TokenBucket(0, 1, nowNanos);
      bucket.resize(rate, perPeriod(rate), nowNanos);
      // So that those who begin together do not each begin with a message.
      bucket.put((double) now.rank() / now.of());
      known = new Own(now, bucket);
    } else if (!known.share().equals(now)) {
      known.bucket().resize(rate, perPeriod(rate), nowNanos);
      known = new Own(now, known.bucket());
    }
    own = known;
    return known.bucket();
  }

  private boolean isUnheard(long nowNanos) {
    return nowNanos - heardAtNanos >= patienceNanos;
  }

  private double perPeriod(double rate) {
    return rate * (periodNanos / 1e9);
  }

  /** Whether what is left is less than half of what was used since the latest question. */
  private boolean isLow(long nowNanos) {
    if (used == 0 || oldest(nowNanos) == null) return false;
    int left = 0;
    for (Lot lot : lots) left += lot.tokens;
    return left * 2 < Math.max(used, floor);
  }

  /** The lot to use next; what is used up or over is forgotten. */
  private @Nullable Lot oldest(long nowNanos) {
    while (true) {
      Lot lot = lots.peek();
      if (lot == null || (lot.tokens > 0 && lot.untilNanos - nowNanos > 0)) return lot;
      lots.remove();
    }
  }
}

package org.parley.agents.budget;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.parley.agents.lane.Budget;

/**
 * What one node has been lent of a carrier's rate. It asks for more before it has used up what it
 * has, so a question per lease and none per message, and holds what it is lent for one lease period
 * from the question on. Thread-safe; it calls nobody while it holds its lock.
 */
final class LeasedBudget implements Budget {
  private static final Duration ASK_AGAIN = Duration.ofMillis(500);
  private static final long ANSWER_NANOS = Duration.ofMillis(20).toNanos();

  /** What one answer has brought. */
  private static final class Lot {
    private final long untilNanos;
    private int tokens;

    Lot(int tokens, long untilNanos) {
      this.tokens = tokens;
      this.untilNanos = untilNanos;
    }
  }

  private final long periodNanos;
  private final long patienceNanos;
  private final LongSupplier nanoClock;
  private final BiConsumer<Long, Integer> ask;
  private final int floor;
  private final int ceiling;

  // Guarded by this.
  private final ArrayDeque<Lot> lots = new ArrayDeque<>();
  private int used;
  private boolean hungry = true;
  private boolean asking;
  private long question;
  private long askedAtNanos;
  private long notBeforeNanos;
  private boolean silent;
  private long silentSinceNanos;
  private Runnable whenMore = () -> {};

  /**
   * @param patience without an answer for so long it is lost
   * @param ask sends a question: its number, and how many tokens could be used
   */
  LeasedBudget(
      int perSecond,
      Duration period,
      Duration patience,
      LongSupplier nanoClock,
      BiConsumer<Long, Integer> ask) {
    this.periodNanos = period.toNanos();
    this.patienceNanos = patience.toNanos();
    this.nanoClock = nanoClock;
    this.ask = ask;
    this.ceiling = (int) Math.max(1, Math.ceil(perSecond * (periodNanos / 1e9)));
    this.floor = Math.max(1, ceiling / 10);
    this.notBeforeNanos = nanoClock.getAsLong();
  }

  @Override
  public boolean tryTake(long nowNanos) {
    boolean taken;
    synchronized (this) {
      Lot oldest = oldest(nowNanos);
      taken = oldest != null;
      if (oldest == null) {
        hungry = true;
      } else {
        oldest.tokens--;
        used++;
      }
    }
    askForMore(nowNanos);
    return taken;
  }

  @Override
  public synchronized void giveBack() {
    Lot oldest = lots.peek();
    if (oldest != null) oldest.tokens++;
    if (used > 0) used--;
  }

  @Override
  public synchronized long waitNanos(long nowNanos) {
    // An answer that brings something calls by itself.
    return Math.max(asking ? ANSWER_NANOS : 1, notBeforeNanos - nowNanos);
  }

  @Override
  public synchronized boolean isLost(long nowNanos) {
    return silent && nowNanos - silentSinceNanos > patienceNanos;
  }

  @Override
  public synchronized void whenMore(Runnable task) {
    whenMore = task;
  }

  /** An answer has come. */
  void lent(long number, int count, long againNanos) {
    Runnable task;
    synchronized (this) {
      silent = false;
      if (number != question) return;
      asking = false;
      if (count > 0) lots.add(new Lot(count, askedAtNanos + periodNanos));
      notBeforeNanos = nanoClock.getAsLong() + againNanos;
      hungry = false;
      task = whenMore;
    }
    if (count > 0) task.run();
  }

  /** Asks again when an answer is overdue; to be called a few times a second. */
  void tick() {
    askForMore(nanoClock.getAsLong());
  }

  private void askForMore(long nowNanos) {
    long number;
    int wanted;
    synchronized (this) {
      if (asking && nowNanos - askedAtNanos < ASK_AGAIN.toNanos()) return;
      if (!asking && !(hungry || isLow(nowNanos))) return;
      if (nowNanos - notBeforeNanos < 0) return;
      if (!silent) silentSinceNanos = nowNanos;
      silent = true;
      asking = true;
      askedAtNanos = nowNanos;
      number = ++question;
      wanted = Math.min(ceiling, Math.max(floor, 2 * used));
      used = 0;
    }
    ask.accept(number, wanted);
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

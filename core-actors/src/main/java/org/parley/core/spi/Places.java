package org.parley.core.spi;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.parley.core.api.Category;

/**
 * The places of a node's agent pool, taken before a grant and given back after its outcome.
 * Marketing may fill all but a reserve, so that a transactional message finds a place at once. Who
 * waits is bounded too: beyond that the answer is no. Thread-safe.
 */
public final class Places {
  private final int maxWaiting;
  private final int reservePercent;
  private final ArrayDeque<BooleanSupplier> urgent = new ArrayDeque<>();
  private final ArrayDeque<BooleanSupplier> ordinary = new ArrayDeque<>();
  private int capacity;
  private int taken;

  /**
   * @param capacity how many attempts may be under way
   * @param reservePercent the share kept for transactional messages, 0 to 90
   * @param maxWaiting how many may wait for a place, of each category
   */
  public Places(int capacity, int reservePercent, int maxWaiting) {
    this.capacity = capacity;
    this.reservePercent = reservePercent;
    this.maxWaiting = maxWaiting;
  }

  /** Takes a place if one is free and nobody of the same category waits. */
  public synchronized boolean tryTake(Category category) {
    if (!queue(category).isEmpty() || taken >= limit(category)) return false;
    taken++;
    return true;
  }

  /**
   * Waits for a place, as {@link #request} does, for who wants it whenever it comes.
   *
   * @return false when the waiting room is full; the callback never comes then
   */
  public boolean await(Category category, Runnable onPlace) {
    return request(
        category,
        () -> {
          onPlace.run();
          return true;
        });
  }

  /**
   * Waits for a place. The callback runs once, on the thread of whoever gave a place back, with the
   * place already taken for it; it must be quick.
   *
   * @param onPlace says whether the place is still wanted; else it goes to the next
   * @return false when the waiting room is full; the callback never comes then
   */
  public boolean request(Category category, BooleanSupplier onPlace) {
    synchronized (this) {
      if (queue(category).isEmpty() && taken < limit(category)) {
        taken++;
      } else {
        if (queue(category).size() >= maxWaiting) return false;
        queue(category).add(onPlace);
        return true;
      }
    }
    if (!onPlace.getAsBoolean()) release();
    return true;
  }

  /** Gives a place back. */
  public void release() {
    synchronized (this) {
      taken--;
    }
    serve();
  }

  /** Sets how many attempts may be under way; those under way go on. */
  public void resize(int newCapacity) {
    synchronized (this) {
      capacity = newCapacity;
    }
    serve();
  }

  /** A loop: thousands in a row may not want their place any more. */
  private void serve() {
    while (true) {
      BooleanSupplier next;
      synchronized (this) {
        next = next();
      }
      if (next == null) return;
      if (next.getAsBoolean()) continue;
      synchronized (this) {
        taken--;
      }
    }
  }

  public synchronized int capacity() {
    return capacity;
  }

  public synchronized int taken() {
    return taken;
  }

  public synchronized int waiting() {
    return urgent.size() + ordinary.size();
  }

  private @org.jspecify.annotations.Nullable BooleanSupplier next() {
    BooleanSupplier next = taken < capacity ? urgent.poll() : null;
    if (next == null && taken < limit(Category.MARKETING)) next = ordinary.poll();
    if (next != null) taken++;
    return next;
  }

  private ArrayDeque<BooleanSupplier> queue(Category category) {
    return category == Category.TRANSACTIONAL ? urgent : ordinary;
  }

  private int limit(Category category) {
    if (category == Category.TRANSACTIONAL) return capacity;
    return Math.min(capacity, Math.max(1, capacity - capacity * reservePercent / 100));
  }
}

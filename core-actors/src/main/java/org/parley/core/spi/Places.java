package org.parley.core.spi;

import java.util.ArrayDeque;
import org.parley.core.api.Category;

/**
 * The places of a node's agent pool, taken before a grant and given back after its outcome.
 * Marketing may fill all but a reserve, so that a transactional message finds a place at once. Who
 * waits is bounded too: beyond that the answer is no. Thread-safe.
 */
public final class Places {
  private final int maxWaiting;
  private final int reservePercent;
  private final ArrayDeque<Runnable> urgent = new ArrayDeque<>();
  private final ArrayDeque<Runnable> ordinary = new ArrayDeque<>();
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
   * Waits for a place. The callback runs once, on the thread of whoever gave a place back, with the
   * place already taken for it; it must be quick.
   *
   * @return false when the waiting room is full; the callback never comes then
   */
  public boolean await(Category category, Runnable onPlace) {
    synchronized (this) {
      if (queue(category).isEmpty() && taken < limit(category)) {
        taken++;
      } else {
        if (queue(category).size() >= maxWaiting) return false;
        queue(category).add(onPlace);
        return true;
      }
    }
    onPlace.run();
    return true;
  }

  /** Gives a place back. */
  public void release() {
    Runnable next;
    synchronized (this) {
      taken--;
      next = next();
    }
    if (next != null) next.run();
  }

  /** Sets how many attempts may be under way; those under way go on. */
  public void resize(int newCapacity) {
    while (true) {
      Runnable next;
      synchronized (this) {
        capacity = newCapacity;
        next = next();
      }
      if (next == null) return;
      next.run();
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

  private @org.jspecify.annotations.Nullable Runnable next() {
    Runnable next = taken < capacity ? urgent.poll() : null;
    if (next == null && taken < limit(Category.MARKETING)) next = ordinary.poll();
    if (next != null) taken++;
    return next;
  }

  private ArrayDeque<Runnable> queue(Category category) {
    return category == Category.TRANSACTIONAL ? urgent : ordinary;
  }

  private int limit(Category category) {
    if (category == Category.TRANSACTIONAL) return capacity;
    return Math.min(capacity, Math.max(1, capacity - capacity * reservePercent / 100));
  }
}

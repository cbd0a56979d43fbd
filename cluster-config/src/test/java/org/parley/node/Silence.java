package org.parley.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.Parley;
import org.parley.core.spi.AwakeClock;

/**
 * Asks conversations again and again, and measures how long one has not answered. While the machine
 * stands still nobody could.
 */
final class Silence {
  /** What was lost on the way is asked again so soon. */
  private static final Duration PATIENCE = Duration.ofMillis(250);

  private final Parley parley;
  private final List<String> customers;
  private final AwakeClock awake = new AwakeClock(System::nanoTime);
  private final Map<String, Long> askedAt = new ConcurrentHashMap<>();
  private final AtomicLong longestNanos = new AtomicLong();
  private final CountDownLatch answered;
  private final Thread thread = new Thread(this::ask, "silence");
  private volatile boolean over;

  /** Starts to ask, and waits for the first answers. */
  Silence(Parley parley, List<String> customers) throws InterruptedException {
    this.parley = parley;
    this.customers = customers;
    this.answered = new CountDownLatch(customers.size());
    thread.setDaemon(true);
    thread.start();
    if (!answered.await(60, TimeUnit.SECONDS)) throw new AssertionError("nobody answers");
    longestNanos.set(0);
  }

  private void ask() {
    while (!over || !askedAt.isEmpty()) {
      long now = awake.getAsLong();
      for (String customer : customers) {
        if (over || askedAt.putIfAbsent(customer, now) != null) continue;
        again(customer);
      }
      LockSupport.parkNanos(10_000_000);
    }
  }

  private void again(String customer) {
    var unused =
        parley
            .conversation(customer)
            .ask(ConversationAsk.GetContext::new, PATIENCE)
            .whenComplete(
                (context, failure) -> {
                  if (failure != null) {
                    again(customer);
                    return;
                  }
                  Long asked = askedAt.remove(customer);
                  if (asked != null) {
                    longestNanos.accumulateAndGet(awake.getAsLong() - asked, Math::max);
                  }
                  answered.countDown();
                });
  }

  /** Asks no more, waits for the last answers, and tells. */
  long longestMillis() throws InterruptedException {
    over = true;
    thread.join(60_000);
    if (thread.isAlive()) throw new AssertionError("silent to the end: " + askedAt.keySet());
    return longestNanos.get() / 1_000_000;
  }
}

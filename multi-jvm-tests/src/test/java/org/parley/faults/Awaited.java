package org.parley.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Waits for named events. */
final class Awaited {
  /**
   * The longer something may take, the less often it is looked at: looking is work for the nodes.
   */
  private static final int LOOKS = 1000;

  private Awaited() {}

  /**
   * Looks until what it sees is as wanted, and answers that.
   *
   * @param expected names the event, for the failure
   */
  static <T> T await(String expected, Duration limit, Callable<T> look, Predicate<T> wanted) {
    List<T> seen = new ArrayList<>(1);
    try {
      Awaitility.await()
          .pollInSameThread()
          .atMost(limit)
          .pollDelay(Duration.ZERO)
          .pollInterval(limit.dividedBy(LOOKS))
          .until(
              () -> {
                T now = look.call();
                seen.clear();
                seen.add(now);
                return wanted.test(now);
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "expected within " + limit.toSeconds() + " s: " + expected + "; seen last: " + seen, e);
    }
    return seen.get(0);
  }

  /** Waits until something holds. */
  static void await(String expected, Duration limit, Callable<Boolean> holds) {
    boolean unused = await(expected, limit, holds, held -> held);
  }
}

package org.parley.agents.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The arithmetic of leases on a clock that the test turns. */
class LeaseTest {
  private static final Duration PERIOD = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long MILLI = 1_000_000L;

  private long now = 5_000 * MILLI;
  private LeaseBook book = new LeaseBook(PERIOD, now);
  private boolean reachable = true;
  private int questions;
  private final List<Long> sent = new ArrayList<>();

  /** A node that sends as much as it may. */
  private final class Node {
    final LeasedBudget budget;
    int count;

    Node(String name, int perSecond) {
      LeasedBudget[] self = new LeasedBudget[1];
      budget =
          new LeasedBudget(
              perSecond,
              PERIOD,
              PATIENCE,
              () -> now,
              (number, wanted) -> {
                questions++;
                if (!reachable) return;
                LeaseBook.Lease lease = book.lend(name, wanted, perSecond, now);
                self[0].lent(number, lease.tokens(), lease.againNanos());
              });
      self[0] = budget;
    }

    void send(int most) {
      for (int i = 0; i < most && budget.tryTake(now); i++) {
        sent.add(now);
        count++;
      }
    }
  }

  private static void run(Runnable eachMilli, int millis, Runnable turn) {
    for (int i = 0; i < millis; i++) {
      turn.run();
      eachMilli.run();
    }
  }

  private void turn() {
    now += MILLI;
  }

  /** The most that was sent in any stretch of so many milliseconds. */
  private int most(int millis) {
    int most = 0;
    int from = 0;
    for (int to = 0; to < sent.size(); to++) {
      while (sent.get(to) - sent.get(from) >= millis * MILLI) from++;
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  @Test
  void threeNodesTogetherKeepTheRateAndUseIt() {
    List<Node> nodes = List.of(new Node("a", 600), new Node("b", 600), new Node("c", 600));

    run(() -> nodes.forEach(node -> node.send(1000)), 10_000, this::turn);

    assertThat(sent.size()).isBetween(5_500, 6_120);
    assertThat(most(1000)).isLessThanOrEqualTo(600 + 2 * 120);
    for (Node node : nodes) assertThat(node.count).isGreaterThan(600);
  }

  @Test
  void theRateHoldsWhateverTheNodesAskFor() {
    Random random = new Random(7);
    for (int perSecond : new int[] {1, 7, 50, 6000}) {
      sent.clear();
      book = new LeaseBook(PERIOD, now);
      List<Node> nodes = List.of(new Node("a", perSecond), new Node("b", perSecond));
      run(() -> nodes.get(random.nextInt(2)).send(random.nextInt(20)), 5_000, this::turn);
      int lease = Math.max(1, perSecond / 5);
      assertThat(most(1000))
          .as("%s a second", perSecond)
          .isLessThanOrEqualTo(perSecond + 2 * lease);
      assertThat(sent.size()).as("%s a second", perSecond).isGreaterThan(perSecond);
    }
  }

  @Test
  void aNodeAsksOncePerLeaseAndNotPerMessage() {
    Node node = new Node("a", 6000);
    run(() -> node.send(6), 10_000, this::turn);

    assertThat(node.count).isGreaterThan(50_000);
    assertThat(questions).isLessThan(10_000 / 50);
  }

  @Test
  void aBookThatHasMovedLendsNothingForOneLeaseSoThatTheRateHolds() {
    List<Node> nodes = List.of(new Node("a", 1000), new Node("b", 1000));
    for (int move = 0; move < 10; move++) {
      run(() -> nodes.forEach(node -> node.send(1000)), 700, this::turn);
      book = new LeaseBook(PERIOD, now);
      int before = sent.size();
      run(() -> nodes.forEach(node -> node.send(1000)), 199, this::turn);
      assertThat(sent.size() - before).isLessThanOrEqualTo(400);
    }
    assertThat(most(1000)).isLessThanOrEqualTo(1000 + 2 * 200);
  }

  @Test
  void aNodeThatGetsNoAnswerStopsWhenItsLeaseIsOverAndGoesOnWhenItDoes() {
    Node node = new Node("a", 1000);
    run(() -> node.send(2), 1000, this::turn);
    reachable = false;
    run(() -> node.send(2), 250, this::turn);
    int before = node.count;

    run(
        () -> {
          node.send(2);
          node.budget.tick();
        },
        1000,
        this::turn);
    assertThat(node.count).isEqualTo(before);
    assertThat(node.budget.isLost(now)).isFalse();
    run(node.budget::tick, 1500, this::turn);
    assertThat(node.budget.isLost(now)).isTrue();

    reachable = true;
    run(node.budget::tick, 600, this::turn);
    assertThat(node.budget.isLost(now)).isFalse();
    run(() -> node.send(2), 100, this::turn);
    assertThat(node.count).isGreaterThan(before);
  }

  @Test
  void whatIsNotUsedWithinItsLeaseIsGone() {
    Node node = new Node("a", 1000);
    run(() -> node.send(1), 1000, this::turn);
    reachable = false;
    now += 201 * MILLI;

    int before = node.count;
    node.send(1000);

    assertThat(node.count).isEqualTo(before);
  }

  @Test
  void theLowestConfiguredRateHolds() {
    List<Node> nodes = List.of(new Node("a", 1000), new Node("b", 100));
    run(() -> nodes.forEach(node -> node.send(100)), 1000, this::turn);
    sent.clear();
    run(() -> nodes.forEach(node -> node.send(100)), 5000, this::turn);
    assertThat(sent.size()).isLessThanOrEqualTo(540);
  }
}

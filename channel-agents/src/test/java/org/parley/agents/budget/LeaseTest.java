package org.parley.agents.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.parley.agents.budget.Nodes.Node;

/** How the rate is lent while nothing is wrong. */
class LeaseTest {
  private final Nodes nodes = new Nodes(1, 0);

  @Test
  void threeNodesTogetherKeepTheRateAndUseIt() {
    List<Node> all = List.of(nodes.add("a", 600), nodes.add("b", 600), nodes.add("c", 600));
    nodes.lends(all.get(0));

    nodes.run(10_000);

    assertThat(nodes.sent()).isBetween(5_500, 6_120);
    assertThat(nodes.most(1000)).isLessThanOrEqualTo(600 + 2 * 120);
    for (Node node : all) assertThat(node.count()).isGreaterThan(600);
  }

  @Test
  void theRateHoldsWhateverTheNodesAskFor() {
    Random random = new Random(7);
    for (int perSecond : new int[] {1, 7, 50, 6000}) {
      Nodes two = new Nodes(perSecond, 0);
      List<Node> all = List.of(two.add("a", perSecond), two.add("b", perSecond));
      two.lends(all.get(1));
      for (int i = 0; i < 5_000; i++) {
        all.get(random.nextInt(2)).sends(random.nextInt(20));
        two.run(1);
      }
      int lease = Math.max(1, perSecond / 5);
      assertThat(two.most(1000))
          .as("%s a second", perSecond)
          .isLessThanOrEqualTo(perSecond + 2 * lease);
      assertThat(two.sent()).as("%s a second", perSecond).isGreaterThan(perSecond);
    }
  }

  @Test
  void aNodeAsksOncePerLeaseAndNotPerMessage() {
    Node node = nodes.add("a", 6000).sends(6);
    nodes.lends(node);
    nodes.run(10_000);

    assertThat(node.count()).isGreaterThan(50_000);
    assertThat(nodes.questions()).isLessThan(10_000 / 50);
  }

  @Test
  void aNodeThatIsAloneInSendingGetsTheWholeRate() {
    Node busy = nodes.add("a", 1000);
    nodes.lends(nodes.add("b", 1000).sends(0));
    Node idle = nodes.add("c", 1000).sends(0);
    nodes.run(1000);
    nodes.forgetSent();

    nodes.run(5000);

    assertThat(nodes.sent()).isBetween(4_900, 5_400);
    assertThat(busy.ownPerSecond()).isZero();
    assertThat(idle.ownPerSecond()).isZero();
  }

  @Test
  void aBookThatHasMovedLendsNothingForOneLeaseSoThatTheRateHolds() {
    List<Node> all = List.of(nodes.add("a", 1000), nodes.add("b", 1000));
    nodes.lends(all.get(0));
    for (int move = 0; move < 10; move++) {
      nodes.run(700);
      nodes.lends(all.get(move % 2));
      int before = nodes.sent();
      nodes.run(199);
      assertThat(nodes.sent() - before).isLessThanOrEqualTo(400);
    }
    assertThat(nodes.most(1000)).isLessThanOrEqualTo(1000 + 2 * 200);
    assertThat(nodes.sent()).isGreaterThan(5_000);
  }

  @Test
  void whatIsNotUsedWithinItsLeaseIsGone() {
    Node node = nodes.add("a", 1000).sends(1);
    nodes.lends(node);
    nodes.run(1000);
    nodes.cut(node, node);
    node.sends(0);
    nodes.run(201);

    int before = node.count();
    node.sends(1000);
    nodes.run(1);

    assertThat(node.count()).isEqualTo(before);
  }

  @Test
  void theLowestConfiguredRateHolds() {
    Node one = nodes.add("a", 1000);
    Node other = nodes.add("b", 100);
    nodes.lends(one);
    nodes.run(1000);
    nodes.forgetSent();
    nodes.run(5000);
    assertThat(nodes.sent()).isLessThanOrEqualTo(540);
    assertThat(other.count()).isPositive();
  }
}

package org.parley.agents.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.parley.agents.budget.Nodes.Node;
import org.parley.core.api.Channel;

/** What nodes may send of a carrier's rate while nobody lends it to them. */
class OwnShareTest {
  private static final int RATE = 600;
  private static final int PATIENCE = (int) Nodes.PATIENCE.toMillis();
  private static final int LEASE = (int) Nodes.LEASE.toMillis();
  private static final int MARGIN = (int) Nodes.MARGIN.toMillis();
  private static final Percentage WELL = Percentage.withPercentage(5);

  private final Nodes nodes = new Nodes(1, 5);

  private List<Node> members(int count, int perSecond) {
    List<Node> all = new ArrayList<>();
    for (char name = 'a'; all.size() < count; name++) {
      all.add(nodes.add(String.valueOf(name), perSecond));
    }
    return all;
  }

  private static void putOut(List<Node> those, List<Node> by) {
    for (Node one : by) for (Node other : those) one.putsOut(other.toString());
  }

  private static void assertRateHolds(Nodes nodes, int perSecond, int members) {
    for (int millis : new int[] {50, 200, 1000, 5000}) {
      double twoLeases = 2.0 * perSecond * LEASE / 1000;
      assertThat((double) nodes.most(millis))
          .as("in %s ms", millis)
          .isLessThanOrEqualTo((double) perSecond * millis / 1000 + Math.max(members, twoLeases));
    }
  }

  @Test
  void whenTheLenderDiesTheOthersGoOnWithTheirSharesAfterThePatience() {
    List<Node> all = members(3, RATE);
    nodes.lends(all.get(0));
    nodes.run(3000);
    all.get(0).dies();
    nodes.run(PATIENCE + LEASE);
    int before = all.get(1).count();
    nodes.forgetSent();

    nodes.run(10_000);

    assertThat(all.get(1).count() - before).isCloseTo(10 * RATE / 3, WELL);
    assertThat(nodes.sent()).isCloseTo(10 * RATE * 2 / 3, WELL);
    assertThat(nodes.most(1000)).isLessThanOrEqualTo(RATE);
    assertThat(all.get(1).ownPerSecond()).isEqualTo(RATE / 3.0);
    assertThat(all.get(1).isLost()).isFalse();
  }

  @Test
  void whenTheDeadLenderIsPutOutAndAnotherLendsTheFullRateIsBack() {
    List<Node> all = members(3, RATE);
    nodes.lends(all.get(0));
    nodes.run(3000);
    all.get(0).dies();
    nodes.run(8000);
    putOut(all.subList(0, 1), all.subList(1, 3));
    nodes.run(MARGIN);
    nodes.lends(all.get(1));
    nodes.run(1000);
    assertRateHolds(nodes, RATE, 3);
    nodes.forgetSent();

    nodes.run(5000);

    assertThat(nodes.sent()).isCloseTo(5 * RATE, WELL);
    assertThat(all.get(2).ownPerSecond()).isZero();
    assertRateHolds(nodes, RATE, 3);
  }

  @Test
  void twoSidesOfASplitTogetherKeepTheRateUntilOneEndsAndUseMostOfIt() {
    for (int withLender : new int[] {1, 2, 4}) {
      Nodes five = new Nodes(withLender, 5);
      List<Node> all = new ArrayList<>();
      for (String name : List.of("a", "b", "c", "d", "e")) all.add(five.add(name, RATE));
      List<Node> here = all.subList(0, withLender);
      List<Node> there = all.subList(withLender, 5);
      five.lends(all.get(0));
      five.run(3000);

      for (Node one : here) for (Node other : there) five.cutBoth(one, other);
      five.run(7000);
      assertThat(five.most(1000)).isLessThanOrEqualTo(RATE * 7 / 5);
      // The other side wins; this one learns it late.
      putOut(here, there);
      five.run(MARGIN - 100);
      here.forEach(Node::dies);
      five.run(100);
      five.lends(there.get(0));
      assertRateHolds(five, RATE, 5);
      five.run(1000);
      five.forgetSent();
      five.run(3000);

      assertThat(five.sent()).isCloseTo(3 * RATE, WELL);
      assertRateHolds(five, RATE, 5);
    }
  }

  @Test
  void whileTheyAreCutOffTheLenderLendsOnlyThePartOfThoseThatHearIt() {
    List<Node> all = members(4, RATE);
    nodes.lends(all.get(0));
    nodes.run(3000);
    // It hears them, and they do not hear it.
    nodes.cut(all.get(0), all.get(2));
    nodes.cut(all.get(0), all.get(3));
    nodes.run(PATIENCE + LEASE);
    nodes.forgetSent();
    nodes.run(5000);
    assertThat(nodes.sent()).isCloseTo(5 * RATE, WELL);
    assertThat(nodes.most(1000)).isLessThanOrEqualTo(RATE + RATE * LEASE / 1000);

    nodes.mend();
    nodes.run(1000);

    assertThat(all.get(2).ownPerSecond()).isZero();
    nodes.forgetSent();
    nodes.run(5000);
    assertThat(nodes.sent()).isCloseTo(5 * RATE, WELL);
  }

  @Test
  void whoJoinsWhileNobodyLendsSendsNothingAndMakesTheSharesSmaller() {
    List<Node> all = members(2, RATE);
    nodes.lends(all.get(0));
    nodes.run(3000);
    all.get(0).dies();
    nodes.nobodyLends();
    nodes.run(2000);
    assertThat(all.get(1).ownPerSecond()).isEqualTo(RATE / 2.0);

    Node third = nodes.stranger("c", RATE);
    for (String name : List.of("a", "b")) third.sees(name, true);
    third.sees("c", false);
    all.get(1).sees("c", false);
    nodes.run(3000);
    assertThat(third.count()).isZero();
    assertThat(third.isLost()).isTrue();
    assertThat(all.get(1).ownPerSecond()).isEqualTo(RATE / 3.0);

    third.sees("c", true);
    nodes.forgetSent();
    nodes.run(6000);
    assertThat(third.ownPerSecond()).isEqualTo(RATE / 3.0);
    assertThat(nodes.sent()).isCloseTo(6 * RATE * 2 / 3, WELL);
    assertRateHolds(nodes, RATE, 3);
  }

  @Test
  void aRateBelowTheNumberOfNodesIsAPaceAndNotZero() {
    List<Node> all = members(4, 1);
    nodes.lends(all.get(0));
    nodes.run(3000);
    all.get(0).dies();
    nodes.run(PATIENCE);
    nodes.forgetSent();

    nodes.run(80_000);

    assertThat(nodes.sent()).isBetween(57, 60);
    for (Node node : all.subList(1, 4)) assertThat(node.count()).isGreaterThanOrEqualTo(19);
    assertThat(nodes.most(700)).as("they take turns").isEqualTo(1);
  }

  @Test
  void aNodeThatDoesNotUseTheCarrierCostsNothing() {
    List<Node> all = members(2, RATE);
    Node idle = nodes.stranger("c", RATE);
    all.forEach(node -> node.sees("c", true));
    LeaseBook book = nodes.lends(all.get(0));
    nodes.run(2000);
    nodes.forgetSent();
    nodes.run(3000);
    assertThat(nodes.sent()).isCloseTo(3 * RATE * 2 / 3, WELL);

    assertThat(book.strangers(Set.of("a", "b", "c"))).containsExactly("c");
    book.isWithout("c");
    nodes.run(500);
    nodes.forgetSent();
    nodes.run(3000);

    assertThat(nodes.sent()).isCloseTo(3 * RATE, WELL);
    assertThat(idle.count()).isZero();
  }

  @Test
  void theRateHoldsWhateverIsLateLostOrCutOff() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      int perSecond = List.of(1, 3, 50, 600).get(seed % 4);
      Nodes some = new Nodes(seed, 1 + random.nextInt(400));
      List<Node> all = new ArrayList<>();
      for (String name : List.of("a", "b", "c", "d")) all.add(some.add(name, perSecond));
      some.lends(all.get(0));
      for (int i = 0; i < 30; i++) {
        some.run(random.nextInt(1500));
        Node one = all.get(random.nextInt(4));
        Node other = all.get(random.nextInt(4));
        switch (random.nextInt(6)) {
          case 0 -> some.cut(one, other);
          case 1 -> some.cutBoth(one, other);
          case 2 -> some.mend();
          case 3 -> some.lends(one);
          case 4 -> one.sends(random.nextInt(3));
          default -> one.sends(Integer.MAX_VALUE);
        }
      }
      try {
        assertRateHolds(some, perSecond, 4);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  @Test
  void whoWasPutOutStillCountsUntilItMustHaveEnded() {
    Senders senders = new Senders("a", Nodes.MARGIN);
    Senders.Member up = new Senders.Member(Set.of("email-agent"), true, false);
    Senders.Member exiting = new Senders.Member(Set.of("email-agent"), false, true);
    Senders.Member other = new Senders.Member(Set.of("http"), true, false);
    senders.look(Map.of("a", up, "b", up, "c", exiting, "d", other), 0);
    assertThat(senders.share(Channel.EMAIL)).isEqualTo(new Share(0, 3));
    assertThat(senders.share(Channel.SMS)).isEqualTo(Share.NONE);

    senders.look(Map.of("a", up, "d", other), MARGIN * Nodes.MILLI);
    assertThat(senders.of(Channel.EMAIL)).as("c left in good order").containsExactly("a", "b");

    senders.look(Map.of("a", up, "d", other), MARGIN * Nodes.MILLI + 1);
    assertThat(senders.share(Channel.EMAIL)).isEqualTo(new Share(0, 1));
  }
}

package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.parley.faults.Heaps.Sample;
import org.parley.faults.Ledger.Line;
import org.parley.faults.Records.Grant;

class WireChecksTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final List<Grant> GRANTS =
      List.of(
          new Grant("ada", "a1", "delivered", NOON),
          new Grant("ada", "a2", "delivered", NOON.plusSeconds(5)));

  private static Line line(String attempt, int second) {
    Instant begun = NOON.plusSeconds(second);
    return new Line(attempt, "ada@x.example", begun, begun.plusMillis(300));
  }

  @Test
  void whatStartsAfterTheEndOfItsGrantIsFound() {
    assertThat(WireChecks.inTime(List.of(line("a1", 3), line("a2", 6)), GRANTS, LIMIT)).isEmpty();
    assertThat(WireChecks.inTime(List.of(line("a1", 4)), GRANTS, LIMIT))
        .singleElement()
        .hasToString("I4: a1 started 4000 ms after its grant");
  }

  @Test
  void whatStartsLongAfterAnOptOutIsFound() {
    Map<String, Instant> optOuts = Map.of("ada@x.example", NOON);
    assertThat(WireChecks.notAfterOptOut(List.of(line("a1", 2)), optOuts, LIMIT)).isEmpty();
    assertThat(WireChecks.notAfterOptOut(List.of(line("a1", 9)), optOuts, LIMIT))
        .singleElement()
        .hasToString("I4: a1 started 9000 ms after the opt-out");
  }

  @Test
  void messagesInAnotherOrderThanTheirGrantsAreFound() {
    assertThat(WireChecks.inOrder(List.of(line("a1", 1), line("a2", 6)), GRANTS)).isEmpty();
    assertThat(WireChecks.inOrder(List.of(line("a2", 6), line("a1", 7)), GRANTS))
        .singleElement()
        .hasToString("I3: a1 started after one that was granted later");
  }

  @Test
  void moreMessagesThanTheCapAllowsAreFound() {
    List<Line> lines = List.of(line("a1", 1), line("a2", 6));
    assertThat(WireChecks.capped(lines, 2)).isEmpty();
    assertThat(WireChecks.capped(lines, 1))
        .singleElement()
        .hasToString("I5: ada@x.example got 2, and 1 may");
  }

  @Test
  void aStepThatComesBeforeItsWaitIsOverOrTwiceOrAloneIsFound() {
    Duration wait = Duration.ofSeconds(5);
    Set<String> second = Set.of("a2", "a3");
    List<Line> right = List.of(line("a1", 1), line("a2", 7));
    assertThat(WireChecks.inItsTime(right, second, wait, Duration.ZERO)).isEmpty();
    List<Line> early = List.of(line("a1", 1), line("a2", 6));
    assertThat(WireChecks.inItsTime(early, second, wait, Duration.ofMillis(300))).isEmpty();
    assertThat(WireChecks.inItsTime(early, second, wait, Duration.ofMillis(299)))
        .singleElement()
        .hasToString("timer: a2 started 300 ms early");
    List<Line> twice = List.of(line("a1", 1), line("a2", 7), line("a3", 8));
    assertThat(WireChecks.inItsTime(twice, second, wait, Duration.ZERO))
        .singleElement()
        .hasToString("timer: the second step twice to ada@x.example");
    assertThat(WireChecks.inItsTime(List.of(line("a2", 7)), second, wait, Duration.ZERO))
        .singleElement()
        .hasToString("timer: the second step only to ada@x.example");
  }

  @Test
  void aHeapThatGrowsWhileACarrierIsSlowIsFound() {
    List<Sample> flat = List.of(sample(1, 100), sample(2, 50), sample(1, 110), sample(2, 20));
    assertThat(Heaps.flat(flat, 10 << 10)).isEmpty();
    assertThat(Heaps.flat(flat, (10 << 10) - 1))
        .singleElement()
        .hasToString("I7: the heap of node1 grew by 10 KB");
    List<Sample> back = List.of(sample(1, 100), sample(1, 140), sample(1, 90));
    assertThat(Heaps.flat(back, 10 << 10))
        .singleElement()
        .hasToString("I7: the heap of node1 grew by 40 KB");
    assertThat(Heaps.flat(List.of(sample(1, 100), new Sample("node1", 160 << 10, 10)), 0))
        .as("ten more conversations")
        .isEmpty();
    assertThat(Heaps.flat(List.of(sample(1, 100)), 0))
        .singleElement()
        .hasToString("I7: the heap of node1 was looked at once only");
  }

  private static Sample sample(int node, long kilobytes) {
    return new Sample("node" + node, kilobytes << 10, 0);
  }

  @Test
  void countersThatDifferFromTheRowsAreFound() {
    assertThat(WireChecks.reported(Map.of("delivered", 2L), Map.of("delivered", 2L))).isEmpty();
    assertThat(WireChecks.reported(Map.of("delivered", 2L), Map.of("delivered", 1L)))
        .singleElement()
        .hasToString("I6: 2 are counted delivered, and there are 1");
  }
}

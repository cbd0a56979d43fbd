package org.parley.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Profile;
import org.parley.core.spi.Member;

class WindowTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @Test
  void aMemberWithoutAcknowledgementHoldsTheCursorBack() {
    Window window = new Window(0);
    window.add(members(3));
    for (int i = 0; i < 3; i++) window.next(NOW);
    window.acknowledge(2);
    window.acknowledge(3);
    assertThat(window.cursor()).isZero();
    window.acknowledge(1);
    assertThat(window.cursor()).isEqualTo(3);
  }

  @Test
  void whateverIsAcknowledgedTheCursorNeverPassesSomeoneWhoIsNot() {
    qt().forAll(longs().all(), integers().between(1, 200))
        .check(
            (seed, size) -> {
              Random random = new Random(seed);
              Window window = new Window(0);
              window.add(members(size));
              Set<Long> asked = new HashSet<>();
              Set<Long> done = new HashSet<>();
              for (int step = 0; step < size * 3; step++) {
                if (random.nextBoolean()) {
                  Member member = window.next(NOW);
                  if (member != null) asked.add(member.position());
                } else if (!asked.isEmpty()) {
                  List<Long> open = new ArrayList<>(asked);
                  long position = open.get(random.nextInt(open.size()));
                  asked.remove(position);
                  if (random.nextInt(4) == 0) {
                    window.putBack(position);
                  } else {
                    window.acknowledge(position);
                    window.acknowledge(position); // an answer that comes twice
                    done.add(position);
                  }
                }
                for (long p = 1; p <= window.cursor(); p++) if (!done.contains(p)) return false;
                if (window.cursor() < size && done.contains(window.cursor() + 1)) return false;
              }
              return true;
            });
  }

  @Test
  void whoWasPutBackIsAskedBeforeNewOnes() {
    Window window = new Window(0);
    window.add(members(3));
    Member first = window.next(NOW);
    assertThat(first).isNotNull();
    window.putBack(1);
    Member again = window.next(NOW);
    assertThat(again).isEqualTo(first);
    assertThat(window.asked()).isEqualTo(1);
    assertThat(window.ready()).isEqualTo(2);
  }

  @Test
  void whoDoesNotAnswerIsAskedAgain() {
    Window window = new Window(0);
    window.add(members(2));
    window.next(NOW);
    window.next(NOW.plusSeconds(10));
    assertThat(window.askedBefore(NOW.plusSeconds(5), NOW.plusSeconds(15)))
        .extracting(Member::position)
        .containsExactly(1L);
    assertThat(window.askedBefore(NOW.plusSeconds(5), NOW.plusSeconds(15))).isEmpty();
  }

  private static List<Member> members(int count) {
    return LongStream.rangeClosed(1, count)
        .mapToObj(position -> new Member(position, "c" + position, Profile.EMPTY))
        .toList();
  }
}

package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.parley.persistence.lease.CoordinationSettings;

/** Three members, of which a look at the table is all that this node knows. */
class UnheardTest {
  private static final long OLD = 1;
  private static final long MIDDLE = 2;
  private static final long YOUNG = 3;
  private static final Set<Long> ALL = Set.of(OLD, MIDDLE, YOUNG);

  private final CoordinationSettings settings = CoordinationSettings.of(ConfigFactory.load());
  private final Map<Long, Instant> rows = new LinkedHashMap<>();
  private Unheard unheard = new Unheard(OLD, settings);
  private Set<Long> up = ALL;
  private long nanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(20);
  private Instant database = Instant.parse("2026-03-01T10:00:00Z");

  UnheardTest() {
    for (long node : List.of(OLD, MIDDLE, YOUNG)) rows.put(node, database);
  }

  /** Looks after each heartbeat for that long; those who speak are seen again before each look. */
  private List<Long> watch(Duration time, Set<Long> speaking) {
    List<Long> out = new ArrayList<>();
    Duration heartbeat = settings.heartbeat();
    for (Duration left = time; !left.isNegative(); left = left.minus(heartbeat)) {
      database = database.plus(heartbeat);
      for (long node : speaking) rows.replace(node, database);
      out.addAll(look(heartbeat, Duration.ofMillis(5)));
    }
    return out.stream().distinct().toList();
  }

  private List<Long> look(Duration after, Duration lasting) {
    long from = nanos + after.toNanos();
    nanos = from + lasting.toNanos();
    return unheard.look(known(), up, from, nanos);
  }

  private List<Nodes.Known> known() {
    return rows.entrySet().stream()
        .map(
            row ->
                new Nodes.Known(
                    row.getKey() + ":1",
                    row.getKey(),
                    false,
                    true,
                    "1",
                    Instant.EPOCH,
                    row.getValue(),
                    Duration.ZERO,
                    true))
        .toList();
  }

  private Duration soon() {
    return settings.putOutAfter().minus(settings.heartbeat().multipliedBy(2));
  }

  private Duration longer() {
    return settings.putOutAfter().plus(settings.heartbeat().multipliedBy(2));
  }

  @Test
  void whoIsSilentForLongWhileOthersAreHeardIsPutOut() {
    assertThat(watch(soon(), Set.of(OLD, MIDDLE))).isEmpty();
    assertThat(watch(Duration.ofSeconds(10), Set.of(OLD, MIDDLE))).containsExactly(YOUNG);
  }

  @Test
  void onlyTheOldestThatIsHeardDoesIt() {
    unheard = new Unheard(MIDDLE, settings);
    assertThat(watch(longer(), Set.of(OLD, MIDDLE))).isEmpty();
  }

  @Test
  void theNextOneDoesItWhenTheOldestIsSilent() {
    unheard = new Unheard(MIDDLE, settings);
    assertThat(watch(longer(), Set.of(MIDDLE, YOUNG))).containsExactly(OLD);
  }

  @Test
  void theLastOneThatIsHeardPutsAllOthersOut() {
    unheard = new Unheard(YOUNG, settings);
    assertThat(watch(longer(), Set.of(YOUNG))).containsExactlyInAnyOrder(OLD, MIDDLE);
  }

  @Test
  void whoSpeaksOnceBeginsAnew() {
    assertThat(watch(soon(), Set.of(OLD, MIDDLE))).isEmpty();
    assertThat(watch(Duration.ZERO, ALL)).isEmpty();
    assertThat(watch(soon(), Set.of(OLD, MIDDLE))).isEmpty();
  }

  /** This node is heard first once the database is back, and the others a moment later. */
  @Test
  void aDatabaseThatWasAwayForAllPutsNobodyOut() {
    assertThat(watch(soon(), Set.of(OLD))).isEmpty();
    unheard.forget();
    nanos += TimeUnit.HOURS.toNanos(1);
    assertThat(watch(settings.heardWithin(), Set.of(OLD))).isEmpty();
    assertThat(watch(longer(), ALL)).isEmpty();
  }

  @Test
  void timeInWhichThisNodeStoodStillDoesNotCount() {
    assertThat(watch(Duration.ofSeconds(10), Set.of(OLD))).isEmpty();
    for (int pause = 0; pause < 3; pause++) {
      assertThat(look(Duration.ofHours(1), Duration.ofMillis(5))).isEmpty();
    }
  }

  @Test
  void aDatabaseThatIsSlowIsTheReasonWhyOthersAreNotHeard() {
    assertThat(watch(Duration.ZERO, ALL)).isEmpty();
    for (int slow = 0; slow < 100; slow++) {
      assertThat(look(settings.heartbeat(), Duration.ofSeconds(3))).isEmpty();
    }
  }

  @Test
  void theDatabasesClockMayBeSet() {
    assertThat(watch(Duration.ofSeconds(9), ALL)).isEmpty();
    database = database.minusSeconds(86_400);
    assertThat(watch(longer(), ALL)).isEmpty();
    database = database.plusSeconds(86_400 * 2);
    assertThat(watch(Duration.ofSeconds(9), Set.of(OLD, MIDDLE))).isEmpty();
    assertThat(watch(longer(), Set.of(OLD, MIDDLE))).containsExactly(YOUNG);
  }

  /** It leaves, is on its way in, or is not reached, which is for the resolver to judge. */
  @Test
  void whoIsNotUpAndReachedIsNotPutOut() {
    up = Set.of(OLD, MIDDLE);
    assertThat(watch(longer(), Set.of(OLD, MIDDLE))).isEmpty();
    up = ALL;
    assertThat(watch(soon(), Set.of(OLD, MIDDLE))).isEmpty();
  }

  /** A node that starts has called it dead, or one that put it out has died half-way. */
  @Test
  void aMemberWhoseRowIsGoneIsPutOutToo() {
    rows.remove(YOUNG);
    assertThat(watch(soon(), Set.of(OLD, MIDDLE))).isEmpty();
    assertThat(watch(Duration.ofSeconds(10), Set.of(OLD, MIDDLE))).containsExactly(YOUNG);
  }

  @Test
  void whoWasPutOutItselfPutsNobodyOut() {
    rows.remove(OLD);
    assertThat(watch(longer(), Set.of(MIDDLE))).isEmpty();
  }
}

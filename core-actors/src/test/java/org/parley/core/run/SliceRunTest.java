package org.parley.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationCommand.Engage;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;
import org.parley.core.spi.RunStore;

class SliceRunTest {
  private static final String CAMPAIGN = "cmp_spring";

  private final RunDesk desk = new RunDesk();

  @AfterEach
  void close() {
    desk.close();
  }

  private ActorRef<Object> start(Optional<Integer> perSecond) {
    RunStore.SliceRun run = desk.runs.put(CAMPAIGN, CampaignStatus.RUNNING, perSecond);
    int reads = desk.audiences.reads.get();
    ActorRef<Object> actor = desk.spawn(SliceRun.create(desk.parts(), run, "hello", 0.125));
    // From now on it sees what time it is.
    Awaitility.await("it runs").until(() -> desk.audiences.reads.get() > reads);
    return actor;
  }

  private void awaitAsked(int count) {
    Awaitility.await(count + " are asked")
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(() -> assertThat(desk.asked.size()).isGreaterThanOrEqualTo(count));
  }

  private long cursor() {
    return desk.runs.cursor(CAMPAIGN);
  }

  @Test
  void everyoneIsAskedOnceAndTheRunEndsWhenAllHaveAnswered() {
    desk.audiences.members.addAll(RunDesk.members(95));
    ActorRef<Object> run = start(Optional.empty());
    desk.awaitEnd(run);
    assertThat(desk.positions()).containsExactlyElementsOf(RunDesk.upTo(95));
    assertThat(desk.asked.get(0).key()).isEqualTo(new StepKey(CAMPAIGN, "hello"));
    assertThat(desk.runs.open).as("finished").isEmpty();
    assertThat(desk.runs.cursors).endsWith(95L).isSorted();
  }

  @Test
  void aSliceWithoutMembersIsFinishedAtOnce() {
    ActorRef<Object> run = start(Optional.empty());
    desk.awaitEnd(run);
    assertThat(desk.runs.open).isEmpty();
    assertThat(desk.asked).isEmpty();
  }

  @Test
  void theCursorStaysBeforeWhoHasNotAnsweredHoweverManyBehindHave() {
    desk.audiences.members.addAll(RunDesk.members(20));
    desk.answers = ask -> ask.position() == 6 ? Optional.empty() : Optional.of(Kind.SETTLED);
    ActorRef<Object> run = start(Optional.empty());
    awaitAsked(20);
    desk.pass(RunDesk.SETTINGS.cursorEvery());
    Awaitility.await("the cursor is durable").until(() -> cursor() == 5);
    desk.pass(RunDesk.SETTINGS.cursorEvery());
    RunDesk.answer(desk.asked.get(5), Kind.HELD);
    desk.awaitEnd(run);
    assertThat(desk.runs.cursors).containsOnly(5L, 20L);
  }

  @Test
  void whoHadNoRoomIsAskedAgainAndTheCursorWaits() {
    desk.audiences.members.addAll(RunDesk.members(20));
    Set<Long> busy = ConcurrentHashMap.newKeySet();
    busy.addAll(List.of(2L, 3L));
    desk.answers = ask -> Optional.of(busy.remove(ask.position()) ? Kind.BUSY : Kind.SETTLED);
    ActorRef<Object> run = start(Optional.empty());
    Awaitility.await("both are asked again")
        .untilAsserted(
            () -> {
              desk.pass(RunDesk.BEAT);
              assertThat(desk.positions()).hasSize(22);
            });
    desk.awaitEnd(run);
    assertThat(desk.positions().stream().filter(p -> p == 2 || p == 3).sorted())
        .containsExactly(2L, 2L, 3L, 3L);
    assertThat(desk.positions()).containsAll(RunDesk.upTo(20));
  }

  @Test
  void aPausedCampaignsMembersKeepTheirPlaceInTheRun() {
    desk.audiences.members.addAll(RunDesk.members(5));
    desk.answers = ask -> Optional.of(Kind.PAUSED);
    start(Optional.empty());
    awaitAsked(5);
    for (int i = 0; i < 4; i++) desk.pass(RunDesk.BEAT);
    assertThat(cursor()).isZero();
    assertThat(desk.runs.cursors).isEmpty();
  }

  @Test
  void whoDoesNotAnswerIsAskedAgain() {
    desk.audiences.members.addAll(RunDesk.members(3));
    desk.answers = ask -> Optional.empty();
    ActorRef<Object> run = start(Optional.empty());
    awaitAsked(3);
    desk.answers = ask -> Optional.of(Kind.SETTLED);
    Awaitility.await("asked again")
        .until(
            () -> {
              desk.pass(RunDesk.SETTINGS.askAgainAfter().dividedBy(4));
              return desk.asked.size() >= 6;
            });
    desk.awaitEnd(run);
    assertThat(desk.positions()).containsExactlyInAnyOrder(1L, 2L, 3L, 1L, 2L, 3L);
  }

  @Test
  void aCrashRepeatsAWindowAndSkipsNobody() {
    desk.audiences.members.addAll(RunDesk.members(60));
    desk.answers = ask -> ask.position() == 15 ? Optional.empty() : Optional.of(Kind.SETTLED);
    ActorRef<Object> first = start(Optional.empty());
    awaitAsked(40);
    desk.pass(RunDesk.SETTINGS.cursorEvery());
    Awaitility.await("the cursor is durable").until(() -> cursor() == 14);
    desk.stop(first);
    List<Long> before = desk.positions();
    assertThat(before).hasSizeLessThanOrEqualTo(14 + RunDesk.SETTINGS.window());

    desk.asked.clear();
    desk.answers = ask -> Optional.of(Kind.SETTLED);
    ActorRef<Object> second = start(Optional.empty());
    desk.awaitEnd(second);
    assertThat(desk.positions())
        .as("all behind the durable cursor, once")
        .containsExactlyElementsOf(RunDesk.upTo(60).subList(14, 60));
  }

  @Test
  void aCursorThatCannotBeWrittenIsWrittenLater() {
    desk.audiences.members.addAll(RunDesk.members(3));
    desk.runs.failures.set(2);
    ActorRef<Object> run = start(Optional.empty());
    awaitAsked(3);
    Awaitility.await("written at last")
        .until(
            () -> {
              desk.pass(RunDesk.BEAT);
              return desk.runs.open.isEmpty();
            });
    desk.awaitEnd(run);
  }

  @Test
  void anAudienceThatCannotBeReadIsReadLater() {
    desk.audiences.members.addAll(RunDesk.members(3));
    desk.audiences.failures.set(1);
    ActorRef<Object> run = start(Optional.empty());
    Awaitility.await("read at last")
        .until(
            () -> {
              desk.pass(Duration.ofSeconds(1));
              return desk.asked.size() == 3;
            });
    desk.awaitEnd(run);
  }

  @Test
  void noMoreAreAskedAtATimeThanTheParallelism() {
    desk.audiences.members.addAll(RunDesk.members(30));
    desk.answers = ask -> Optional.empty();
    start(Optional.empty());
    awaitAsked(8);
    for (int i = 0; i < 4; i++) desk.pass(RunDesk.BEAT);
    RunDesk.answer(desk.asked.get(0), Kind.SETTLED);
    awaitAsked(9);
    assertThat(desk.positions()).containsExactlyElementsOf(RunDesk.upTo(9));
  }

  @Test
  void aRateIsHeldByTheClockHoweverLongTheBeatsLast() {
    desk.audiences.members.addAll(RunDesk.members(1_000));
    // 320 a second, of which an eighth is this slice's: 40 a second.
    ActorRef<Object> run = start(Optional.of(320));
    Duration passed = Duration.ZERO;
    for (int late : new int[] {0, 10, 12, 75, 0, 300, 10, 14}) {
      Duration beat = RunDesk.BEAT.plusMillis(late);
      desk.pass(beat);
      passed = passed.plus(beat);
      int due = (int) (passed.toMillis() * 40 / 1_000);
      awaitAsked(due);
      assertThat(desk.asked.size()).as("after " + passed).isLessThanOrEqualTo(due + 1);
    }
    desk.stop(run);
  }

  @Test
  void whoHadNoRoomCostsNothingOfTheRate() {
    desk.audiences.members.addAll(RunDesk.members(16));
    Set<Long> busy = ConcurrentHashMap.newKeySet();
    busy.addAll(RunDesk.upTo(16).stream().filter(p -> p % 2 == 0).toList());
    desk.answers = ask -> Optional.of(busy.remove(ask.position()) ? Kind.BUSY : Kind.SETTLED);
    // 320 a second over 8 slices are 40 a second here: 16 take eight beats.
    ActorRef<Object> run = start(Optional.of(320));
    for (int beat = 1; beat <= 9; beat++) {
      desk.pass(RunDesk.BEAT);
      int due = Math.min(16, beat * 2);
      awaitAsked(due);
    }
    desk.awaitEnd(run);
    assertThat(desk.asked).hasSize(24);
  }

  @Test
  void aSmallRateAsksSomebodyNowAndThen() {
    desk.audiences.members.addAll(RunDesk.members(3));
    // 32 a second over 8 slices are four a second here: every fifth beat.
    ActorRef<Object> run = start(Optional.of(32));
    for (int beat = 1; beat <= 18; beat++) {
      desk.pass(RunDesk.BEAT);
      assertThat(desk.asked.size()).as("after beat " + beat).isLessThanOrEqualTo(beat / 5);
    }
    desk.awaitEnd(run);
  }

  @Test
  void aPauseDoesNotEndInABurst() {
    desk.audiences.members.addAll(RunDesk.members(200));
    desk.answers = ask -> Optional.empty();
    start(Optional.of(320));
    desk.pass(Duration.ofSeconds(60));
    awaitAsked(8);
    desk.answers = ask -> Optional.of(Kind.SETTLED);
    for (int i = 0; i < 8; i++) RunDesk.answer(desk.asked.get(i), Kind.SETTLED);
    awaitAsked(40);
    desk.pass(RunDesk.BEAT);
    awaitAsked(42);
    assertThat(desk.asked).as("one second's worth, and a beat").hasSizeLessThanOrEqualTo(43);
  }

  @Test
  void whatIsHeldInMemoryIsBoundedByTheWindow() {
    desk.audiences.members.addAll(RunDesk.members(1_000));
    desk.answers = ask -> ask.position() == 1 ? Optional.empty() : Optional.of(Kind.SETTLED);
    ActorRef<Object> run = start(Optional.empty());
    awaitAsked(30);
    for (int i = 0; i < 4; i++) desk.pass(RunDesk.BEAT);
    assertThat(desk.positions()).containsExactlyElementsOf(RunDesk.upTo(30));
    assertThat(desk.audiences.reads).hasValue(3);
    Engage first = desk.asked.get(0);
    RunDesk.answer(first, Kind.SETTLED);
    desk.awaitEnd(run);
    assertThat(desk.positions()).containsExactlyElementsOf(RunDesk.upTo(1_000));
  }

  @Test
  void aWindowWithoutRoomForAPageIsRefused() {
    assertThatThrownBy(
            () ->
                RunSettings.from(
                    ConfigFactory.parseString("parley.run { page = 500, window = 400 }")
                        .withFallback(ConfigFactory.load())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("parley.run.window = 400: allowed is 500 to 1000000");
  }
}

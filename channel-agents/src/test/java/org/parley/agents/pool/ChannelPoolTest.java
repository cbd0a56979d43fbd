package org.parley.agents.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.Attempts;
import org.parley.agents.lane.FakeCarrier;
import org.parley.agents.lane.Lane;
import org.parley.agents.lane.LaneSettings;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

class ChannelPoolTest {
  private static final int PROBES = 3;

  private final ActorTestKit kit = ActorTestKit.create();

  private final FakeCarrier first = new FakeCarrier("first");
  private final FakeCarrier second = new FakeCarrier("second");
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private static PoolSettings settings(int instances, int operations) {
    return Pools.settings(instances, operations, Duration.ofMillis(300));
  }

  private static Lane lane(FakeCarrier carrier) {
    return lane(carrier, 100, Duration.ofSeconds(30));
  }

  private static Lane lane(FakeCarrier carrier, int window, Duration open) {
    LaneSettings settings =
        new LaneSettings(
            carrier.carrier(),
            1,
            100,
            1_000_000,
            1000,
            Duration.ofSeconds(60),
            new LaneSettings.BreakerSettings(true, window, window, 50, open, PROBES));
    return new Lane(
        settings, carrier, attempt -> Optional.empty(), (nanos, task) -> {}, System::nanoTime);
  }

  private ChannelPool pool(PoolSettings settings, List<? extends Way> ways) {
    return new ChannelPool(kit.system(), Channel.EMAIL, settings, List.of(), ways);
  }

  private ChannelPool pool(PoolSettings settings) {
    return ChannelPool.start(
        kit.system(), Channel.EMAIL, settings, List.of(lane(first), lane(second)));
  }

  private void deliver(ChannelPool pool, Attempt attempt) {
    pool.deliver(attempt, outcomes::add);
  }

  @Test
  void itsPlacesAreInstancesTimesOperationsWithAReserveForTransactional() {
    ChannelPool pool = pool(settings(3, 100));

    assertThat(pool.places().capacity()).isEqualTo(300);
    for (int i = 0; i < 270; i++) pool.places().tryTake(Category.MARKETING);
    assertThat(pool.places().tryTake(Category.MARKETING)).isFalse();
    assertThat(pool.places().tryTake(Category.TRANSACTIONAL)).isTrue();
  }

  @Test
  void noMoreAreTakenThanTheAgentsHaveRoomFor() {
    ChannelPool pool = pool(settings(2, 2));
    for (int i = 0; i < 5; i++) deliver(pool, Attempts.to("a@example.com"));

    await().until(() -> outcomes.size() == 1 && first.onWire() == 4);
    assertThat(outcomes.get(0).reason()).contains("poolFull");

    first.accept();
    await().until(() -> outcomes.size() == 2);
    deliver(pool, Attempts.to("b@example.com"));
    await().until(() -> first.sent().size() == 5);
  }

  @Test
  void whatACarrierDidNotSendGoesToTheNextCarrier() {
    ChannelPool pool = pool(settings(1, 10));
    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> first.onWire() == 1);

    first.answer(Outcome.notSent("first", "connectFailed", ""));
    await().until(() -> second.onWire() == 1);
    second.accept();

    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes.get(0).carrier()).contains("second");
  }

  @Test
  void whatMayHaveReachedAPersonIsNeverSentByAnotherCarrier() {
    ChannelPool pool = pool(settings(1, 10));
    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> first.onWire() == 1);

    first.answer(Outcome.unknown("first", "connectionLost", ""));

    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes.get(0).kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(second.sent()).isEmpty();
  }

  @Test
  void aRecipientsOwnTroubleIsNotTakenToAnotherCarrier() {
    ChannelPool pool = pool(settings(1, 10));
    deliver(pool, Attempts.to("a@example.com"));
    deliver(pool, Attempts.to("b@example.com"));
    await().until(() -> first.onWire() == 2);

    first.answer(Outcome.rejected("first", "mailboxUnavailable", ""));
    first.answer(Outcome.notSent("first", "mailboxFull", ""));

    await().until(() -> outcomes.size() == 2);
    assertThat(second.sent()).isEmpty();
  }

  @Test
  void whenNoCarrierTakesItTheLastAnswerStands() {
    ChannelPool pool = pool(settings(1, 10));
    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> first.onWire() == 1);
    first.answer(Outcome.notSent("first", "connectFailed", ""));
    await().until(() -> second.onWire() == 1);
    second.answer(Outcome.notSent("second", "timeout", ""));

    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes.get(0).reason()).contains("timeout");
  }

  @Test
  void aDrainedCarriersWorkGoesToTheNextAndWithNoneLeftTheAnswerComesAtOnce() {
    List<Lane> lanes = List.of(lane(first), lane(second));
    ChannelPool pool = ChannelPool.start(kit.system(), Channel.EMAIL, settings(1, 10), lanes);
    lanes.get(0).order(CarrierOrder.DRAIN, Instant.EPOCH);
    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> second.onWire() == 1);

    lanes.get(1).order(CarrierOrder.TRIP, Instant.EPOCH);
    deliver(pool, Attempts.to("b@example.com"));
    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes.get(0)).isEqualTo(Outcome.notSent("noCarrier"));

    lanes.get(0).order(CarrierOrder.RESUME, Instant.EPOCH.plusSeconds(1));
    deliver(pool, Attempts.to("c@example.com"));
    await().until(() -> first.onWire() == 1);
    assertThat(first.sent()).hasSize(1);
  }

  @Test
  void whileNoCarrierTakesAnythingNobodyIsGivenAPlaceAndWhoWaitsGetsItThen() {
    List<Lane> lanes = List.of(lane(first), lane(second));
    ChannelPool pool = ChannelPool.start(kit.system(), Channel.EMAIL, settings(1, 10), lanes);
    lanes.get(0).order(CarrierOrder.DRAIN, Instant.EPOCH);
    lanes.get(1).order(CarrierOrder.TRIP, Instant.EPOCH);
    await().until(() -> pool.places().capacity() == 0);

    AtomicInteger served = new AtomicInteger();
    assertThat(pool.places().await(Category.TRANSACTIONAL, served::incrementAndGet)).isTrue();
    assertThat(pool.places().await(Category.MARKETING, served::incrementAndGet)).isTrue();
    assertThat(served).hasValue(0);
    assertThat(pool.view("here").waiting()).isEqualTo(2);

    lanes.get(1).order(CarrierOrder.RESUME, Instant.EPOCH.plusSeconds(1));
    await().until(() -> served.get() == 2);
    assertThat(pool.places().capacity()).isEqualTo(10);
  }

  @Test
  void whatIsBeyondTheDaysNumberUsesNoTryUpAndGoesOnTheNextDay(@TempDir Path folder) {
    AtomicReference<Instant> clock = new AtomicReference<>(Instant.parse("2026-01-31T10:00:00Z"));
    String warmUp =
        "warm-up { started = 2026-01-31, daily = [2, 50], file = \"" + folder + "/count\" }";
    LaneSettings day = LaneSettings.read("first", Attempts.carrier(25, warmUp), clock::get);
    Lane lane =
        new Lane(day, first, attempt -> Optional.empty(), (nanos, task) -> {}, System::nanoTime);
    ChannelPool pool =
        ChannelPool.start(kit.system(), Channel.EMAIL, settings(1, 10), List.of(lane));
    await().until(() -> pool.places().capacity() == 2);
    for (int i = 0; i < 3; i++) deliver(pool, Attempts.to("a@example.com"));

    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes).containsExactly(Outcome.notSent("noCarrier"));
    for (int i = 0; i < 2; i++) first.accept();
    await().until(() -> pool.places().capacity() == 0);
    assertThat(pool.shutUntil()).contains(Instant.parse("2026-02-01T00:00:00Z"));
    assertThat(lane.report().here().why()).contains("today");
    AtomicInteger served = new AtomicInteger();
    assertThat(pool.places().await(Category.MARKETING, served::incrementAndGet)).isTrue();
    assertThat(served).hasValue(0);

    clock.set(Instant.parse("2026-02-01T00:00:00Z"));

    await().until(() -> served.get() == 1);
    assertThat(pool.shutUntil()).isEmpty();
    deliver(pool, Attempts.to("b@example.com"));
    await().until(() -> first.sent().size() == 3);
  }

  @Test
  void aCarrierThatIsTriedGivesAsManyPlacesAsThereAreTries() {
    Lane lane = lane(first, 4, Duration.ofMillis(50));
    ChannelPool pool =
        ChannelPool.start(kit.system(), Channel.EMAIL, settings(1, 10), List.of(lane));
    for (int i = 0; i < 4; i++) deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> first.onWire() == 4);
    for (int i = 0; i < 4; i++) first.answer(Outcome.unknown("first", "connectionLost", ""));

    await().until(() -> pool.places().capacity() == PROBES);
    for (int i = 0; i < PROBES; i++) {
      assertThat(pool.places().tryTake(Category.MARKETING)).isTrue();
      deliver(pool, Attempts.to("b@example.com"));
    }
    assertThat(pool.places().tryTake(Category.TRANSACTIONAL)).isFalse();
    await().until(() -> first.onWire() == PROBES);

    first.accept();
    pool.places().release();
    assertThat(pool.places().tryTake(Category.TRANSACTIONAL)).as("one try less").isFalse();
    for (int i = 1; i < PROBES; i++) first.accept();
    assertThat(pool.places().capacity()).isEqualTo(10);
    await().until(() -> outcomes.size() == 4 + PROBES);
    assertThat(outcomes.stream().filter(o -> o.kind() == Outcome.Kind.NOT_SENT)).isEmpty();
  }

  @Test
  void whatAShutLaneSendsBackIsTakenToOtherNodes() {
    List<Errand> travelled = new ArrayList<>();
    Errand errand =
        new Errand(Attempts.to("a@example.com"), outcomes::add, left -> {}, travelled::add);
    errand.lastLane(true);

    errand.answered(Outcome.notSent("first", "breakerOpen", ""));
    assertThat(travelled).containsExactly(errand);
    assertThat(outcomes).isEmpty();

    errand.noRoom();
    assertThat(outcomes).containsExactly(Outcome.notSent("noCarrier"));
  }

  @Test
  void anAgentThatCrashesBeforeTheWireAnswersNotSentAndWorksAgain() {
    List<String> seen = new ArrayList<>();
    Way failsOnce =
        job -> {
          seen.add("offer");
          if (seen.size() == 1) throw new IllegalStateException("crash");
          job.answered(Outcome.accepted("first", Optional.empty()));
        };
    ChannelPool pool = pool(settings(1, 1), List.of(failsOnce));

    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> outcomes.size() == 1);
    deliver(pool, Attempts.to("b@example.com"));
    await().until(() -> outcomes.size() == 2);

    assertThat(outcomes.get(0).kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(outcomes.get(0).reason()).contains("agentFailed");
    assertThat(outcomes.get(1).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void anAgentThatCrashesOnTheWireAnswersUnknown() {
    Way crashesOnWire =
        job -> {
          assertThat(job.enterWire()).isTrue();
          throw new IllegalStateException("crash");
        };
    ChannelPool pool = pool(settings(1, 10), List.of(crashesOnWire));

    deliver(pool, Attempts.to("a@example.com"));

    await().until(() -> outcomes.size() == 1);
    assertThat(outcomes.get(0).kind()).isEqualTo(Outcome.Kind.UNKNOWN);
  }

  @Test
  void aCallbackThatThrowsHurtsNobody() {
    ChannelPool pool = pool(settings(1, 1));
    pool.deliver(
        Attempts.to("a@example.com"),
        outcome -> {
          throw new IllegalStateException("the caller's fault");
        });
    await().until(() -> first.onWire() == 1);
    first.accept();

    deliver(pool, Attempts.to("b@example.com"));
    await().until(() -> first.onWire() == 1);
  }

  @Test
  void aDrainWaitsForWhatIsOnTheWireAndTakesNothingMore() throws Exception {
    ChannelPool pool =
        ChannelPool.start(
            kit.system(),
            Channel.EMAIL,
            Pools.settings(1, 10, Duration.ofMinutes(1)),
            List.of(lane(first)));
    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> first.onWire() == 1);

    var drained = pool.drain().toCompletableFuture();
    deliver(pool, Attempts.to("b@example.com"));
    assertThat(outcomes.get(0).reason()).contains("shuttingDown");
    assertThat(drained).isNotDone();
    first.accept();

    drained.get(10, TimeUnit.SECONDS);
    assertThat(outcomes).hasSize(2);
    assertThat(outcomes.get(1).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void aDrainWaitsUntilTheLastOutcomeIsDurable() throws Exception {
    ChannelPool pool =
        ChannelPool.start(
            kit.system(),
            Channel.EMAIL,
            Pools.settings(1, 10, Duration.ofMinutes(1)),
            List.of(lane(first)));
    assertThat(pool.places().tryTake(Category.MARKETING)).isTrue();
    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> first.onWire() == 1);

    var drained = pool.drain().toCompletableFuture();
    first.accept();
    await().until(() -> outcomes.size() == 1);
    assertThat(drained).isNotDone();
    pool.places().release();

    drained.get(10, TimeUnit.SECONDS);
  }

  @Test
  void aDrainThatTakesTooLongAnswersTheRestAsUnknown() throws Exception {
    ChannelPool pool = pool(settings(1, 10));
    deliver(pool, Attempts.to("a@example.com"));
    await().until(() -> first.onWire() == 1);

    pool.drain().toCompletableFuture().get(10, TimeUnit.SECONDS);

    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0).kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    first.accept();
    assertThat(outcomes).hasSize(1);
  }
}

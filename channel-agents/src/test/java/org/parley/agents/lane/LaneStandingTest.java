package org.parley.agents.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.CarrierState;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

class LaneStandingTest {
  private final FakeCarrier carrier = new FakeCarrier("main");
  private final List<Outcome> outcomes = new ArrayList<>();
  private final AtomicBoolean lost = new AtomicBoolean();
  private volatile double ownPerSecond;
  private final Lane lane = lane(Duration.ofMillis(50));

  private Lane lane(Duration open) {
    LaneSettings settings =
        new LaneSettings(
            "main",
            1,
            1,
            1_000_000,
            10,
            Duration.ofSeconds(60),
            new LaneSettings.BreakerSettings(true, 4, 4, 50, open, 3));
    Budget budget =
        new Budget() {
          @Override
          public boolean tryTake(long nowNanos) {
            return !lost.get();
          }

          @Override
          public void giveBack() {}

          @Override
          public long waitNanos(long nowNanos) {
            return 1;
          }

          @Override
          public double ownPerSecond(long nowNanos) {
            return ownPerSecond;
          }

          @Override
          public boolean isLost(long nowNanos) {
            return lost.get();
          }

          @Override
          public void whenMore(Runnable task) {}
        };
    return new Lane(
        settings,
        carrier,
        attempt -> Optional.empty(),
        (nanos, task) -> {},
        System::nanoTime,
        budget);
  }

  private void offer(Lane to) {
    Attempt attempt = Attempts.to("a@example.com");
    to.offer(
        new LaneJob() {
          @Override
          public Attempt attempt() {
            return attempt;
          }

          @Override
          public boolean enterWire() {
            return true;
          }

          @Override
          public boolean isSettled() {
            return false;
          }

          @Override
          public void answered(Outcome outcome) {
            outcomes.add(outcome);
          }
        });
  }

  private CarrierState state() {
    return lane.report().here().state();
  }

  @Test
  void aDrainedCarrierTakesNothingNewAndFinishesWhatItHas() {
    offer(lane);
    offer(lane);
    lane.order(CarrierOrder.DRAIN, Instant.EPOCH);

    offer(lane);
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0).reason()).contains("carrierDrained");
    assertThat(lane.report().here().since()).isEqualTo(Instant.EPOCH);
    carrier.accept();
    carrier.accept();

    assertThat(carrier.sent()).hasSize(2);
    assertThat(outcomes).hasSize(3);
    assertThat(state()).isEqualTo(CarrierState.DRAINED);
  }

  @Test
  void aTrippedCarriersQueueIsAnsweredAtOnceAndOnlyTheWireIsFinished() {
    offer(lane);
    offer(lane);
    lane.order(CarrierOrder.TRIP, Instant.EPOCH);

    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0).reason()).contains("carrierTripped");
    carrier.accept();
    assertThat(outcomes.get(1).kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(carrier.sent()).hasSize(1);
    assertThat(state()).isEqualTo(CarrierState.TRIPPED);
  }

  @Test
  void aResumedCarrierWorksAgain() {
    lane.order(CarrierOrder.TRIP, Instant.EPOCH);
    lane.order(CarrierOrder.RESUME, Instant.EPOCH.plusSeconds(1));

    offer(lane);

    assertThat(carrier.sent()).hasSize(1);
    assertThat(state()).isEqualTo(CarrierState.CLOSED);
  }

  @Test
  void whileTheBreakerIsOpenTheAnswerComesAtOnceEvenWhenTheWireIsFull() {
    Lane slow = lane(Duration.ofMinutes(1));
    for (int i = 0; i < 4; i++) {
      offer(slow);
      carrier.answer(Outcome.notSent("main", "connectFailed", ""));
    }
    assertThat(slow.report().here().state()).isEqualTo(CarrierState.OPEN);
    assertThat(slow.report().here().why()).contains("100 %");

    offer(slow);

    assertThat(outcomes).hasSize(5);
    assertThat(outcomes.get(4).reason()).contains("breakerOpen");
    assertThat(slow.depth()).isZero();
  }

  @Test
  void afterItsTimeTheBreakerProbesAndCloses() {
    for (int i = 0; i < 4; i++) {
      offer(lane);
      carrier.answer(Outcome.notSent("main", "connectFailed", ""));
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              offer(lane);
              return carrier.onWire() == 1;
            });
    assertThat(state()).isEqualTo(CarrierState.PROBING);
    carrier.accept();
    for (int i = 0; i < 2; i++) {
      offer(lane);
      carrier.accept();
    }
    assertThat(state()).isEqualTo(CarrierState.CLOSED);
  }

  @Test
  void anOperatorSeesThatANodeLivesOnItsOwnShareAndHowMuchThatIs() {
    ownPerSecond = 33.4;
    lane.tick();
    offer(lane);
    assertThat(carrier.sent()).hasSize(1);
    assertThat(state()).isEqualTo(CarrierState.OWN_SHARE);
    assertThat(lane.report().here().why()).contains("own share, 33.4 a second");

    lane.order(CarrierOrder.DRAIN, Instant.now());
    assertThat(state()).isEqualTo(CarrierState.DRAINED);
    lane.order(CarrierOrder.RESUME, Instant.now());
    ownPerSecond = 0;
    lane.tick();
    assertThat(state()).isEqualTo(CarrierState.CLOSED);
  }

  @Test
  void withoutItsBudgetALaneAnswersWhatWaitsAndGoesOnWhenItIsBack() {
    lost.set(true);
    offer(lane);
    assertThat(outcomes).isEmpty();

    lane.tick();
    offer(lane);
    assertThat(outcomes).hasSize(2).allMatch(o -> o.reason().orElse("").equals("noBudget"));
    assertThat(state()).isEqualTo(CarrierState.NO_BUDGET);

    lost.set(false);
    lane.tick();
    offer(lane);
    assertThat(carrier.sent()).hasSize(1);
  }
}

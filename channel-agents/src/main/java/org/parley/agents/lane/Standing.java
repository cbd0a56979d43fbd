package org.parley.agents.lane;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.CarrierState;
import org.parley.core.api.Outcome;

/** Whether a lane lets messages through, and why: the breaker, the budget and the operator. */
final class Standing {
  /**
   * A state and its reason.
   *
   * @param why in words
   */
  record State(CarrierState state, String why, Instant since) {}

  /** What the node lives on while nobody lends the carrier's rate. */
  private record OwnShare(double perSecond, Instant since) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.3g a second", perSecond);
    }
  }

  private record Ordered(CarrierOrder order, Instant at) {}

  private final String carrier;
  private final CircuitBreaker breaker;
  private final InstantSource clock;
  private volatile @Nullable Ordered ordered;
  private volatile @Nullable Instant lostSince;
  private volatile @Nullable OwnShare own;
  private volatile Instant turnedAt;
  private volatile float errorPercent;

  Standing(String carrier, CircuitBreaker breaker, InstantSource clock) {
    this.carrier = carrier;
    this.breaker = breaker;
    this.clock = clock;
    this.turnedAt = clock.instant();
    breaker.getEventPublisher().onFailureRateExceeded(e -> errorPercent = e.getFailureRate());
    breaker.getEventPublisher().onStateTransition(e -> turnedAt = clock.instant());
  }

  void order(CarrierOrder order, Instant at) {
    ordered = new Ordered(order, at);
  }

  /**
   * How the budget is.
   *
   * @param lost whether it has none
   * @param ownPerSecond what it has by itself because nobody lends; 0 while somebody does
   */
  void budgetIs(boolean lost, double ownPerSecond) {
    OwnShare before = own;
    if (ownPerSecond == 0) {
      own = null;
      if (before != null) turnedAt = clock.instant();
    } else if (before == null || before.perSecond() != ownPerSecond) {
      own = new OwnShare(ownPerSecond, before == null ? clock.instant() : before.since());
    }
    Instant since = lostSince;
    if (lost && since == null) lostSince = clock.instant();
    if (!lost && since != null) {
      lostSince = null;
      turnedAt = clock.instant();
    }
  }

  /** Why nothing new is taken; empty when it is. */
  Optional<Outcome> refusal() {
    CarrierOrder order = order();
    if (order == CarrierOrder.DRAIN) return refused("carrierDrained", "an operator drains it");
    Optional<Outcome> broken = broken();
    if (broken.isPresent()) return broken;
    if (breaker.getState() == CircuitBreaker.State.OPEN) {
      // Asking is the only way to learn whether its time is over; nothing is kept of the answer.
      if (!breaker.tryAcquirePermission()) return Optional.of(breakerOpen());
      breaker.releasePermission();
    }
    return Optional.empty();
  }

  /** Why not even that is sent which has been taken; empty when it is. */
  Optional<Outcome> broken() {
    if (order() == CarrierOrder.TRIP) return refused("carrierTripped", "an operator tripped it");
    return lostSince == null
        ? Optional.empty()
        : refused("noBudget", "the carrier's rate could not be asked for");
  }

  Outcome breakerOpen() {
    return Outcome.notSent(carrier, "breakerOpen", "the carrier failed too often");
  }

  private Optional<Outcome> refused(String reason, String detail) {
    return Optional.of(Outcome.notSent(carrier, reason, detail));
  }

  State state() {
    Ordered by = ordered;
    if (by != null && by.order() == CarrierOrder.DRAIN) {
      return new State(
          CarrierState.DRAINED, "an operator drains it: it takes nothing new", by.at());
    }
    if (by != null && by.order() == CarrierOrder.TRIP) {
      return new State(
          CarrierState.TRIPPED, "an operator tripped it: it counts as broken", by.at());
    }
    Instant lost = lostSince;
    if (lost != null) {
      return new State(
          CarrierState.NO_BUDGET, "the carrier's share of the rate cannot be asked for", lost);
    }
    Instant resumedAt = by == null ? turnedAt : by.at();
    Instant since = resumedAt.isAfter(turnedAt) ? resumedAt : turnedAt;
    return switch (breaker.getState()) {
      case OPEN, FORCED_OPEN ->
          new State(
              CarrierState.OPEN,
              String.format(Locale.ROOT, "%.0f %% of the latest calls failed", errorPercent),
              since);
      case HALF_OPEN -> new State(CarrierState.PROBING, "a few calls try the carrier", since);
      default -> {
        OwnShare mine = own;
        yield mine == null
            ? new State(CarrierState.CLOSED, "it takes messages", since)
            : new State(
                CarrierState.OWN_SHARE,
                "its rate is not lent: the node goes on with its own share, " + mine,
                mine.since());
      }
    };
  }

  private CarrierOrder order() {
    Ordered by = ordered;
    return by == null ? CarrierOrder.RESUME : by.order();
  }
}

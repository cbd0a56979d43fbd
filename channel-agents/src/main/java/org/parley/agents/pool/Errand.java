package org.parley.agents.pool;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.parley.agents.lane.Lane;
import org.parley.agents.lane.LaneJob;
import org.parley.core.api.Category;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt on its way through the pool: the one place that makes its answer come exactly once.
 * It is settled by a lane's answer, by an agent that crashed with it, or by the end of the pool,
 * whichever is first.
 */
final class Errand implements LaneJob, Router.Command, Agent.Command, Borrower.Command {
  private static final Logger LOG = LoggerFactory.getLogger(Errand.class);

  private static final String NO_CARRIER = "noCarrier";

  private enum Stage {
    OPEN,
    ON_WIRE,
    SETTLED
  }

  private final Attempt attempt;
  private final Consumer<Outcome> whenSettled;
  private final Consumer<Errand> leave;
  private final @Nullable Predicate<Errand> elsewhere;
  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.OPEN);
  private volatile @Nullable Desk desk;
  // Written by the agent before it offers, read by whoever answers; the lane's lock stands between.
  private int laneIndex;
  private boolean lastLane;
  private boolean everyLaneClosed = true;
  private volatile boolean noCarrier;

  /**
   * @param elsewhere has agents of other nodes perform it, or says that there are none; null when
   *     they may not
   */
  Errand(
      Attempt attempt,
      Consumer<Outcome> whenSettled,
      Consumer<Errand> leave,
      @Nullable Predicate<Errand> elsewhere) {
    this.attempt = attempt;
    this.whenSettled = whenSettled;
    this.leave = leave;
    this.elsewhere = elsewhere;
  }

  @Override
  public Attempt attempt() {
    return attempt;
  }

  /** Has agents of other nodes perform it; false when there are none, or they may not. */
  boolean travel() {
    return elsewhere != null && elsewhere.test(this);
  }

  /** No agent of another node has room for it either. */
  void noRoom() {
    abandon(noCarrier ? NO_CARRIER : "poolFull");
  }

  boolean isUrgent() {
    return attempt.category() == Category.TRANSACTIONAL;
  }

  /** The router gave it to an agent, whose place it holds until it is settled. */
  void assign(Desk toDesk) {
    toDesk.take();
    desk = toDesk;
  }

  /** Which carrier of the chain comes next, from 0. */
  int laneIndex() {
    return laneIndex;
  }

  void lastLane(boolean isLast) {
    lastLane = isLast;
  }

  @Override
  public boolean enterWire() {
    return stage.compareAndSet(Stage.OPEN, Stage.ON_WIRE);
  }

  @Override
  public boolean isSettled() {
    return stage.get() == Stage.SETTLED;
  }

  @Override
  public void answered(Outcome outcome) {
    Desk at = desk;
    everyLaneClosed &= Lane.isClosed(outcome);
    if (!lastLane && at != null && Lane.invitesFailover(outcome) && reopen(outcome)) {
      laneIndex++;
      at.agent().tell(this);
      return;
    }
    if (!everyLaneClosed) {
      settle(outcome);
      return;
    }
    // Nothing goes from here at the moment; the carriers may well take it from another node.
    noCarrier = true;
    desk = null;
    if (at != null) at.clear();
    if (!travel()) settle(Outcome.notSent(NO_CARRIER));
  }

  /**
   * A carrier certainly did not take it, so it stands before the wire again. The lane's refusals
   * without a carrier (the gate's reasons) end the errand: another carrier would meet the same
   * gate.
   */
  private boolean reopen(Outcome outcome) {
    if (outcome.carrier().isEmpty()) return false;
    stage.compareAndSet(Stage.ON_WIRE, Stage.OPEN);
    return stage.get() == Stage.OPEN;
  }

  /** Nobody will answer for it any more: says what is certain. */
  void abandon(String reason) {
    if (stage.compareAndSet(Stage.OPEN, Stage.SETTLED)) {
      finish(Outcome.notSent(reason));
    } else {
      settle(Outcome.unknown(reason));
    }
  }

  void settle(Outcome outcome) {
    if (stage.getAndSet(Stage.SETTLED) == Stage.SETTLED) return;
    finish(outcome);
  }

  private void finish(Outcome outcome) {
    Desk at = desk;
    if (at != null) at.clear();
    leave.accept(this);
    try {
      whenSettled.accept(outcome);
    } catch (RuntimeException e) {
      LOG.error("Whoever asked for an attempt failed on its answer; this is a defect", e);
    }
  }
}

package org.parley.agents.lane;

import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

/** What a lane carries: an attempt, and who wants to know what became of it. */
public interface LaneJob {
  Attempt attempt();

  /**
   * The wire comes next. From here on a lost job is in doubt.
   *
   * @return false when the job was answered elsewhere and must not be sent
   */
  boolean enterWire();

  /** Whether the job was answered elsewhere, so that the lane may drop it. */
  boolean isSettled();

  /** The lane's answer. It comes exactly once, on any thread. */
  void answered(Outcome outcome);
}

package org.parley.agents.pool;

import org.parley.agents.lane.LaneJob;

/** A way to a carrier: it answers every job it is offered. */
interface Way {
  void offer(LaneJob job);
}

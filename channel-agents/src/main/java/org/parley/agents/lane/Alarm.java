package org.parley.agents.lane;

/** Runs something later, once. A lane has at most one alarm set at a time. */
public interface Alarm {
  void after(long nanos, Runnable task);
}

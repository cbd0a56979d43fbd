package org.parley.agents.lane;

/** Runs something later, once. A lane has at most two alarms set at a time. */
public interface Alarm {
  void after(long nanos, Runnable task);
}

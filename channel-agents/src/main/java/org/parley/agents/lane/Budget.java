package org.parley.agents.lane;

/**
 * The part of its carrier's rate that a lane may use, when other nodes use the same carrier. The
 * lane asks it under its lock, so it must be quick and must not call back.
 */
public interface Budget {
  /** A carrier that nobody else uses. */
  Budget UNSHARED =
      new Budget() {
        @Override
        public boolean tryTake(long nowNanos) {
          return true;
        }

        @Override
        public void giveBack() {}

        @Override
        public long waitNanos(long nowNanos) {
          return 1;
        }

        @Override
        public double ownPerSecond(long nowNanos) {
          return 0;
        }

        @Override
        public boolean isLost(long nowNanos) {
          return false;
        }

        @Override
        public void whenMore(Runnable task) {}
      };

  /** Takes the right to start one attempt, if there is one. */
  boolean tryTake(long nowNanos);

  /** Gives back a right that did not lead to the wire. */
  void giveBack();

  /** When to try again, in nanoseconds; at least 1. */
  long waitNanos(long nowNanos);

  /**
   * How many it may start a second by itself, because the rate could not be asked for; 0 while it
   * can.
   */
  double ownPerSecond(long nowNanos);

  /** Whether the rate could not be asked for, for too long to go on waiting, and it has no own. */
  boolean isLost(long nowNanos);

  /** Calls this, without the lane's lock, whenever more has come. */
  void whenMore(Runnable task);
}

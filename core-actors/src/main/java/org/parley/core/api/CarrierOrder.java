package org.parley.core.api;

/** What an operator wants of a carrier. */
public enum CarrierOrder {
  /** Take nothing new, and finish what has been taken. */
  DRAIN,
  /** Treat it as broken: what waits goes to the next carrier. */
  TRIP,
  /** Work as if nobody had said anything. */
  RESUME
}

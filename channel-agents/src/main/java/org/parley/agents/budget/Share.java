package org.parley.agents.budget;

/**
 * This node's place among the members of the cluster that may send through the carriers of a
 * channel. What it may send while nobody lends is the rate over their number.
 *
 * @param rank its place in their order, from 0
 * @param of how many they are; 0 while it is not one of them
 */
record Share(int rank, int of) {
  /** Of a node that may not send. */
  static final Share NONE = new Share(0, 0);

  boolean isNone() {
    return of == 0;
  }
}

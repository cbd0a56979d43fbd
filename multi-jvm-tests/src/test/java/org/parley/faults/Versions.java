package org.parley.faults;

/**
 * The class paths of the Parleys that nodes are.
 *
 * @param first at their start
 * @param later once they are started again
 */
record Versions(String first, String later) {
  /** This one only. */
  static final Versions OWN = new Versions(Child.OWN_CLASS_PATH, Child.OWN_CLASS_PATH);
}

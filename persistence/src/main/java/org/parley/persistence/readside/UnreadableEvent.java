package org.parley.persistence.readside;

/**
 * An event that cannot be read or folded; it is named by its place, which tells nothing personal.
 */
final class UnreadableEvent extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableEvent(Position position) {
    super("the event at " + position + " of the journal cannot be applied", null, false, false);
  }
}

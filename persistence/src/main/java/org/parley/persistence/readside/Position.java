package org.parley.persistence.readside;

/**
 * A place in the journal. Rows become visible in the order of commits, so neither number alone
 * would do: below the oldest transaction that still runs, the pairs are complete and never change.
 *
 * @param xid the transaction that wrote the row
 * @param ordering the row's number, which grows within a transaction
 */
record Position(long xid, long ordering) {
  static final Position START = new Position(0, 0);

  /** The reverse of {@link #toString}, the form in the offset table. */
  static Position parse(String text) {
    int colon = text.indexOf(':');
    return new Position(
        Long.parseLong(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
  }

  @Override
  public String toString() {
    return xid + ":" + ordering;
  }
}

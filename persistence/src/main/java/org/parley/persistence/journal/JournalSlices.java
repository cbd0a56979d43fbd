package org.parley.persistence.journal;

/** Cuts the journal into slices, so that several readers share it. Fixed for ever. */
public final class JournalSlices {
  /** How many slices there are: 0 to 1023. */
  public static final int COUNT = 1024;

  private JournalSlices() {}

  /**
   * The slice of an entity, 0 to {@link #COUNT} - 1; the same on every node and in every release.
   */
  public static int of(String persistenceId) {
    int hash = persistenceId.hashCode() * 0x9E3779B9;
    return (hash >>> 16) % COUNT;
  }
}

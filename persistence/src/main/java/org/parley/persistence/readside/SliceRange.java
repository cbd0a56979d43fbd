package org.parley.persistence.readside;

import org.parley.persistence.journal.JournalSlices;

/**
 * The slices of the journal that one projection reads.
 *
 * @param part which of the projections, from 0
 * @param from the first slice
 * @param to the last slice, inclusive
 */
record SliceRange(int part, int from, int to) {
  static SliceRange of(int part, int parts) {
    int size = JournalSlices.COUNT / parts;
    return new SliceRange(part, part * size, (part + 1) * size - 1);
  }

  /** The key of its offset. */
  String key() {
    return from + "-" + to;
  }
}

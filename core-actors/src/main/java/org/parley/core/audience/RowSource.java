package org.parley.core.audience;

import java.util.List;
import org.parley.core.check.NotAcceptable;

/** Understands the rows of one format. */
sealed interface RowSource permits CsvSource, NdjsonSource {
  /** Puts the current row into an empty candidate. */
  void read(Rows row, Candidate candidate) throws NotAcceptable;

  /** Learns that a row was accepted. */
  void accepted(Candidate candidate);

  /** The attributes found, in order. */
  List<String> columns();
}

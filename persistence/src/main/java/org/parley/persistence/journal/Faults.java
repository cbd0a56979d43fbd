package org.parley.persistence.journal;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLWarning;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an error of the database means for what was asked. */
final class Faults {
  /** Cancelled, read-only while a standby takes over, lock not available: another try may work. */
  private static final Set<String> PASSING = Set.of("57014", "25006", "55P03");

  /**
   * Classes of SQLSTATE that say nothing against the statement: connection, transaction rolled
   * back, resources, operator intervention, system.
   */
  private static final Set<String> PASSING_CLASSES = Set.of("08", "40", "53", "57", "58");

  private Faults() {}

  /** Whether the database has judged the statement itself, and will not change its mind. */
  static boolean isRefusal(SQLException e) {
    String state = e.getSQLState();
    if (e instanceof SQLTransientConnectionException || state == null || state.length() != 5) {
      return false;
    }
    return !PASSING.contains(state) && !PASSING_CLASSES.contains(state.substring(0, 2));
  }

  static boolean isDuplicate(SQLException e) {
    return "23505".equals(e.getSQLState());
  }

  /**
   * Whether a commit came back without having waited for the standby it should have waited for:
   * PostgreSQL reports that as a warning, 01000 when it was cancelled and 57P01 at a shutdown.
   */
  static boolean isUnconfirmed(@Nullable SQLWarning first) {
    for (SQLWarning w = first; w != null; w = w.getNextWarning()) {
      if ("01000".equals(w.getSQLState()) || "57P01".equals(w.getSQLState())) return true;
    }
    return false;
  }
}

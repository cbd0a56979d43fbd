package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** How PostgreSQL is to plan statements that look up some rows by key. */
public final class Plans {
  private static final String BY_INDEX =
      "SELECT set_config(name, 'off', true) FROM unnest(ARRAY['enable_seqscan',"
          + " 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin']) AS s(name)";

  private Plans() {}

  /**
   * Has the statements of this transaction use indexes. Plans are kept for a connection's life: one
   * that was made while a table was new, and reading all of it was cheapest, would otherwise be
   * used for the first million rows, until the statistics are made.
   *
   * @param connection within a transaction
   */
  public static void byIndex(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(BY_INDEX);
    }
  }
}

package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How PostgreSQL is to plan statements that look up some rows by key.
 *
 * <p>A join of keys with a table is two loops, one in the other, and PostgreSQL decides which.
 * While the table is empty, and is known to be, both ways cost the same; a plan that was made then
 * goes through all of the table for each key, or, where rows are locked, through all keys for each
 * row, until the statistics are made: 5,000 rows have kept a statement busy for five minutes. So
 * the rows of a key are looked up in a {@code LATERAL} subquery that {@code OFFSET 0} or a lock
 * keeps one, and are changed by {@code ctid}.
 */
public final class Plans {
  private static final String BY_INDEX =
      "SELECT set_config(name, 'off', true) FROM unnest(ARRAY['enable_seqscan',"
          + " 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin']) AS s(name)";

  private Plans() {}

  /**
   * The same for one statement that is a transaction of its own: both go to PostgreSQL together,
   * and are answered together, where {@link #byIndex(Connection)} in a transaction takes three
   * answers. Prepare what this returns on a connection that commits by itself, and execute it with
   * {@link #rows} or {@link #update}.
   */
  static String byIndex(String statement) {
    return BY_INDEX + "; " + statement;
  }

  /** Executes a query made by {@link #byIndex(String)}; the rows live as long as the statement. */
  static ResultSet rows(PreparedStatement byIndex) throws SQLException {
    boolean there = byIndex.execute() && byIndex.getMoreResults();
    if (!there) throw new SQLException("the query gave no rows");
    return byIndex.getResultSet();
  }

  /** Executes a statement without rows made by {@link #byIndex(String)}. */
  static void update(PreparedStatement byIndex) throws SQLException {
    boolean unexpected = byIndex.execute() && byIndex.getMoreResults();
    if (unexpected) throw new SQLException("the statement gave rows");
  }

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

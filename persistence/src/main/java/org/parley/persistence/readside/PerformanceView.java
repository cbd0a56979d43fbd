package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.parley.persistence.Transaction;

/**
 * Keeps {@code campaign_performance} fresh. A refresh is a transaction that holds the read side
 * back, so it runs on one node at a time, only when something has changed, and rests for twenty
 * times as long as it took.
 */
final class PerformanceView {
  private static final int REST = 20;

  /** One statement, however large the view is: given up too soon it would begin again for ever. */
  private static final int LONGEST_MILLIS = 4 * 60 * 60 * 1_000;

  private PerformanceView() {}

  /**
   * Refreshes the view if it is time.
   *
   * @return whether it did
   */
  static boolean refresh(Connection c, Duration interval) throws SQLException {
    return Transaction.run(c, connection -> refreshIfDue(connection, interval));
  }

  private static boolean refreshIfDue(Connection c, Duration interval) throws SQLException {
    try (Statement statement = c.createStatement()) {
      return refreshIfDue(c, statement, interval);
    }
  }

  private static boolean refreshIfDue(Connection c, Statement statement, Duration interval)
      throws SQLException {
    long groups;
    try (ResultSet due =
        statement.executeQuery(
            "SELECT p.groups FROM (SELECT coalesce(sum(groups), 0)::bigint AS groups"
                + " FROM read_side_parts) AS p, performance_refresh r"
                + " WHERE p.groups <> r.groups AND r.not_before <= now()"
                + " AND pg_try_advisory_xact_lock(hashtextextended('parley.performance', 0))")) {
      if (!due.next()) return false;
      groups = due.getLong(1);
    }
    c.setNetworkTimeout(Runnable::run, LONGEST_MILLIS);
    long started = System.nanoTime();
    statement.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY campaign_performance");
    double tookSeconds = (System.nanoTime() - started) / 1e9;
    try (PreparedStatement update =
        c.prepareStatement(
            "UPDATE performance_refresh SET groups = ?,"
                + " not_before = clock_timestamp() + make_interval(secs => ?)")) {
      update.setLong(1, groups);
      update.setDouble(2, Math.max(interval.toMillis() / 1000.0, REST * tookSeconds));
      update.executeUpdate();
    }
    return true;
  }
}

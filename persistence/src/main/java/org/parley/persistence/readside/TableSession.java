package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.projection.jdbc.JdbcSession;

/**
 * One transaction of a projection, which has its slices for itself until it ends. Two nodes fold
 * the same slices when one has stood still for so long that another took its work over, or when the
 * last transaction of one that was killed ends after the other has read where to go on: what one
 * has counted the other must not count again.
 */
final class TableSession implements JdbcSession {
  private final Connection connection;
  private final Position foldedTo;

  private TableSession(Connection connection, Position foldedTo) {
    this.connection = connection;
    this.foldedTo = foldedTo;
  }

  static TableSession open(DataSource dataSource, SliceRange range) {
    try {
      Connection connection = dataSource.getConnection();
      boolean ready = false;
      try {
        connection.setAutoCommit(false);
        lock(connection, range);
        TableSession session = new TableSession(connection, foldedTo(connection, range));
        ready = true;
        return session;
      } finally {
        if (!ready) connection.close();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the read side has no connection", e);
    }
  }

  private static void lock(Connection connection, SliceRange range) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // The lock of a node that stands still must not outlive its work.
      statement.execute(
          "SET LOCAL idle_in_transaction_session_timeout = '10s';"
              + " SELECT pg_advisory_xact_lock(hashtextextended('parley.read-side."
              + range.part()
              + "', 0))");
    }
  }

  /** A statement of its own, begun under the lock: it sees what the last holder did. */
  private static Position foldedTo(Connection connection, SliceRange range) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT current_offset FROM pekko_projection_offset_store"
                + " WHERE projection_name = ? AND projection_key = ?")) {
      select.setString(1, ReadSide.NAME);
      select.setString(2, range.key());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Position.parse(row.getString(1)) : Position.START;
      }
    }
  }

  /** Up to where the slices were folded when this transaction began. */
  Position foldedTo() {
    return foldedTo;
  }

  @Override
  public <T> T withConnection(Function<Connection, T> work) throws Exception {
    return work.apply(connection);
  }

  @Override
  public void commit() throws SQLException {
    connection.commit();
  }

  @Override
  public void rollback() throws SQLException {
    connection.rollback();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

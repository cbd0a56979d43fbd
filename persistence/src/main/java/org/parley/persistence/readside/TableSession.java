package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.apache.pekko.japi.function.Function;
import org.apache.pekko.projection.jdbc.JdbcSession;

/** One transaction of a projection. */
final class TableSession implements JdbcSession {
  private final Connection connection;

  private TableSession(Connection connection) {
    this.connection = connection;
  }

  static TableSession open(DataSource dataSource) {
    try {
      Connection connection = dataSource.getConnection();
      boolean ready = false;
      try {
        connection.setAutoCommit(false);
        ready = true;
        return new TableSession(connection);
      } finally {
        if (!ready) connection.close();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the read side has no connection", e);
    }
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

package org.parley.persistence;

import java.sql.Connection;
import java.sql.SQLException;

/** Statements that happen together or not at all. */
public final class Transaction {
  private Transaction() {}

  /** What is done in a transaction. */
  @FunctionalInterface
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /**
   * Does work in a transaction, and leaves the connection committing each statement by itself.
   *
   * @throws SQLException what the work or its commit failed with: never what came of that, for a
   *     broken connection refuses to roll back, too, and its refusal does not tell what broke it
   */
  public static <T> T run(Connection connection, Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      T result = work.run(connection);
      connection.commit();
      connection.setAutoCommit(true);
      return result;
    } catch (Throwable failure) {
      try {
        connection.rollback();
        connection.setAutoCommit(true);
      } catch (SQLException e) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
  }
}

package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class TransactionIT {
  private final Database database = TestDatabase.shared();

  @Test
  void whatFailsLeavesNothingAndTheConnectionGoesOn() throws SQLException {
    try (Connection connection = database.requests().getConnection()) {
      assertThatThrownBy(
              () ->
                  Transaction.run(
                      connection,
                      c -> {
                        execute(c, "CREATE TABLE half_done AS SELECT 1 AS one");
                        return execute(c, "SELECT 1 / 0");
                      }))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22012"));
      assertThat(connection.getAutoCommit()).isTrue();
      long seven = Transaction.run(connection, c -> number(c, "SELECT 7"));
      assertThat(seven).isEqualTo(7);
      assertThat(number(connection, "SELECT count(*) FROM pg_class WHERE relname = 'half_done'"))
          .isZero();
    }
  }

  @Test
  void aConnectionThatBreaksTellsWhatBrokeIt() throws SQLException {
    try (Connection connection = database.requests().getConnection()) {
      assertThatThrownBy(
              () ->
                  Transaction.run(
                      connection, c -> execute(c, "SELECT pg_terminate_backend(pg_backend_pid())")))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57P01"))
          .satisfies(e -> assertThat(e.getSuppressed()).isNotEmpty());
    }
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}

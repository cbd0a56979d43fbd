package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.parley.persistence.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the months of {@code communications} before they are needed. */
final class MonthlyPartitions {
  private static final Logger log = LoggerFactory.getLogger(MonthlyPartitions.class);
  private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("yyyy_MM");

  private MonthlyPartitions() {}

  /**
   * Makes what is missing of the month of this day and those that follow. Nodes may do so at the
   * same time. A month whose rows are in the default partition already stays there.
   */
  static void make(Connection connection, LocalDate day, int monthsAhead) throws SQLException {
    LocalDate first = day.withDayOfMonth(1);
    for (int i = 0; i <= monthsAhead; i++) make(connection, first.plusMonths(i));
  }

  static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  private static void make(Connection connection, LocalDate month) throws SQLException {
    String name = "communications_" + NAME.format(month);
    if (exists(connection, name)) return;
    try {
      Transaction.run(connection, c -> make(c, name, month));
      log.info("Made the partition {}", name);
    } catch (SQLException e) {
      log.warn("The partition {} could not be made: {}", name, e.getMessage());
    }
  }

  private static boolean make(Connection connection, String name, LocalDate month)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // A reader that does not end must not make all writers wait behind this.
      statement.execute("SET LOCAL lock_timeout = '5s'");
      statement.execute("SELECT pg_advisory_xact_lock(hashtextextended('parley.months', 0))");
      return statement.execute(
          String.format(
              "CREATE TABLE IF NOT EXISTS %s PARTITION OF communications"
                  + " FOR VALUES FROM ('%s') TO ('%s')",
              name, month, month.plusMonths(1)));
    }
  }

  private static boolean exists(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      select.setString(1, name);
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }
}

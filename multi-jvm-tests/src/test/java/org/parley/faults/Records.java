package org.parley.faults;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the nodes wrote into the database, read without them. */
final class Records {
  private final Postgres postgres;

  Records(Postgres postgres) {
    this.postgres = postgres;
  }

  /**
   * The last grant of a customer in a campaign.
   *
   * @param attempt empty when there is none
   */
  record Grant(String customerId, String attempt, String state, Instant grantedAt) {}

  /** Of everybody in a campaign who was granted one. */
  List<Grant> grants(String campaign) {
    List<Grant> grants = new ArrayList<>();
    read(
        "SELECT customer_id, coalesce(attempt, ''), state, granted_at FROM communications"
            + " WHERE campaign_id = ? AND granted_at IS NOT NULL",
        campaign,
        row ->
            grants.add(
                new Grant(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getTimestamp(4).toInstant())));
    return grants;
  }

  /** How many are in each state, by the rows of single customers. */
  Map<String, Long> states(String campaign) {
    Map<String, Long> states = new TreeMap<>();
    read(
        "SELECT state, count(*) FROM communications WHERE campaign_id = ? GROUP BY state",
        campaign,
        row -> states.put(row.getString(1), row.getLong(2)));
    return states;
  }

  /** How far the cursors of a campaign's slices have come, added up. */
  long cursors(String campaign) {
    List<Long> sum = new ArrayList<>(1);
    read(
        "SELECT coalesce(sum(cursor), 0) FROM audience_runs WHERE campaign_id = ?",
        campaign,
        row -> sum.add(row.getLong(1)));
    return sum.get(0);
  }

  private interface Row {
    void read(ResultSet row) throws SQLException;
  }

  private void read(String sql, String parameter, Row row) {
    try (Connection connection = postgres.connect();
        PreparedStatement select = connection.prepareStatement(sql)) {
      select.setString(1, parameter);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) row.read(rows);
      }
    } catch (SQLException | IOException e) {
      throw new AssertionError("the records cannot be read", e);
    }
  }
}

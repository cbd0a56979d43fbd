package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CallResult;
import org.parley.core.api.Communication;
import org.parley.persistence.store.Columns;

/**
 * Writes communications. A row stays in the month of its first touch, which a later change does not
 * tell; but nothing is touched before its campaign exists. So the row of a campaign of this month
 * can only be in this month, and one statement inserts or updates it. Only for an older campaign,
 * and for a single message, the earlier months are asked first.
 */
final class CommunicationTable {
  private static final int REMEMBERED_CAMPAIGNS = 1_000;
  // Clocks of nodes differ: a change may seem to be of the month before the row's first one.
  private static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);
  private static final String MESSAGES = "msg";

  private static final String UPSERT =
      "INSERT INTO communications (month, changed_at, granted_at, attempts, tenant, customer_id,"
          + " campaign_id, step_id, channel, state, reason, attempt, carrier, carrier_ref,"
          + " call_millis, call_digits, call_ended_by)"
          + " SELECT date '1970-01-01' + day, "
          + ReadTables.time("changed_at")
          + ", "
          + ReadTables.time("granted_at")
          + ", attempts, tenant, customer_id, campaign_id, step_id, channel, state, reason,"
          + " attempt, carrier, carrier_ref, call_millis, call_digits, call_ended_by FROM unnest(?::int[], ?::bigint[], ?::bigint[],"
          + " ?::int[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],"
          + " ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[]) AS u(day, changed_at, granted_at,"
          + " attempts, tenant, customer_id, campaign_id, step_id, channel, state, reason,"
          + " attempt, carrier, carrier_ref, call_millis, call_digits, call_ended_by)"
          + " ON CONFLICT (campaign_id, customer_id, step_id, tenant, month) DO UPDATE SET"
          + " changed_at = excluded.changed_at, granted_at = excluded.granted_at,"
          + " attempts = excluded.attempts, channel = excluded.channel, state = excluded.state,"
          + " reason = excluded.reason, attempt = excluded.attempt, carrier = excluded.carrier,"
          + " carrier_ref = excluded.carrier_ref, call_millis = excluded.call_millis,"
          + " call_digits = excluded.call_digits, call_ended_by = excluded.call_ended_by";

  private static final String EARLIER =
      "SELECT u.number, c.month FROM unnest(?::int[], ?::text[], ?::text[], ?::text[], ?::text[])"
          + " AS u(number, campaign_id, customer_id, step_id, tenant) CROSS JOIN LATERAL ("
          + "SELECT month FROM communications WHERE campaign_id = u.campaign_id"
          + " AND customer_id = u.customer_id AND step_id = u.step_id AND tenant = u.tenant"
          + " AND month BETWEEN ? AND ? OFFSET 0) c ORDER BY c.month";

  private final Duration messageReach;
  private final Map<String, LocalDate> campaignMonths =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, LocalDate> eldest) {
          return size() > REMEMBERED_CAMPAIGNS;
        }
      };

  /** A row to be written, and the months in which it may be already. */
  private record Row(
      ChangeGroup.CommunicationKey key,
      Communication value,
      LocalDate month,
      LocalDate firstMonth,
      LocalDate lastMonth) {
    Row in(LocalDate found) {
      return new Row(key, value, found, found, found);
    }

    boolean mayBeElsewhere() {
      return firstMonth.isBefore(month) || lastMonth.isAfter(month);
    }
  }

  CommunicationTable(Duration messageReach) {
    this.messageReach = messageReach;
  }

  void put(Connection c, Map<ChangeGroup.CommunicationKey, Communication> changes)
      throws SQLException {
    if (changes.isEmpty()) return;
    learnCampaigns(c, changes.keySet());
    List<Row> rows = new ArrayList<>(changes.size());
    changes.forEach((key, value) -> rows.add(row(key, value)));
    if (rows.stream().anyMatch(Row::mayBeElsewhere)) placeByMonth(c, rows);
    upsert(c, rows);
  }

  private Row row(ChangeGroup.CommunicationKey key, Communication value) {
    LocalDate month = monthOf(value.at());
    LocalDate reach = monthOf(value.at().minus(messageReach));
    LocalDate since = campaignMonths.getOrDefault(key.campaignId(), reach);
    LocalDate first = since.isBefore(month) ? since : month;
    return new Row(key, value, month, first, monthOf(value.at().plus(CLOCK_TOLERANCE)));
  }

  static LocalDate monthOf(Instant at) {
    return at.atOffset(ZoneOffset.UTC).toLocalDate().withDayOfMonth(1);
  }

  /**
   * Asks for the age of campaigns that are not remembered; one that is not there yet is asked
   * again.
   */
  private void learnCampaigns(Connection c, Set<ChangeGroup.CommunicationKey> keys)
      throws SQLException {
    Set<String> unknown =
        keys.stream()
            .map(ChangeGroup.CommunicationKey::campaignId)
            .filter(id -> !id.equals(MESSAGES) && !campaignMonths.containsKey(id))
            .collect(Collectors.toSet());
    if (unknown.isEmpty()) return;
    try (PreparedStatement select =
        c.prepareStatement("SELECT id, created_at FROM campaigns WHERE id = ANY (?)")) {
      select.setArray(1, c.createArrayOf("text", unknown.toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          Instant createdAt = rows.getObject(2, OffsetDateTime.class).toInstant();
          campaignMonths.put(rows.getString(1), monthOf(createdAt.minus(CLOCK_TOLERANCE)));
        }
      }
    }
  }

  /** Gives the rows that exist already the month they are in. */
  private static void placeByMonth(Connection c, List<Row> rows) throws SQLException {
    List<Integer> asked = new ArrayList<>();
    LocalDate first = LocalDate.MAX;
    LocalDate last = LocalDate.MIN;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      if (!row.mayBeElsewhere()) continue;
      asked.add(i);
      if (row.firstMonth().isBefore(first)) first = row.firstMonth();
      if (row.lastMonth().isAfter(last)) last = row.lastMonth();
    }
    try (PreparedStatement select = c.prepareStatement(EARLIER)) {
      new Columns(c, select, 1)
          .ints(asked, i -> i)
          .texts(asked, i -> rows.get(i).key().campaignId())
          .texts(asked, i -> rows.get(i).key().customerId())
          .texts(asked, i -> rows.get(i).key().stepId())
          .texts(asked, i -> rows.get(i).key().tenant());
      select.setObject(6, first);
      select.setObject(7, last);
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          int i = found.getInt(1);
          rows.set(i, rows.get(i).in(found.getObject(2, LocalDate.class)));
        }
      }
    }
  }

  private static void upsert(Connection c, List<Row> rows) throws SQLException {
    try (PreparedStatement upsert = c.prepareStatement(UPSERT)) {
      new Columns(c, upsert, 1)
          .ints(rows, row -> (int) row.month().toEpochDay())
          .times(rows, row -> row.value().at())
          .timesIfAny(rows, row -> row.value().grantedAt())
          .ints(rows, row -> row.value().attempts())
          .texts(rows, row -> row.key().tenant())
          .texts(rows, row -> row.key().customerId())
          .texts(rows, row -> row.key().campaignId())
          .texts(rows, row -> row.key().stepId())
          .texts(rows, row -> row.value().channel().label())
          .texts(rows, row -> row.value().state().label())
          .textsIfAny(rows, row -> row.value().reason())
          .textsIfAny(rows, row -> row.value().attempt().map(AttemptId::value))
          .textsIfAny(rows, row -> row.value().carrier())
          .textsIfAny(rows, row -> row.value().carrierRef())
          .longsIfAny(rows, row -> row.value().call().map(call -> call.lasted().toMillis()))
          .textsIfAny(rows, row -> row.value().call().map(CallResult::digits))
          .textsIfAny(rows, row -> row.value().call().map(call -> call.endedBy().label()));
      upsert.executeUpdate();
    }
  }
}

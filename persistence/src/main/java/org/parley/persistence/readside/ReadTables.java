package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.CampaignView;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;
import org.parley.persistence.store.Columns;
import org.parley.persistence.store.Definitions;
import org.parley.persistence.store.Labels;
import org.parley.persistence.store.Plans;

/** Writes groups of changes into the read tables, a statement for each kind of change. */
final class ReadTables {
  private static final int AT_ONCE_PASSES = 2;

  private final int part;
  private final CommunicationTable communications;

  ReadTables(int part, ReadSideSettings settings) {
    this.part = part;
    this.communications = new CommunicationTable(settings.messageReach());
  }

  /** An SQL expression that makes a time of a column of microseconds. */
  static String time(String column) {
    return "timestamptz 'epoch' + " + column + " * interval '1 microsecond'";
  }

  /** Applies a group in the connection's transaction. */
  void apply(Connection c, ChangeGroup group) throws SQLException {
    if (group.isEmpty()) return;
    Plans.byIndex(c);
    for (Change.CampaignChanged change : group.campaigns().values()) putCampaign(c, change);
    for (String campaignId : group.runs()) openRun(c, campaignId);
    for (Map.Entry<String, Instant> request : group.dueAtOnce().entrySet()) {
      requestAtOnce(c, request.getKey(), request.getValue());
    }
    communications.put(c, group.communications());
    AddressTable.put(c, group.addresses().values());
    changeDueWork(c, group.dueWork());
    count(c, group.counters());
    countGroup(c);
  }

  private static void putCampaign(Connection c, Change.CampaignChanged change) throws SQLException {
    CampaignView campaign = change.campaign();
    try (PreparedStatement upsert =
        c.prepareStatement(
            "INSERT INTO campaigns (id, tenant, version, status, definition, audience_id,"
                + " rate_per_second, audience_size, created_at, started_at, finished_at)"
                + " VALUES (?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                + " version = excluded.version, status = excluded.status,"
                + " definition = excluded.definition, audience_id = excluded.audience_id,"
                + " rate_per_second = excluded.rate_per_second,"
                + " audience_size = excluded.audience_size, started_at = excluded.started_at,"
                + " finished_at = excluded.finished_at")) {
      upsert.setString(1, campaign.id());
      upsert.setString(2, change.tenant());
      upsert.setLong(3, campaign.version());
      upsert.setString(4, Labels.of(campaign.status()));
      upsert.setString(5, Definitions.write(campaign.definition()));
      upsert.setString(6, campaign.definition().audience());
      set(upsert, 7, campaign.definition().policy().ratePerSecond(), Types.INTEGER);
      set(upsert, 8, campaign.audienceSize(), Types.BIGINT);
      upsert.setObject(9, campaign.createdAt().atOffset(ZoneOffset.UTC));
      set(upsert, 10, campaign.startedAt().map(at -> at.atOffset(ZoneOffset.UTC)), TIMESTAMPTZ);
      set(upsert, 11, campaign.finishedAt().map(at -> at.atOffset(ZoneOffset.UTC)), TIMESTAMPTZ);
      upsert.executeUpdate();
    }
  }

  private static final int TIMESTAMPTZ = Types.TIMESTAMP_WITH_TIMEZONE;

  private static void set(PreparedStatement to, int index, Optional<?> value, int type)
      throws SQLException {
    if (value.isPresent()) {
      to.setObject(index, value.get());
    } else {
      to.setNull(index, type);
    }
  }

  private static void openRun(Connection c, String campaignId) throws SQLException {
    try (PreparedStatement insert =
        c.prepareStatement(
            "INSERT INTO audience_runs (campaign_id, slice) SELECT ?, generate_series(0, ?)"
                + " ON CONFLICT DO NOTHING")) {
      insert.setString(1, campaignId);
      insert.setInt(2, AudienceStore.SLICES - 1);
      insert.executeUpdate();
    }
  }

  private static void requestAtOnce(Connection c, String campaignId, Instant at)
      throws SQLException {
    try (PreparedStatement upsert =
        c.prepareStatement(
            "INSERT INTO due_at_once (campaign_id, at, requested_at, passes, not_before)"
                + " VALUES (?, ?, now(), ?, now()) ON CONFLICT (campaign_id) DO UPDATE SET"
                + " at = excluded.at, requested_at = excluded.requested_at,"
                + " passes = excluded.passes, not_before = excluded.not_before")) {
      upsert.setString(1, campaignId);
      upsert.setObject(2, at.atOffset(ZoneOffset.UTC));
      upsert.setInt(3, AT_ONCE_PASSES);
      upsert.executeUpdate();
    }
  }

  private static void changeDueWork(
      Connection c, Map<DueWorkStore.Key, Optional<ChangeGroup.Put>> changes) throws SQLException {
    if (changes.isEmpty()) return;
    List<DueWorkStore.Key> dropped = new ArrayList<>();
    List<Map.Entry<DueWorkStore.Key, ChangeGroup.Put>> put = new ArrayList<>();
    changes.forEach(
        (key, change) ->
            change.ifPresentOrElse(p -> put.add(Map.entry(key, p)), () -> dropped.add(key)));
    if (!dropped.isEmpty()) drop(c, dropped);
    if (!put.isEmpty()) put(c, put);
  }

  private static void drop(Connection c, List<DueWorkStore.Key> keys) throws SQLException {
    try (PreparedStatement delete =
        c.prepareStatement(
            "DELETE FROM due_work WHERE entity_type = ? AND entity_id = ? AND work = ?")) {
      for (DueWorkStore.Key key : keys) {
        delete.setString(1, key.entityType());
        delete.setString(2, key.entityId());
        delete.setString(3, key.work());
        delete.addBatch();
      }
      int[] unused = delete.executeBatch();
    }
  }

  /**
   * Once a campaign's work was called due, all of it is, also what is planned later: what is on the
   * wire when it is cancelled still has its outcome, and that its next step.
   */
  private static void put(Connection c, List<Map.Entry<DueWorkStore.Key, ChangeGroup.Put>> rows)
      throws SQLException {
    try (PreparedStatement upsert =
        c.prepareStatement(
            "INSERT INTO due_work (entity_type, entity_id, work, campaign_id, due, visible_at)"
                + " SELECT entity_type, entity_id, work, campaign_id, due, due"
                + " FROM (SELECT u.entity_type, u.entity_id, u.work, u.campaign_id, least("
                + time("u.due")
                + ", o.at) AS due FROM unnest(?::text[], ?::text[], ?::text[], ?::text[],"
                + " ?::bigint[]) AS u(entity_type, entity_id, work, campaign_id, due)"
                + " LEFT JOIN due_at_once o ON o.campaign_id = u.campaign_id) AS work ON CONFLICT (entity_type, entity_id, work) DO UPDATE SET"
                + " campaign_id = excluded.campaign_id, due = excluded.due,"
                + " visible_at = excluded.visible_at")) {
      new Columns(c, upsert, 1)
          .texts(rows, row -> row.getKey().entityType())
          .texts(rows, row -> row.getKey().entityId())
          .texts(rows, row -> row.getKey().work())
          .texts(rows, row -> row.getValue().campaignId().orElse(""))
          .times(rows, row -> row.getValue().due());
      upsert.executeUpdate();
    }
  }

  private void count(Connection c, Map<ChangeGroup.CounterKey, Long> counters) throws SQLException {
    List<Map.Entry<ChangeGroup.CounterKey, Long>> rows =
        counters.entrySet().stream().filter(counter -> counter.getValue() != 0).toList();
    if (rows.isEmpty()) return;
    try (PreparedStatement upsert =
        c.prepareStatement(
            "INSERT INTO campaign_counters AS n (campaign_id, part, kind, name, count, version)"
                + " SELECT campaign_id, ?, kind, name, count, 1 FROM unnest(?::text[], ?::text[],"
                + " ?::text[], ?::bigint[]) AS u(campaign_id, kind, name, count)"
                + " ON CONFLICT (campaign_id, part, kind, name) DO UPDATE SET"
                + " count = n.count + excluded.count, version = n.version + 1")) {
      upsert.setInt(1, part);
      new Columns(c, upsert, 2)
          .texts(rows, row -> row.getKey().campaignId())
          .texts(rows, row -> row.getKey().kind())
          .texts(rows, row -> row.getKey().name())
          .longs(rows, Map.Entry::getValue);
      upsert.executeUpdate();
    }
  }

  private void countGroup(Connection c) throws SQLException {
    try (PreparedStatement upsert =
        c.prepareStatement(
            "INSERT INTO read_side_parts AS p (part, groups) VALUES (?, 1)"
                + " ON CONFLICT (part) DO UPDATE SET groups = p.groups + 1")) {
      upsert.setInt(1, part);
      upsert.executeUpdate();
    }
  }
}

package org.parley.persistence.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CallResult;
import org.parley.core.api.CampaignPerformance;
import org.parley.core.api.CampaignProgress;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Communication;
import org.parley.core.api.Latency;
import org.parley.core.api.Page;
import org.parley.core.api.StepKey;
import org.parley.core.spi.Reports;

/** Answers from the tables that the read side writes. */
final class JournalReports implements Reports {
  private static final String CAMPAIGNS = "campaigns";
  private static final String RECIPIENTS = "recipients";
  private static final String TIMELINE = "timeline";
  private static final String COMMUNICATION =
      "customer_id, campaign_id, step_id, channel, state, reason, attempts, attempt, carrier,"
          + " carrier_ref, granted_at, changed_at, month, call_millis, call_digits, call_ended_by";
  // Nothing is touched before its campaign exists, so earlier months need not be looked at.
  private static final String SINCE_CAMPAIGN =
      " AND month >= coalesce((SELECT date_trunc('month', c.created_at AT TIME ZONE 'UTC')::date"
          + " - 31 FROM campaigns c WHERE c.id = ?), '-infinity')";
  private static final long MICROS = 1_000_000;

  /** One may have 8 MiB of templates. */
  private static final int CAMPAIGNS_AT_ONCE = 4;

  private final RequestPool pool;

  JournalReports(RequestPool pool) {
    this.pool = pool;
  }

  @Override
  public CompletionStage<Page<CampaignView>> campaigns(
      String tenant, Optional<CampaignStatus> status, Optional<String> cursor, int limit) {
    return Rows.refusing(
        () -> {
          Optional<Cursor> from = cursor.map(text -> Cursor.read(CAMPAIGNS, 2, text));
          String before = from.isPresent() ? " AND (created_at, id) < (?, ?)" : "";
          String of = status.isPresent() ? " AND status = ?" : "";
          Optional<Instant> createdBefore = from.map(f -> f.time(0));
          return pool.report(
              c -> {
                try (PreparedStatement select =
                    c.prepareStatement(
                        "SELECT id, version, status, definition, audience_size, created_at,"
                            + " started_at, finished_at FROM campaigns WHERE tenant = ?"
                            + of
                            + before
                            + " ORDER BY created_at DESC, id DESC LIMIT ?")) {
                  // The size of a definition is known once it is written out as text: the database
                  // does that for no more than the page may take.
                  select.setFetchSize(CAMPAIGNS_AT_ONCE);
                  int i = 1;
                  select.setString(i++, tenant);
                  if (status.isPresent()) select.setString(i++, Labels.of(status.get()));
                  if (from.isPresent() && createdBefore.isPresent()) {
                    select.setObject(i++, Rows.timestamp(createdBefore.get()));
                    select.setString(i++, from.get().text(1));
                  }
                  select.setInt(i, limit + 1);
                  return Rows.page(
                      select,
                      limit,
                      row -> row.getBytes(4).length,
                      JournalReports::campaign,
                      row -> Cursor.write(CAMPAIGNS, micros(row, 6), row.getString(1)));
                }
              });
        });
  }

  private static CampaignView campaign(ResultSet row) throws SQLException {
    return new CampaignView(
        row.getString(1),
        row.getLong(2),
        Labels.campaignStatus(row.getString(3)),
        Definitions.read(row.getString(4)),
        Optional.ofNullable(row.getObject(5, Long.class)),
        Rows.instant(row, 6),
        Rows.instantIfAny(row, 7),
        Rows.instantIfAny(row, 8));
  }

  @Override
  public CompletionStage<Optional<CampaignProgress>> progress(String tenant, String campaignId) {
    return pool.query(
        c -> {
          // One statement, so that all counts are of one moment.
          try (PreparedStatement select =
              c.prepareStatement(
                  "SELECT c.status, c.audience_size, c.started_at, c.finished_at, c.version,"
                      + " n.kind, n.name, n.count, n.version FROM campaigns c LEFT JOIN ("
                      + "SELECT campaign_id, kind, name, sum(count)::bigint AS count,"
                      + " sum(version)::bigint AS version FROM campaign_counters"
                      + " WHERE campaign_id = ? GROUP BY campaign_id, kind, name"
                      + ") n ON n.campaign_id = c.id WHERE c.tenant = ? AND c.id = ?")) {
            select.setString(1, campaignId);
            select.setString(2, tenant);
            select.setString(3, campaignId);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? Optional.of(progress(campaignId, rows)) : Optional.empty();
            }
          }
        });
  }

  private static CampaignProgress progress(String campaignId, ResultSet rows) throws SQLException {
    CampaignStatus status = Labels.campaignStatus(rows.getString(1));
    long accepted = rows.getLong(2);
    Optional<Instant> startedAt = Rows.instantIfAny(rows, 3);
    Optional<Instant> finishedAt = Rows.instantIfAny(rows, 4);
    long version = rows.getLong(5);
    Map<String, Long> recipients = new HashMap<>();
    Map<String, Long> reasons = new HashMap<>();
    Map<String, Map<String, Long>> steps = new HashMap<>();
    do {
      Optional<String> kind = Rows.text(rows, 6);
      if (kind.isEmpty()) break;
      String name = rows.getString(7);
      long count = rows.getLong(8);
      version += rows.getLong(9);
      if (count == 0) continue;
      switch (kind.get()) {
        case "recipient" -> recipients.put(name, count);
        case "reason" -> reasons.put(name, count);
        case "step" -> {
          int cut = name.lastIndexOf('/');
          steps
              .computeIfAbsent(name.substring(0, cut), step -> new HashMap<>())
              .put(name.substring(cut + 1), count);
        }
        default -> throw new IllegalStateException("a counter's kind is " + kind.get());
      }
    } while (rows.next());
    long delivered = recipients.getOrDefault("delivered", 0L);
    long failed = recipients.getOrDefault("failed", 0L);
    long suppressed = recipients.getOrDefault("suppressed", 0L);
    long unknown = recipients.getOrDefault("unknown", 0L);
    return new CampaignProgress(
        campaignId,
        status,
        accepted,
        accepted - delivered - failed - suppressed - unknown,
        recipients.getOrDefault("held", 0L),
        delivered,
        failed,
        suppressed,
        unknown,
        recipients.getOrDefault("finished", 0L),
        reasons,
        steps,
        startedAt,
        finishedAt,
        version);
  }

  @Override
  public CompletionStage<Latency> latency(String tenant, String campaignId) {
    return pool.report(
        c -> {
          try (PreparedStatement select =
              c.prepareStatement(
                  "SELECT n, p[1], p[2], p[3] FROM (SELECT count(*) AS n,"
                      + " percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY"
                      + " date_part('epoch', changed_at - granted_at) * 1000) AS p"
                      + " FROM communications WHERE campaign_id = ? AND tenant = ?"
                      + " AND state = 'delivered' AND granted_at IS NOT NULL"
                      + SINCE_CAMPAIGN
                      + ") AS a")) {
            select.setString(1, campaignId);
            select.setString(2, tenant);
            select.setString(3, campaignId);
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return new Latency(
                  rows.getLong(1), rows.getDouble(2), rows.getDouble(3), rows.getDouble(4));
            }
          }
        });
  }

  @Override
  public CompletionStage<Optional<CampaignPerformance>> performance(
      String tenant, String campaignId) {
    return pool.query(
        c -> {
          // A campaign younger than the last refresh has had no answer yet.
          try (PreparedStatement select =
              c.prepareStatement(
                  "SELECT coalesce(p.contacts, 0), coalesce(p.responses, 0), p.average_seconds"
                      + " FROM campaigns c LEFT JOIN campaign_performance p"
                      + " ON p.campaign_id = c.id WHERE c.tenant = ? AND c.id = ?")) {
            select.setString(1, tenant);
            select.setString(2, campaignId);
            try (ResultSet rows = select.executeQuery()) {
              if (!rows.next()) return Optional.empty();
              Optional<Duration> average =
                  Optional.ofNullable(rows.getObject(3, Double.class))
                      .map(seconds -> Duration.ofMillis(Math.round(seconds * 1000)));
              return Optional.of(
                  new CampaignPerformance(campaignId, rows.getLong(1), rows.getLong(2), average));
            }
          }
        });
  }

  @Override
  public CompletionStage<Page<Communication>> recipients(
      String tenant,
      String campaignId,
      Optional<Communication.State> state,
      Optional<String> cursor,
      int limit) {
    return Rows.refusing(
        () -> {
          Optional<Cursor> from = cursor.map(text -> Cursor.read(RECIPIENTS, 3, text));
          Optional<LocalDate> month = from.map(f -> f.date(2));
          // The state stands in the text, so that PostgreSQL can prove that its index fits.
          String of = state.map(s -> " AND state = '" + s.label() + "'").orElse("");
          String after = from.isPresent() ? " AND (customer_id, step_id, month) > (?, ?, ?)" : "";
          return pool.report(
              c -> {
                try (PreparedStatement select =
                    c.prepareStatement(
                        "SELECT "
                            + COMMUNICATION
                            + " FROM communications WHERE campaign_id = ? AND tenant = ?"
                            + SINCE_CAMPAIGN
                            + of
                            + after
                            + " ORDER BY customer_id, step_id, month LIMIT ?")) {
                  int i = 1;
                  select.setString(i++, campaignId);
                  select.setString(i++, tenant);
                  select.setString(i++, campaignId);
                  if (from.isPresent() && month.isPresent()) {
                    select.setString(i++, from.get().text(0));
                    select.setString(i++, from.get().text(1));
                    select.setObject(i++, month.get());
                  }
                  select.setInt(i, limit + 1);
                  return Rows.page(
                      select,
                      limit,
                      JournalReports::communication,
                      row ->
                          Cursor.write(
                              RECIPIENTS,
                              row.getString(1),
                              row.getString(3),
                              row.getObject(13, LocalDate.class)));
                }
              });
        });
  }

  @Override
  public CompletionStage<Page<Communication>> timeline(
      String tenant, String customerId, Optional<String> cursor, int limit) {
    return Rows.refusing(
        () -> {
          Optional<Cursor> from = cursor.map(text -> Cursor.read(TIMELINE, 3, text));
          Optional<Instant> changedBefore = from.map(f -> f.time(0));
          String before =
              from.isPresent() ? " AND (changed_at, campaign_id, step_id) < (?, ?, ?)" : "";
          return pool.report(
              c -> {
                try (PreparedStatement select =
                    c.prepareStatement(
                        "SELECT "
                            + COMMUNICATION
                            + " FROM communications WHERE customer_id = ? AND tenant = ?"
                            + before
                            + " ORDER BY changed_at DESC, campaign_id DESC, step_id DESC LIMIT ?")) {
                  int i = 1;
                  select.setString(i++, customerId);
                  select.setString(i++, tenant);
                  if (from.isPresent() && changedBefore.isPresent()) {
                    select.setObject(i++, Rows.timestamp(changedBefore.get()));
                    select.setString(i++, from.get().text(1));
                    select.setString(i++, from.get().text(2));
                  }
                  select.setInt(i, limit + 1);
                  return Rows.page(
                      select,
                      limit,
                      JournalReports::communication,
                      row ->
                          Cursor.write(
                              TIMELINE, micros(row, 12), row.getString(2), row.getString(3)));
                }
              });
        });
  }

  @Override
  public CompletionStage<Optional<Communication>> message(String tenant, String messageId) {
    return pool.query(
        c -> {
          // 'msg' stands in the text, so that PostgreSQL can prove that its index fits.
          try (PreparedStatement select =
              c.prepareStatement(
                  "SELECT "
                      + COMMUNICATION
                      + " FROM communications WHERE campaign_id = 'msg' AND step_id = ?"
                      + " AND tenant = ? ORDER BY month DESC LIMIT 1")) {
            select.setString(1, messageId);
            select.setString(2, tenant);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? Optional.of(communication(rows)) : Optional.empty();
            }
          }
        });
  }

  private static Communication communication(ResultSet row) throws SQLException {
    return new Communication(
        row.getString(1),
        new StepKey(row.getString(2), row.getString(3)),
        Labels.channel(row.getString(4)),
        Labels.state(row.getString(5)),
        Rows.text(row, 6),
        row.getInt(7),
        Rows.text(row, 8).map(AttemptId::new),
        Rows.text(row, 9),
        Rows.text(row, 10),
        call(row),
        Rows.instantIfAny(row, 11),
        Rows.instant(row, 12));
  }

  private static Optional<CallResult> call(ResultSet row) throws SQLException {
    long millis = row.getLong(14);
    if (row.wasNull()) return Optional.empty();
    return Optional.of(
        new CallResult(
            Duration.ofMillis(millis), row.getString(15), Labels.endedBy(row.getString(16))));
  }

  private static long micros(ResultSet row, int column) throws SQLException {
    Instant at = Rows.instant(row, column);
    return at.getEpochSecond() * MICROS + at.getNano() / 1_000;
  }
}

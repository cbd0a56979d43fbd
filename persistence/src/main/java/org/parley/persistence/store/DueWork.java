package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.parley.core.spi.DueWorkStore;

/**
 * Due work in {@code due_work}. Nothing here waits for a lock of a row: what another one holds at
 * this moment is passed over and comes again, so scanners and the read side cannot block each other
 * in a circle. Rows are found once, and changed at the places where they were found ({@code ctid}),
 * which their locks keep: no statement here is a join, for {@link Plans} says what becomes of one.
 */
final class DueWork implements DueWorkStore {
  // How long a projection's transaction may at most take to show a row that it had put before it
  // could see the request.
  private static final int SECOND_PASS_SECONDS = 5;
  private static final int STEP_ROWS = 5_000;

  /**
   * Goes from campaign to campaign in the index, which costs a step for each campaign that waits,
   * not for each row; so the million rows of a paused campaign cost nothing. Campaigns with
   * something due have equal shares of what is taken, so that none waits behind all of another.
   */
  private static final String LEASE =
      """
      WITH RECURSIVE waiting AS (
        (SELECT campaign_id FROM due_work ORDER BY campaign_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.campaign_id FROM due_work d WHERE d.campaign_id > w.campaign_id
                ORDER BY d.campaign_id LIMIT 1)
        FROM waiting w WHERE w.campaign_id IS NOT NULL
      ), due AS (
        SELECT w.campaign_id,
          (SELECT c.rate_per_second / least(c.rate_per_second, 10) FROM campaigns c
           WHERE c.id = w.campaign_id AND c.status <> 'cancelling') AS most
        FROM waiting w
        WHERE w.campaign_id <> ALL (?::text[])
          AND EXISTS (SELECT 1 FROM due_work d
                      WHERE d.campaign_id = w.campaign_id AND d.visible_at <= ? OFFSET 0)
          AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.id = w.campaign_id AND c.status = 'paused')
      ), picked AS (
        SELECT d.place
        FROM due
        CROSS JOIN LATERAL (
          SELECT ctid AS place, visible_at FROM due_work
          WHERE campaign_id = due.campaign_id AND visible_at <= ?
          ORDER BY visible_at
          LIMIT least(due.most, (SELECT ceil(?::numeric / greatest(count(*), 1)) FROM due))
          FOR UPDATE SKIP LOCKED
        ) d
        ORDER BY d.visible_at LIMIT ?
      )
      UPDATE due_work SET visible_at = ? WHERE ctid = ANY (ARRAY(SELECT place FROM picked))
      RETURNING entity_type, entity_id, work, due, visible_at,
        (SELECT c.rate_per_second FROM campaigns c
         WHERE c.id = due_work.campaign_id AND c.status <> 'cancelling')
      """;

  private final RequestPool pool;

  DueWork(RequestPool pool) {
    this.pool = pool;
  }

  @Override
  public CompletionStage<List<Item>> lease(
      Instant now, Duration lease, int limit, Set<String> passOver) {
    // In a transaction of its own before the lease, so that its rows are not locked for longer.
    return pool.byIndex(c -> anythingAtOnce(c) && bringForward(c))
        .thenCompose(moved -> leaseDue(now, lease, limit, passOver));
  }

  private CompletionStage<List<Item>> leaseDue(
      Instant now, Duration lease, int limit, Set<String> passOver) {
    return pool.byIndex(
        c -> {
          try (PreparedStatement update = c.prepareStatement(LEASE)) {
            update.setArray(1, texts(c, passOver.stream()));
            update.setObject(2, Rows.timestamp(now));
            update.setObject(3, Rows.timestamp(now));
            update.setInt(4, limit);
            update.setInt(5, limit);
            update.setObject(6, Rows.timestamp(now.plus(lease)));
            return items(update);
          }
        });
  }

  private static List<Item> items(PreparedStatement update) throws SQLException {
    List<Item> items = new ArrayList<>();
    try (ResultSet rows = update.executeQuery()) {
      while (rows.next()) {
        Key key = new Key(rows.getString(1), rows.getString(2), rows.getString(3));
        Optional<Integer> rate = Optional.ofNullable(rows.getObject(6, Integer.class));
        items.add(new Item(key, Rows.instant(rows, 4), Rows.instant(rows, 5), rate));
      }
    }
    items.sort(Comparator.comparing(Item::due));
    return items;
  }

  private static boolean anythingAtOnce(Connection c) throws SQLException {
    try (PreparedStatement select =
            c.prepareStatement(
                "SELECT 1 FROM due_at_once WHERE passes > 0 AND not_before <= now() LIMIT 1");
        ResultSet rows = select.executeQuery()) {
      return rows.next();
    }
  }

  /** One step of one request: some thousand rows become due; one node at a time works on it. */
  private static boolean bringForward(Connection c) throws SQLException {
    try (PreparedStatement next =
            c.prepareStatement(
                "SELECT campaign_id, at FROM due_at_once"
                    + " WHERE passes > 0 AND not_before <= now()"
                    + " ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED");
        ResultSet rows = next.executeQuery()) {
      if (!rows.next()) return false;
      String campaignId = rows.getString(1);
      OffsetDateTime at = rows.getObject(2, OffsetDateTime.class);
      if (bringForward(c, campaignId, at) == 0) endPass(c, campaignId);
      return true;
    }
  }

  private static int bringForward(Connection c, String campaignId, OffsetDateTime at)
      throws SQLException {
    try (PreparedStatement update =
        c.prepareStatement(
            """
            UPDATE due_work SET due = ?, visible_at = ? WHERE ctid = ANY (ARRAY(
              SELECT ctid FROM due_work
              WHERE campaign_id = ? AND visible_at > ? AND due > ?
              ORDER BY visible_at LIMIT ? FOR UPDATE SKIP LOCKED))
            """)) {
      update.setObject(1, at);
      update.setObject(2, at);
      update.setString(3, campaignId);
      update.setObject(4, at);
      update.setObject(5, at);
      update.setInt(6, STEP_ROWS);
      return update.executeUpdate();
    }
  }

  private static void endPass(Connection c, String campaignId) throws SQLException {
    try (PreparedStatement update =
        c.prepareStatement(
            "UPDATE due_at_once SET passes = passes - 1,"
                + " not_before = requested_at + make_interval(secs => ?) WHERE campaign_id = ?")) {
      update.setInt(1, SECOND_PASS_SECONDS);
      update.setString(2, campaignId);
      update.executeUpdate();
    }
  }

  @Override
  public CompletionStage<Void> finish(List<Item> items) {
    if (items.isEmpty()) return CompletableFuture.completedFuture(null);
    return pool.byIndex(c -> finish(c, items)).thenAccept(rows -> {});
  }

  /** A row that is locked is being put again, dropped, or leased again: it stays. */
  private static int finish(Connection c, List<Item> items) throws SQLException {
    try (PreparedStatement delete =
        c.prepareStatement(
            """
            DELETE FROM due_work WHERE ctid = ANY (ARRAY(
              SELECT w.place
              FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]::timestamptz[],
                          ?::text[]::timestamptz[])
                AS u(entity_type, entity_id, work, due, leased_until)
              CROSS JOIN LATERAL (
                SELECT ctid AS place FROM due_work
                WHERE entity_type = u.entity_type AND entity_id = u.entity_id AND work = u.work
                  AND due IS NOT DISTINCT FROM u.due
                  AND visible_at IS NOT DISTINCT FROM u.leased_until
                FOR UPDATE SKIP LOCKED) w))
            """)) {
      delete.setArray(1, texts(c, items.stream().map(i -> i.key().entityType())));
      delete.setArray(2, texts(c, items.stream().map(i -> i.key().entityId())));
      delete.setArray(3, texts(c, items.stream().map(i -> i.key().work())));
      delete.setArray(4, texts(c, items.stream().map(i -> i.due().toString())));
      delete.setArray(5, texts(c, items.stream().map(i -> i.leasedUntil().toString())));
      return delete.executeUpdate();
    }
  }

  private static java.sql.Array texts(Connection c, java.util.stream.Stream<String> values)
      throws SQLException {
    return c.createArrayOf("text", values.toArray());
  }
}

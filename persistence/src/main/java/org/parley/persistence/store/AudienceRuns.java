package org.parley.persistence.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.parley.core.spi.RunStore;

/** The cursors of the runs, in {@code audience_runs}. */
final class AudienceRuns implements RunStore {
  private final RequestPool pool;

  AudienceRuns(RequestPool pool) {
    this.pool = pool;
  }

  @Override
  public CompletionStage<List<SliceRun>> open(int slice) {
    return pool.query(
        c -> {
          try (PreparedStatement select =
              c.prepareStatement(
                  "SELECT r.campaign_id, c.tenant, c.audience_id, r.slice, r.cursor, c.status,"
                      + " c.rate_per_second FROM audience_runs r"
                      + " JOIN campaigns c ON c.id = r.campaign_id"
                      + " WHERE r.slice = ? AND NOT r.finished"
                      + " AND c.status IN ('running', 'paused', 'cancelling')"
                      + " ORDER BY c.created_at, c.id")) {
            select.setInt(1, slice);
            try (ResultSet rows = select.executeQuery()) {
              List<SliceRun> runs = new ArrayList<>();
              while (rows.next()) {
                runs.add(
                    new SliceRun(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        rows.getInt(4),
                        rows.getLong(5),
                        Labels.campaignStatus(rows.getString(6)),
                        Optional.ofNullable(rows.getObject(7, Integer.class))));
              }
              return runs;
            }
          }
        });
  }

  @Override
  public CompletionStage<Void> advance(
      String campaignId, int slice, long cursor, boolean finished) {
    return pool.query(
            c -> {
              try (PreparedStatement update =
                  c.prepareStatement(
                      "UPDATE audience_runs SET cursor = greatest(cursor, ?), finished = finished OR ?"
                          + " WHERE campaign_id = ? AND slice = ?")) {
                update.setLong(1, cursor);
                update.setBoolean(2, finished);
                update.setString(3, campaignId);
                update.setInt(4, slice);
                return update.executeUpdate();
              }
            })
        .thenAccept(rows -> {});
  }

  @Override
  public CompletionStage<List<String>> completed() {
    return pool.query(
        c -> {
          try (PreparedStatement select =
                  c.prepareStatement(
                      "SELECT c.id FROM campaigns c WHERE c.status IN ('running', 'cancelling')"
                          + " AND c.audience_size <= (SELECT coalesce(sum(n.count), 0)"
                          + " FROM campaign_counters n WHERE n.campaign_id = c.id"
                          + " AND n.kind = 'recipient' AND n.name = 'finished') ORDER BY c.id");
              ResultSet rows = select.executeQuery()) {
            List<String> ids = new ArrayList<>();
            while (rows.next()) ids.add(rows.getString(1));
            return ids;
          }
        });
  }
}

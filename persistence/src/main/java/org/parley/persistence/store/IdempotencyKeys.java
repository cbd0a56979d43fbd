package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import javax.sql.DataSource;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.spi.IdempotencyStore;

/** Idempotency keys, by the database's clock. */
final class IdempotencyKeys implements IdempotencyStore {
  private static final int ATTEMPTS = 3;
  private static final int PURGE_ROWS = 10_000;

  private final RequestPool pool;
  private final DataSource dataSource;
  private final double claimSeconds;
  private final double retentionSeconds;

  IdempotencyKeys(RequestPool pool, DataSource dataSource, StoreSettings settings) {
    this.pool = pool;
    this.dataSource = dataSource;
    this.claimSeconds = settings.idempotencyClaim().toMillis() / 1000.0;
    this.retentionSeconds = settings.idempotencyRetention().toMillis() / 1000.0;
  }

  @Override
  public CompletionStage<Entry> claim(String scope, String key, String fingerprint) {
    return pool.query(
        c -> {
          // Between the two statements the key may be given back: then it is claimed again.
          for (int i = 0; i < ATTEMPTS; i++) {
            if (take(c, scope, key, fingerprint)) return new Fresh();
            Optional<Entry> known = read(c, scope, key, fingerprint);
            if (known.isPresent()) return known.get();
          }
          throw new RefusedException(Refusal.busy("this key is in use by too many at a time"));
        });
  }

  private boolean take(Connection c, String scope, String key, String fingerprint)
      throws SQLException {
    try (PreparedStatement insert =
        c.prepareStatement(
            "INSERT INTO idempotency_keys AS k (scope, key, fingerprint, claimed_at)"
                + " VALUES (?, ?, ?, now()) ON CONFLICT (scope, key) DO UPDATE"
                + " SET fingerprint = excluded.fingerprint, claimed_at = now(), status = NULL,"
                + " content_type = NULL, headers = NULL, body = NULL"
                + " WHERE k.claimed_at < now() - make_interval(secs =>"
                + " CASE WHEN k.status IS NULL THEN ? ELSE ? END)")) {
      insert.setString(1, scope);
      insert.setString(2, key);
      insert.setString(3, fingerprint);
      insert.setDouble(4, claimSeconds);
      insert.setDouble(5, retentionSeconds);
      return insert.executeUpdate() == 1;
    }
  }

  private static Optional<Entry> read(Connection c, String scope, String key, String fingerprint)
      throws SQLException {
    try (PreparedStatement select =
        c.prepareStatement(
            "SELECT fingerprint, status, content_type, headers, body FROM idempotency_keys"
                + " WHERE scope = ? AND key = ?")) {
      select.setString(1, scope);
      select.setString(2, key);
      try (ResultSet rows = select.executeQuery()) {
        if (!rows.next()) return Optional.empty();
        if (!fingerprint.equals(rows.getString(1))) return Optional.of(new Mismatch());
        Optional<Integer> status = Optional.ofNullable(rows.getObject(2, Integer.class));
        if (status.isEmpty()) return Optional.of(new Running());
        return Optional.of(
            new Answered(
                new Answer(status.get(), rows.getString(3), rows.getString(4), rows.getString(5))));
      }
    }
  }

  @Override
  public CompletionStage<Void> answer(String scope, String key, Answer answer) {
    return pool.query(
            c -> {
              try (PreparedStatement update =
                  c.prepareStatement(
                      "UPDATE idempotency_keys SET status = ?, content_type = ?, headers = ?,"
                          + " body = ? WHERE scope = ? AND key = ? AND status IS NULL")) {
                update.setInt(1, answer.status());
                update.setString(2, answer.contentType());
                update.setString(3, answer.headers());
                update.setString(4, answer.body());
                update.setString(5, scope);
                update.setString(6, key);
                return update.executeUpdate();
              }
            })
        .thenAccept(rows -> {});
  }

  @Override
  public CompletionStage<Void> release(String scope, String key) {
    return pool.query(
            c -> {
              try (PreparedStatement delete =
                  c.prepareStatement(
                      "DELETE FROM idempotency_keys WHERE scope = ? AND key = ?"
                          + " AND status IS NULL")) {
                delete.setString(1, scope);
                delete.setString(2, key);
                return delete.executeUpdate();
              }
            })
        .thenAccept(rows -> {});
  }

  /** Removes what is older than a key is remembered, in short transactions. */
  int purge() throws SQLException {
    try (Connection c = dataSource.getConnection();
        PreparedStatement delete =
            c.prepareStatement(
                "DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(SELECT ctid"
                    + " FROM idempotency_keys WHERE claimed_at < now() - make_interval(secs => ?)"
                    + " LIMIT ?)) AND claimed_at < now() - make_interval(secs => ?)")) {
      c.setAutoCommit(true);
      delete.setDouble(1, retentionSeconds);
      delete.setInt(2, PURGE_ROWS);
      delete.setDouble(3, retentionSeconds);
      int removed = 0;
      while (true) {
        int step = delete.executeUpdate();
        removed += step;
        if (step == 0 || Thread.currentThread().isInterrupted()) return removed;
      }
    }
  }
}

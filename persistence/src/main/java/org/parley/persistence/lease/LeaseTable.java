package org.parley.persistence.lease;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.parley.core.api.ClusterView;

/**
 * The table {@code leases}, and what is done under one. Each call is one statement and one
 * transaction, so that nobody who stops in the middle holds up others.
 */
public final class LeaseTable {
  private final DataSource connections;

  /**
   * Who had a lease last.
   *
   * @param expiresMicros the end of it, in microseconds of the database's clock
   */
  public record Holder(String owner, long epoch, long expiresMicros, boolean expired) {
    /** As operators see it: without what tells two lives of an owner apart. */
    public ClusterView.Lease view() {
      return new ClusterView.Lease(
          owner.replaceFirst("#.*", ""),
          epoch,
          Instant.EPOCH.plus(expiresMicros, ChronoUnit.MICROS));
    }
  }

  public LeaseTable(DataSource connections) {
    this.connections = connections;
  }

  /** Takes what is free, expired or this owner's; its epoch, empty when another one holds it. */
  OptionalLong take(String name, String owner, Duration life) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                INSERT INTO leases AS l (name, owner, epoch, expires_at)
                VALUES (?, ?, 1, clock_timestamp() + ? * interval '1 microsecond')
                ON CONFLICT (name) DO UPDATE SET
                  owner = excluded.owner,
                  epoch = CASE WHEN l.owner = excluded.owner THEN l.epoch ELSE l.epoch + 1 END,
                  expires_at = excluded.expires_at
                WHERE l.owner = excluded.owner OR l.expires_at <= clock_timestamp()
                RETURNING epoch""")) {
      statement.setString(1, name);
      statement.setString(2, owner);
      statement.setLong(3, life.toNanos() / 1_000);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
      }
    }
  }

  /** Makes it last longer; false when it has expired or is not this owner's any more. */
  boolean renew(String name, String owner, long epoch, Duration life) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                UPDATE leases SET expires_at = clock_timestamp() + ? * interval '1 microsecond'
                WHERE name = ? AND owner = ? AND epoch = ? AND expires_at > clock_timestamp()""")) {
      statement.setLong(1, life.toNanos() / 1_000);
      statement.setString(2, name);
      statement.setString(3, owner);
      statement.setLong(4, epoch);
      return statement.executeUpdate() == 1;
    }
  }

  /** Makes it free, if it is this owner's. */
  void release(String name, String owner) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE leases SET expires_at = '-infinity' WHERE name = ? AND owner = ?")) {
      statement.setString(1, name);
      statement.setString(2, owner);
      statement.executeUpdate();
    }
  }

  /** Who had it last; empty when nobody ever had. */
  public Optional<Holder> holder(String name) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                SELECT owner, epoch, expires_at <= clock_timestamp(),
                  CASE WHEN isfinite(expires_at)
                    THEN (extract(epoch FROM expires_at) * 1000000)::bigint ELSE 0 END
                FROM leases WHERE name = ?""")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) return Optional.empty();
        return Optional.of(
            new Holder(row.getString(1), row.getLong(2), row.getLong(4), row.getBoolean(3)));
      }
    }
  }

  /**
   * Puts nodes out of the cluster, on behalf of a member that holds a lease. False, and nothing is
   * done, when it is not a member or does not hold it: somebody else has put it out.
   */
  boolean putOut(NodeId by, String lease, String owner, long epoch, Collection<NodeId> nodes)
      throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                WITH held AS MATERIALIZED (
                  SELECT FROM leases WHERE name = ? AND owner = ? AND epoch = ?
                    AND expires_at > clock_timestamp() FOR UPDATE),
                self AS MATERIALIZED (
                  SELECT FROM nodes WHERE address = ? AND uid = ? AND standing = 'member'
                    AND EXISTS (SELECT FROM held) FOR UPDATE),
                removed AS (
                  DELETE FROM nodes n USING unnest(?, ?) AS gone (address, uid)
                  WHERE n.address = gone.address AND n.uid = gone.uid AND EXISTS (SELECT FROM self))
                SELECT count(*) FROM self""")) {
      statement.setString(1, lease);
      statement.setString(2, owner);
      statement.setLong(3, epoch);
      statement.setString(4, by.address());
      statement.setLong(5, by.uid());
      Array addresses =
          connection.createArrayOf("text", nodes.stream().map(NodeId::address).toArray());
      Array uids = connection.createArrayOf("bigint", nodes.stream().map(NodeId::uid).toArray());
      statement.setArray(6, addresses);
      statement.setArray(7, uids);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getLong(1) == 1;
      }
    }
  }
}

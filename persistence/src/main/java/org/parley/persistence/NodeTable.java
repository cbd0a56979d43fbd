package org.parley.persistence;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.parley.persistence.lease.NodeId;

/** The tables {@code nodes} and {@code cluster_name}. */
final class NodeTable {
  private static final String SESSION_LIVES =
      "EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = n.session)";

  private final DataSource connections;

  /** Uses a database that has its schema. */
  NodeTable(DataSource connections) {
    this.connections = connections;
  }

  /** The name of the cluster of this database: this one, if it had none. */
  String fixName(String name) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement fix =
            connection.prepareStatement(
                "INSERT INTO cluster_name (name) VALUES (?) ON CONFLICT DO NOTHING");
        Statement read = connection.createStatement()) {
      fix.setString(1, name);
      fix.executeUpdate();
      try (ResultSet row = read.executeQuery("SELECT name FROM cluster_name")) {
        if (!row.next()) throw new SQLException("the name of the cluster is gone");
        return row.getString(1);
      }
    }
  }

  /**
   * Writes a node's row in place of one of an earlier process at its address. False, and nothing is
   * written, while that process seems to live.
   */
  boolean enter(NodeId id, String version, Duration staleAfter) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                INSERT INTO nodes AS n
                  (address, uid, standing, version, session, started_at, last_seen)
                VALUES (?, ?, 'starting', ?, pg_backend_pid(), clock_timestamp(), clock_timestamp())
                ON CONFLICT (address) DO UPDATE SET
                  uid = excluded.uid, standing = excluded.standing, version = excluded.version,
                  session = excluded.session, started_at = excluded.started_at,
                  last_seen = excluded.last_seen
                WHERE n.uid = excluded.uid
                  OR n.last_seen < clock_timestamp() - ? * interval '1 microsecond'
                  OR NOT\s"""
                    + SESSION_LIVES)) {
      statement.setString(1, id.address());
      statement.setLong(2, id.uid());
      statement.setString(3, version);
      statement.setLong(4, staleAfter.toNanos() / 1_000);
      return statement.executeUpdate() == 1;
    }
  }

  /** Says that the node lives; false when its row is gone. */
  boolean beat(NodeId id) throws SQLException {
    return update(
        id, "UPDATE nodes SET last_seen = clock_timestamp(), session = pg_backend_pid()", "");
  }

  /** Makes it a member; false when its row is gone. */
  boolean join(NodeId id) throws SQLException {
    return update(id, "UPDATE nodes SET standing = 'member'", "");
  }

  /** Removes its row. */
  boolean remove(NodeId id) throws SQLException {
    return update(id, "DELETE FROM nodes", "");
  }

  /** Removes a node that was not seen since it was looked at. */
  boolean removeDead(Nodes.Known dead) throws SQLException {
    try (Connection connection = connections.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "DELETE FROM nodes WHERE address = ? AND uid = ? AND last_seen = ?")) {
      statement.setString(1, dead.address());
      statement.setLong(2, dead.uid());
      statement.setObject(3, dead.lastSeen().atOffset(java.time.ZoneOffset.UTC));
      return statement.executeUpdate() == 1;
    }
  }

  /** Removes what crashed nodes have left, after a day. */
  void sweep() throws SQLException {
    try (Connection connection = connections.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM nodes WHERE last_seen < clock_timestamp() - interval '1 day'");
    }
  }

  /** Gives a node the right to begin a cluster, if no other is a member or has that right. */
  boolean claim(NodeId id) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return Transaction.run(connection, c -> claim(c, id));
    }
  }

  private static boolean claim(Connection connection, NodeId id) throws SQLException {
    try (Statement lock = connection.createStatement()) {
      // Who stops here holds up nobody for longer than this.
      lock.execute("SET LOCAL idle_in_transaction_session_timeout = '5s'");
      lock.execute("SELECT FROM cluster_name FOR UPDATE");
    }
    return update(
        connection,
        id,
        "UPDATE nodes SET standing = 'forming'",
        " AND NOT EXISTS (SELECT FROM nodes o"
            + " WHERE o.standing <> 'starting' AND o.address <> nodes.address)");
  }

  /** All nodes, in the order of their start. */
  List<Nodes.Known> all() throws SQLException {
    try (Connection connection = connections.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT address, uid, standing, version, started_at, last_seen, greatest(0,"
                    + " extract(epoch FROM clock_timestamp() - last_seen) * 1000)::bigint, "
                    + SESSION_LIVES
                    + " FROM nodes n ORDER BY started_at, address")) {
      List<Nodes.Known> rows = new ArrayList<>();
      while (row.next()) {
        rows.add(
            new Nodes.Known(
                row.getString(1),
                row.getLong(2),
                row.getString(3).equals("forming"),
                row.getString(3).equals("member"),
                row.getString(4),
                row.getObject(5, java.time.OffsetDateTime.class).toInstant(),
                row.getObject(6, java.time.OffsetDateTime.class).toInstant(),
                Duration.ofMillis(row.getLong(7)),
                row.getBoolean(8)));
      }
      return rows;
    }
  }

  private boolean update(NodeId id, String change, String condition) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return update(connection, id, change, condition);
    }
  }

  private static boolean update(Connection connection, NodeId id, String change, String condition)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(change + " WHERE address = ? AND uid = ?" + condition)) {
      statement.setString(1, id.address());
      statement.setLong(2, id.uid());
      return statement.executeUpdate() == 1;
    }
  }
}

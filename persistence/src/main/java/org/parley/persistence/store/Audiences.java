package org.parley.persistence.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.parley.core.api.Audience;
import org.parley.core.api.Page;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.api.Reject;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;

/**
 * Audiences and their members. An import holds a session's advisory lock, which PostgreSQL lets go
 * when the node dies: so the connection must not go through a pooler that shares sessions.
 */
final class Audiences implements AudienceStore {
  private static final String COLUMNS = "id, name, status, columns, accepted, rejected, created_at";
  private static final String REJECTS = "rejects";
  private static final String LOCK = "hashtextextended('parley.audience.' || ?, 0)";
  private static final int SWEEP_ROWS = 10_000;
  private static final ObjectReader ATTRIBUTES =
      new ObjectMapper().readerFor(new TypeReference<Map<String, String>>() {});

  private final RequestPool pool;
  private final Connections connections;
  private final Executor copier;
  private final StoreSettings settings;
  private final Runnable sweepSoon;
  private final Semaphore imports;

  /** Where a connection of one's own comes from. */
  interface Connections {
    Connection open() throws SQLException;
  }

  /**
   * @param copier carries chunks to PostgreSQL, on as many threads as there may be imports
   * @param sweepSoon has {@link #sweep} called before long
   */
  Audiences(
      RequestPool pool,
      Connections connections,
      Executor copier,
      StoreSettings settings,
      Runnable sweepSoon) {
    this.pool = pool;
    this.connections = connections;
    this.copier = copier;
    this.settings = settings;
    this.sweepSoon = sweepSoon;
    this.imports = new Semaphore(settings.maxImports());
  }

  @Override
  public CompletionStage<Audience> create(String tenant, String audienceId, String name) {
    return pool.query(
        c -> {
          try (PreparedStatement insert =
              c.prepareStatement(
                  "INSERT INTO audiences (id, tenant, name) VALUES (?, ?, ?)"
                      + " ON CONFLICT (id) DO NOTHING")) {
            insert.setString(1, audienceId);
            insert.setString(2, tenant);
            insert.setString(3, name);
            insert.executeUpdate();
          }
          return select(c, tenant, audienceId)
              .orElseThrow(
                  () ->
                      new RefusedException(
                          Refusal.conflict("audienceExists", "this audience id is taken")));
        });
  }

  @Override
  public CompletionStage<Optional<Audience>> find(String tenant, String audienceId) {
    return pool.query(c -> select(c, tenant, audienceId));
  }

  private static Optional<Audience> select(Connection c, String tenant, String audienceId)
      throws SQLException {
    try (PreparedStatement select =
        c.prepareStatement("SELECT " + COLUMNS + " FROM audiences WHERE tenant = ? AND id = ?")) {
      select.setString(1, tenant);
      select.setString(2, audienceId);
      return first(select);
    }
  }

  private static Optional<Audience> first(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      if (!rows.next()) return Optional.empty();
      Array columns = rows.getArray(4);
      return Optional.of(
          new Audience(
              rows.getString(1),
              rows.getString(2),
              status(rows.getString(3)),
              List.of((String[]) columns.getArray()),
              rows.getLong(5),
              rows.getLong(6),
              Rows.instant(rows, 7)));
    }
  }

  private static Audience.Status status(String label) {
    return switch (label) {
      case "empty" -> Audience.Status.EMPTY;
      case "ready" -> Audience.Status.READY;
      case "frozen" -> Audience.Status.FROZEN;
      default -> throw new IllegalStateException("an audience's status is " + label);
    };
  }

  @Override
  public AudienceWriter openWriter(String tenant, String audienceId) {
    if (!imports.tryAcquire()) {
      throw new RefusedException(
          Refusal.busy(settings.maxImports() + " imports run on this node already"));
    }
    boolean opened = false;
    try {
      Connection connection = connections.open();
      try {
        AudienceWriter writer = openWriter(tenant, audienceId, connection);
        opened = true;
        return writer;
      } finally {
        if (!opened) connection.close();
      }
    } catch (SQLException e) {
      if (RequestPool.isNoConnection(e)) throw RequestPool.busy(e);
      throw new IllegalStateException("no import into " + audienceId + " could be opened", e);
    } finally {
      if (!opened) imports.release();
    }
  }

  private AudienceWriter openWriter(String tenant, String audienceId, Connection connection)
      throws SQLException {
    connection.setAutoCommit(true);
    Audience audience =
        select(connection, tenant, audienceId)
            .orElseThrow(
                () ->
                    new RefusedException(
                        Refusal.notFound("unknownAudience", "there is no audience " + audienceId)));
    if (audience.status() == Audience.Status.FROZEN) throw frozen(audienceId);
    if (!tryLock(connection, audienceId)) {
      throw new RefusedException(
          Refusal.conflict("importRunning", "another import into " + audienceId + " runs"));
    }
    boolean opened = false;
    try (Statement session = connection.createStatement()) {
      session.execute("SET synchronous_commit TO off");
      long generation = newGeneration(connection, audienceId);
      AudienceWriter writer =
          new AudienceImport(
              tenant,
              audienceId,
              generation,
              connection,
              connections,
              copier,
              settings,
              () -> {
                imports.release();
                sweepSoon.run();
              });
      opened = true;
      return writer;
    } finally {
      if (!opened) unlock(connection, audienceId);
    }
  }

  static RefusedException frozen(String audienceId) {
    return new RefusedException(
        Refusal.conflict(
            "audienceFrozen",
            "audience " + audienceId + " is frozen: a campaign with it has started"));
  }

  private static boolean tryLock(Connection c, String audienceId) throws SQLException {
    try (PreparedStatement lock = c.prepareStatement("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
      lock.setString(1, audienceId);
      try (ResultSet rows = lock.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** Leaves the session as it came from the pool. */
  static void unlock(Connection c, String audienceId) throws SQLException {
    try (PreparedStatement unlock = c.prepareStatement("SELECT pg_advisory_unlock(" + LOCK + ")");
        Statement session = c.createStatement()) {
      unlock.setString(1, audienceId);
      unlock.execute();
      session.execute("RESET synchronous_commit");
    }
  }

  private static long newGeneration(Connection c, String audienceId) throws SQLException {
    try (PreparedStatement insert =
        c.prepareStatement(
            "INSERT INTO audience_generations (audience_id) VALUES (?) RETURNING generation")) {
      insert.setString(1, audienceId);
      try (ResultSet rows = insert.executeQuery()) {
        if (!rows.next()) throw new SQLException("no generation was given");
        return rows.getLong(1);
      }
    }
  }

  @Override
  public CompletionStage<List<Member>> members(
      String audienceId, int slice, long afterPosition, int limit) {
    return pool.byIndex(
        c -> {
          try (PreparedStatement select =
              c.prepareStatement(
                  "SELECT position, customer_id, email, phone, time_zone, locale, attributes,"
                      + " as_of FROM audience_members WHERE generation ="
                      + " (SELECT generation FROM audiences WHERE id = ?)"
                      + " AND slice = ? AND position > ? ORDER BY position LIMIT ?")) {
            select.setString(1, audienceId);
            select.setInt(2, slice);
            select.setLong(3, afterPosition);
            select.setInt(4, limit);
            try (ResultSet rows = select.executeQuery()) {
              List<Member> members = new ArrayList<>();
              while (rows.next()) members.add(member(rows));
              return members;
            }
          }
        });
  }

  @Override
  public CompletionStage<Long> count(String audienceId, int slice) {
    return pool.query(
        c -> {
          try (PreparedStatement select =
              c.prepareStatement(
                  "SELECT count(*) FROM audience_members WHERE generation ="
                      + " (SELECT generation FROM audiences WHERE id = ?) AND slice = ?")) {
            select.setString(1, audienceId);
            select.setInt(2, slice);
            try (ResultSet rows = select.executeQuery()) {
              return rows.next() ? rows.getLong(1) : 0L;
            }
          }
        });
  }

  private static Member member(ResultSet row) throws SQLException {
    Profile profile =
        new Profile(
            Rows.text(row, 3),
            Rows.text(row, 4),
            Rows.text(row, 5),
            Rows.text(row, 6),
            attributes(row.getString(7)),
            Rows.instant(row, 8));
    return new Member(row.getLong(1), row.getString(2), profile);
  }

  private static Map<String, String> attributes(String json) {
    if (json.equals("{}")) return Map.of();
    try {
      return ATTRIBUTES.readValue(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a member's attributes are not readable", e);
    }
  }

  @Override
  public CompletionStage<Page<Reject>> rejects(
      String tenant, String audienceId, Optional<String> cursor, int limit) {
    return Rows.refusing(
        () -> {
          // The list of an earlier import ends when another one replaces it.
          Optional<Cursor> from = cursor.map(text -> Cursor.read(REJECTS, 2, text));
          long generation = from.isPresent() ? from.get().number(0) : 0;
          long number = from.isPresent() ? from.get().number(1) : 0;
          return pool.query(
              c -> {
                try (PreparedStatement select =
                    c.prepareStatement(
                        "SELECT r.line, r.reason, r.number, r.generation FROM audience_rejects r"
                            + " JOIN audiences a ON a.generation = r.generation"
                            + " WHERE a.tenant = ? AND a.id = ? AND (? = 0 OR r.generation = ?)"
                            + " AND r.number > ? ORDER BY r.number LIMIT ?")) {
                  select.setString(1, tenant);
                  select.setString(2, audienceId);
                  select.setLong(3, generation);
                  select.setLong(4, generation);
                  select.setLong(5, number);
                  select.setInt(6, limit + 1);
                  return Rows.page(
                      select,
                      limit,
                      row -> new Reject(row.getLong(1), row.getString(2)),
                      row -> Cursor.write(REJECTS, row.getLong(4), row.getLong(3)));
                }
              });
        });
  }

  @Override
  public CompletionStage<Optional<Audience>> freeze(String tenant, String audienceId) {
    return pool.query(
        c -> {
          try (PreparedStatement update =
              c.prepareStatement(
                  "UPDATE audiences SET status = 'frozen' WHERE tenant = ? AND id = ?"
                      + " AND accepted > 0 RETURNING "
                      + COLUMNS)) {
            update.setString(1, tenant);
            update.setString(2, audienceId);
            return first(update);
          }
        });
  }

  /**
   * Removes what replaced, abandoned and crashed imports have left behind, in short transactions.
   *
   * @return how many generations were removed
   */
  int sweep() throws SQLException {
    try (Connection c = connections.open()) {
      c.setAutoCommit(true);
      List<Long> dead = new ArrayList<>();
      for (String audienceId : untidy(c)) dead.addAll(deadGenerations(c, audienceId));
      for (long generation : dead) remove(c, generation);
      return dead.size();
    }
  }

  private static List<String> untidy(Connection c) throws SQLException {
    try (PreparedStatement select =
            c.prepareStatement(
                "SELECT DISTINCT g.audience_id FROM audience_generations g"
                    + " JOIN audiences a ON a.id = g.audience_id"
                    + " WHERE g.generation <> a.generation LIMIT 1000");
        ResultSet rows = select.executeQuery()) {
      List<String> found = new ArrayList<>();
      while (rows.next()) found.add(rows.getString(1));
      return found;
    }
  }

  /** With the lock in hand no import runs, so what is not the audience's generation is dead. */
  private static List<Long> deadGenerations(Connection c, String audienceId) throws SQLException {
    if (!tryLock(c, audienceId)) return List.of();
    try (PreparedStatement select =
        c.prepareStatement(
            "SELECT g.generation FROM audience_generations g JOIN audiences a"
                + " ON a.id = g.audience_id WHERE a.id = ? AND g.generation <> a.generation")) {
      select.setString(1, audienceId);
      try (ResultSet rows = select.executeQuery()) {
        List<Long> found = new ArrayList<>();
        while (rows.next()) found.add(rows.getLong(1));
        return found;
      }
    } finally {
      unlock(c, audienceId);
    }
  }

  private static void remove(Connection c, long generation) throws SQLException {
    try (PreparedStatement members =
            c.prepareStatement(
                "DELETE FROM audience_members WHERE generation = ? AND ctid = ANY (ARRAY("
                    + "SELECT ctid FROM audience_members WHERE generation = ? LIMIT ?))");
        PreparedStatement rejects =
            c.prepareStatement("DELETE FROM audience_rejects WHERE generation = ?");
        PreparedStatement generations =
            c.prepareStatement("DELETE FROM audience_generations WHERE generation = ?")) {
      members.setLong(1, generation);
      members.setLong(2, generation);
      members.setInt(3, SWEEP_ROWS);
      while (members.executeUpdate() > 0) {
        if (Thread.currentThread().isInterrupted()) return;
      }
      rejects.setLong(1, generation);
      rejects.executeUpdate();
      generations.setLong(1, generation);
      generations.executeUpdate();
    }
  }
}

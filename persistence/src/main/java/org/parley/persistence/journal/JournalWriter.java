package org.parley.persistence.journal;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Writes events: all that wait, over all entities, with one statement and one commit. Entities are
 * dealt to lanes by the hash of their ids, and a lane has one batch under way, so the events of one
 * entity are written in the order in which they came. A lost connection is no failure: what was
 * written is looked up first. It cannot be written twice, because an entity and a sequence number
 * are unique; while the lost session still holds them the repetition waits for its end.
 */
final class JournalWriter implements AutoCloseable {
  private static final String COLUMNS =
      "persistence_id, sequence_number, slice, writer, write_timestamp, adapter_manifest,"
          + " event_ser_id, event_ser_manifest, event_payload";
  private static final String INSERT =
      "INSERT INTO event_journal ("
          + COLUMNS
          + ") SELECT * FROM unnest(?::varchar[], ?::int8[], ?::int2[], ?::varchar[], ?::int8[],"
          + " ?::varchar[], ?::int4[], ?::varchar[], ?::bytea[])";
  private static final String INSERT_WITH_META =
      "INSERT INTO event_journal ("
          + COLUMNS
          + ", meta_ser_id, meta_ser_manifest, meta_payload"
          + ") SELECT * FROM unnest(?::varchar[], ?::int8[], ?::int2[], ?::varchar[], ?::int8[],"
          + " ?::varchar[], ?::int4[], ?::varchar[], ?::bytea[], ?::int4[], ?::varchar[],"
          + " ?::bytea[])";
  private static final String FIND =
      "SELECT j.persistence_id, j.sequence_number, j.writer"
          + " FROM unnest(?::varchar[], ?::int8[]) k (id, number)"
          + " JOIN event_journal j ON j.persistence_id = k.id AND j.sequence_number = k.number";
  private static final String CONFIRM = "SELECT pg_logical_emit_message(true, 'parley', '')";

  /** Rows of one entity that are written together or not at all. */
  interface Write extends Batcher.Item {
    String persistenceId();

    /** The rows; called once for each try, on a thread of the lane. Empty when all is refused. */
    List<JournalRow> rows();

    void written();
  }

  private record Key(String persistenceId, long sequenceNumber, String writer) {}

  private final List<Batcher<Write>> lanes;

  JournalWriter(JournalSettings settings, DataSource connections) {
    lanes =
        IntStream.range(0, settings.writers())
            .mapToObj(
                lane ->
                    new Batcher<Write>(
                        new Batcher.Limits(
                            "journal",
                            "write-" + lane,
                            1,
                            settings.writeRows(),
                            settings.writeQueue() / settings.writers(),
                            Duration.ZERO,
                            settings.writeGiveUp(),
                            settings.retryDelay()),
                        connections,
                        JournalWriter::write))
            .toList();
  }

  /** Queues a write. Its end is told to it, once. */
  void add(Write write) {
    lanes.get(JournalSlices.of(write.persistenceId()) % lanes.size()).add(write);
  }

  int waiting() {
    return Batcher.waiting(lanes);
  }

  @Override
  public void close() {
    lanes.forEach(Batcher::close);
  }

  private static List<Write> write(Connection connection, List<Write> batch, boolean doubtful)
      throws SQLException {
    List<Write> left = doubtful ? withoutWritten(connection, batch) : batch;
    List<JournalRow> rows = left.stream().flatMap(w -> w.rows().stream()).toList();
    try {
      if (!rows.isEmpty()) insert(connection, rows);
    } catch (SQLException e) {
      if (!Faults.isDuplicate(e) || left.size() > 1) throw e;
      // A try that was thought lost may have been written in the meantime.
      if (!withoutWritten(connection, left).isEmpty()) throw e;
      return List.of();
    }
    left.forEach(Write::written);
    return List.of();
  }

  /** Tells those writes whose rows are all there, and answers the others. */
  private static List<Write> withoutWritten(Connection connection, List<Write> batch)
      throws SQLException {
    Set<Key> found = find(connection, batch.stream().flatMap(w -> w.rows().stream()).toList());
    if (found.isEmpty()) return batch;
    confirm(connection);
    List<Write> left = new ArrayList<>();
    for (Write write : batch) {
      boolean there = !write.rows().isEmpty();
      for (JournalRow row : write.rows()) {
        there &= found.contains(new Key(row.persistenceId(), row.sequenceNumber(), row.writer()));
      }
      if (there) {
        write.written();
      } else {
        left.add(write);
      }
    }
    return left;
  }

  private static Set<Key> find(Connection connection, List<JournalRow> rows) throws SQLException {
    Set<Key> found = new HashSet<>();
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setArray(
          1,
          texts(connection, rows.stream().map(JournalRow::persistenceId).toArray(String[]::new)));
      statement.setArray(
          2, longs(connection, rows.stream().mapToLong(JournalRow::sequenceNumber).toArray()));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          found.add(new Key(result.getString(1), result.getLong(2), result.getString(3)));
        }
      }
    }
    return found;
  }

  /** In autocommit: one statement, one commit, one way to the server and back. */
  private static void insert(Connection connection, List<JournalRow> rows) throws SQLException {
    boolean meta = rows.stream().anyMatch(r -> r.meta().isPresent());
    try (PreparedStatement statement =
        connection.prepareStatement(meta ? INSERT_WITH_META : INSERT)) {
      bind(connection, statement, rows);
      if (meta) bindMeta(connection, statement, rows);
      statement.executeUpdate();
      if (Faults.isUnconfirmed(statement.getWarnings())
          || Faults.isUnconfirmed(connection.getWarnings())) {
        confirm(connection);
      }
    }
  }

  /**
   * Waits until a synchronous standby has what was committed before: a later commit, if it comes
   * back without a warning, says so of every earlier one.
   */
  private static void confirm(Connection connection) throws SQLException {
    connection.clearWarnings();
    try (PreparedStatement statement = connection.prepareStatement(CONFIRM)) {
      statement.execute();
      if (Faults.isUnconfirmed(statement.getWarnings())
          || Faults.isUnconfirmed(connection.getWarnings())) {
        throw new SQLException("the commit is not confirmed by its standby", "08007");
      }
    }
  }

  private static void bind(
      Connection connection, PreparedStatement statement, List<JournalRow> rows)
      throws SQLException {
    int n = rows.size();
    String[] ids = new String[n];
    long[] numbers = new long[n];
    short[] slices = new short[n];
    String[] writers = new String[n];
    long[] times = new long[n];
    String[] adapters = new String[n];
    int[] serializers = new int[n];
    String[] manifests = new String[n];
    byte[][] payloads = new byte[n][];
    for (int i = 0; i < n; i++) {
      JournalRow row = rows.get(i);
      ids[i] = row.persistenceId();
      numbers[i] = row.sequenceNumber();
      slices[i] = (short) JournalSlices.of(row.persistenceId());
      writers[i] = row.writer();
      times[i] = row.timestampMillis();
      adapters[i] = row.adapterManifest();
      serializers[i] = row.event().serializerId();
      manifests[i] = row.event().manifest();
      payloads[i] = row.event().bytes();
    }
    statement.setArray(1, texts(connection, ids));
    statement.setArray(2, longs(connection, numbers));
    statement.setArray(3, connection.createArrayOf("int2", boxed(slices)));
    statement.setArray(4, texts(connection, writers));
    statement.setArray(5, longs(connection, times));
    statement.setArray(6, texts(connection, adapters));
    statement.setArray(7, integers(connection, serializers));
    statement.setArray(8, texts(connection, manifests));
    statement.setArray(9, connection.createArrayOf("bytea", payloads));
  }

  private static void bindMeta(
      Connection connection, PreparedStatement statement, List<JournalRow> rows)
      throws SQLException {
    List<Optional<JournalRow.Body>> metas = rows.stream().map(JournalRow::meta).toList();
    statement.setArray(
        10,
        connection.createArrayOf(
            "int4",
            metas.stream()
                .map(m -> m.map(JournalRow.Body::serializerId).orElse(null))
                .toArray(Integer[]::new)));
    statement.setArray(
        11,
        texts(
            connection,
            metas.stream()
                .map(m -> m.map(JournalRow.Body::manifest).orElse(null))
                .toArray(String[]::new)));
    statement.setArray(
        12,
        connection.createArrayOf(
            "bytea",
            metas.stream()
                .map(m -> m.map(JournalRow.Body::bytes).orElse(null))
                .toArray(byte[][]::new)));
  }

  private static Array texts(Connection connection, String[] values) throws SQLException {
    return connection.createArrayOf("varchar", values);
  }

  private static Array longs(Connection connection, long[] values) throws SQLException {
    return connection.unwrap(org.postgresql.PGConnection.class).createArrayOf("int8", values);
  }

  private static Array integers(Connection connection, int[] values) throws SQLException {
    return connection.unwrap(org.postgresql.PGConnection.class).createArrayOf("int4", values);
  }

  private static Short[] boxed(short[] values) {
    Short[] boxed = new Short[values.length];
    for (int i = 0; i < values.length; i++) boxed[i] = values[i];
    return boxed;
  }
}

package org.parley.persistence.readside;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.parley.core.spi.JournalRecord;
import org.parley.persistence.journal.JournalSlices;

/** A journal that a test writes row by row, within transactions of its choice. */
final class TestJournal {
  private static final int SERIALIZER = 919_191;
  private static final String INSERT =
      "INSERT INTO event_journal (sequence_number, write_timestamp, event_ser_id, slice,"
          + " persistence_id, writer, event_ser_manifest, event_payload)"
          + " VALUES (?, ?, ?, ?, ?, 'test', ?, ?)";

  private TestJournal() {}

  /** An event that says no more than a text. */
  record Noted(String text) implements JournalRecord {}

  /** Puts {@link Noted} into bytes. */
  public static final class NotedSerializer extends SerializerWithStringManifest {
    @Override
    public int identifier() {
      return SERIALIZER;
    }

    @Override
    public String manifest(Object o) {
      return "noted";
    }

    @Override
    public byte[] toBinary(Object o) {
      return bytes(((Noted) o).text());
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
      if (!manifest.equals("noted")) throw new IllegalArgumentException("manifest " + manifest);
      return new Noted(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  /** What a system needs to read these events. */
  static Config serialization() {
    return ConfigFactory.parseString(
        "pekko.actor { serializers.noted = \""
            + NotedSerializer.class.getName()
            + "\"\n serialization-bindings { \""
            + Noted.class.getName()
            + "\" = noted } }");
  }

  /** Adds a row in the connection's transaction. */
  static void write(Connection connection, String persistenceId, long number, String text)
      throws SQLException {
    write(connection, persistenceId, number, text, "noted");
  }

  static void write(
      Connection connection, String persistenceId, long number, String text, String manifest)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      add(insert, persistenceId, number, text, manifest);
      insert.executeUpdate();
    }
  }

  /** Adds one event for each of so many entities, in one transaction. */
  static void fill(Connection connection, String prefix, int from, int to, String text)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (int i = from; i < to; i++) {
        add(insert, prefix + i, 1, text + i, "noted");
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static void add(
      PreparedStatement insert, String persistenceId, long number, String text, String manifest)
      throws SQLException {
    insert.setLong(1, number);
    insert.setLong(2, Instant.now().toEpochMilli());
    insert.setInt(3, SERIALIZER);
    insert.setInt(4, JournalSlices.of(persistenceId));
    insert.setString(5, persistenceId);
    insert.setString(6, manifest);
    insert.setBytes(7, bytes(text));
  }
}

package org.parley.persistence.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.ToLongFunction;
import javax.sql.DataSource;

/** Reads what recovering entities need, for all of them that wait with one statement. */
final class JournalReader implements AutoCloseable {
  // A subquery an entity, not a join: on a table without statistics a join is planned 15 times
  // slower.
  private static final String HIGHEST =
      "SELECT k.n, (SELECT j.sequence_number FROM event_journal j WHERE j.persistence_id = k.id"
          + " ORDER BY j.sequence_number DESC LIMIT 1)"
          + " FROM unnest(?::varchar[]) WITH ORDINALITY k (id, n)";
  private static final String REPLAY =
      "SELECT * FROM (SELECT k.n, e.*, sum(octet_length(e.event_payload)) OVER (ORDER BY k.n,"
          + " e.sequence_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS octets_before"
          + " FROM unnest(?::varchar[], ?::int8[], ?::int8[], ?::int8[])"
          + " WITH ORDINALITY k (id, low, high, most, n)"
          + " CROSS JOIN LATERAL (SELECT j.sequence_number, j.writer, j.write_timestamp,"
          + " j.adapter_manifest, j.event_ser_id, j.event_ser_manifest, j.event_payload,"
          + " j.meta_ser_id, j.meta_ser_manifest, j.meta_payload, j.ordering"
          + " FROM event_journal j WHERE j.persistence_id = k.id AND NOT j.deleted"
          + " AND j.sequence_number BETWEEN k.low AND k.high"
          + " ORDER BY j.sequence_number LIMIT k.most) e) AS page"
          + " WHERE coalesce(octets_before, 0) < ? ORDER BY n, sequence_number";

  /** An event and its place in the whole journal. */
  record Placed(JournalRow row, long ordering) {}

  /** The next events of an entity, and whether there may be more behind them. */
  record Page(List<Placed> events, boolean full) {}

  private final Batcher<Highest> highest;
  private final Batcher<Replay> replays;

  JournalReader(JournalSettings settings, DataSource connections) {
    highest =
        new Batcher<>(
            limits(settings, "highest", settings.readEntities()),
            connections,
            (connection, batch, doubtful) -> highest(connection, batch));
    replays =
        new Batcher<>(
            limits(settings, "replay", settings.replayEvents()),
            connections,
            (connection, batch, doubtful) -> replay(connection, batch));
  }

  private static Batcher.Limits limits(JournalSettings settings, String name, int weight) {
    return new Batcher.Limits(
        "journal",
        name,
        settings.readers(),
        weight,
        settings.readQueue(),
        Duration.ZERO,
        settings.readGiveUp(),
        settings.retryDelay());
  }

  /** The number of an entity's last event, 0 when it has none. */
  CompletionStage<Long> highest(String persistenceId) {
    Highest ask = new Highest(persistenceId, new CompletableFuture<>());
    highest.add(ask);
    return ask.answer();
  }

  /**
   * The events of an entity from one number to another, both inclusive; the first {@code most}, or
   * fewer when they are large.
   */
  CompletionStage<Page> replay(String persistenceId, long from, long to, int most) {
    Replay ask = new Replay(persistenceId, from, to, most, new CompletableFuture<>());
    replays.add(ask);
    return ask.answer();
  }

  int waiting() {
    return highest.waiting() + replays.waiting();
  }

  @Override
  public void close() {
    highest.close();
    replays.close();
  }

  private record Highest(String persistenceId, CompletableFuture<Long> answer)
      implements Batcher.Item {
    @Override
    public int weight() {
      return 1;
    }

    @Override
    public void fail(Throwable cause) {
      answer.completeExceptionally(cause);
    }
  }

  private record Replay(
      String persistenceId, long from, long to, int most, CompletableFuture<Page> answer)
      implements Batcher.Item {
    @Override
    public int weight() {
      return (int) Math.max(1, Math.min(most, to - from + 1));
    }

    @Override
    public void fail(Throwable cause) {
      answer.completeExceptionally(cause);
    }
  }

  private static List<Highest> highest(Connection connection, List<Highest> batch)
      throws SQLException {
    long[] numbers = new long[batch.size()];
    try (PreparedStatement statement = connection.prepareStatement(HIGHEST)) {
      Object[] ids = batch.stream().map(Highest::persistenceId).toArray();
      statement.setArray(1, connection.createArrayOf("varchar", ids));
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) numbers[result.getInt(1) - 1] = result.getLong(2);
      }
    }
    for (int i = 0; i < numbers.length; i++) batch.get(i).answer().complete(numbers[i]);
    return List.of();
  }

  private static List<Replay> replay(Connection connection, List<Replay> batch)
      throws SQLException {
    List<List<Placed>> events = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) events.add(new ArrayList<>());
    int last = 0;
    long octets = 0;
    try (PreparedStatement statement = connection.prepareStatement(REPLAY)) {
      Object[] ids = batch.stream().map(Replay::persistenceId).toArray();
      statement.setArray(1, connection.createArrayOf("varchar", ids));
      statement.setArray(2, connection.createArrayOf("int8", boxed(batch, Replay::from)));
      statement.setArray(3, connection.createArrayOf("int8", boxed(batch, Replay::to)));
      statement.setArray(4, connection.createArrayOf("int8", boxed(batch, Replay::most)));
      statement.setInt(5, Journal.PAGE_OCTETS);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          last = result.getInt(1) - 1;
          Placed event = placed(batch.get(last).persistenceId(), result);
          events.get(last).add(event);
          octets += event.row().event().bytes().length;
        }
      }
    }
    // What did not fit is behind the last row: the rest of that entity, and all entities after it.
    boolean cut = octets >= Journal.PAGE_OCTETS;
    int answered = cut ? last + 1 : batch.size();
    for (int i = 0; i < answered; i++) {
      Replay ask = batch.get(i);
      boolean full = events.get(i).size() == ask.most() || (cut && i == last);
      ask.answer().complete(new Page(events.get(i), full));
    }
    return batch.subList(answered, batch.size());
  }

  private static Placed placed(String persistenceId, ResultSet row) throws SQLException {
    byte[] meta = row.getBytes(11);
    JournalRow event =
        new JournalRow(
            persistenceId,
            row.getLong(2),
            row.getString(3),
            row.getLong(4),
            row.getString(5),
            new JournalRow.Body(row.getInt(6), row.getString(7), row.getBytes(8)),
            meta == null
                ? Optional.empty()
                : Optional.of(new JournalRow.Body(row.getInt(9), row.getString(10), meta)));
    return new Placed(event, row.getLong(12));
  }

  private static Object[] boxed(List<Replay> batch, ToLongFunction<Replay> number) {
    return batch.stream().map(number::applyAsLong).toArray();
  }
}

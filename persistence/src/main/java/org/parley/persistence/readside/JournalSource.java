package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.projection.javadsl.SourceProvider;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.parley.core.spi.JournalRecord;
import org.parley.persistence.Transaction;
import org.parley.persistence.journal.Journal;
import org.parley.persistence.store.Plans;

/**
 * The events of a range of slices, each once, in the order of commits, and those of an entity in
 * the order they were persisted. It looks at rows only below the oldest transaction that still
 * runs: what is not visible there will never be.
 */
final class JournalSource extends SourceProvider<String, JournalEntry> {
  private static final String NEXT =
      "SELECT * FROM (SELECT next.*, sum(octet_length(event_payload)) OVER (ORDER BY xid, ordering"
          + " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS octets_before FROM ("
          + "SELECT xid, ordering, persistence_id, write_timestamp, event_ser_id,"
          + " event_ser_manifest, event_payload FROM event_journal WHERE slice BETWEEN ? AND ?"
          + " AND (xid, ordering) > (?, ?) AND xid < pg_snapshot_xmin(pg_current_snapshot())"
          + " ORDER BY xid, ordering LIMIT ?) AS next) AS page"
          + " WHERE coalesce(octets_before, 0) < ? ORDER BY xid, ordering";

  private final SliceRange range;
  private final DataSource dataSource;
  private final Serialization serialization;
  private final Executor executor;
  private final ReadSideSettings settings;
  private final ProjectionLag lag;

  /** Where to look next, and whether at once. */
  private record Look(Position after, boolean atOnce) {}

  /** Events up to a position, and whether there may be more behind it. */
  record Page(List<JournalEntry> entries, Position last, boolean full) {}

  JournalSource(
      SliceRange range,
      DataSource dataSource,
      Serialization serialization,
      Executor executor,
      ReadSideSettings settings,
      ProjectionLag lag) {
    this.range = range;
    this.dataSource = dataSource;
    this.serialization = serialization;
    this.executor = executor;
    this.settings = settings;
    this.lag = lag;
  }

  @Override
  public CompletionStage<Source<JournalEntry, NotUsed>> source(
      Supplier<CompletionStage<Optional<String>>> offset) {
    return offset
        .get()
        .thenApply(stored -> from(stored.map(Position::parse).orElse(Position.START)));
  }

  private Source<JournalEntry, NotUsed> from(Position start) {
    lag.reached(range, start);
    // The buffer has the next page read while this one is applied.
    return Source.unfoldAsync(new Look(start, true), this::look)
        .buffer(1, OverflowStrategy.backpressure())
        .mapConcat(entries -> entries);
  }

  private CompletionStage<Optional<Pair<Look, List<JournalEntry>>>> look(Look look) {
    Executor when =
        look.atOnce()
            ? executor
            : CompletableFuture.delayedExecutor(
                settings.idleInterval().toMillis(), TimeUnit.MILLISECONDS, executor);
    return CompletableFuture.supplyAsync(
        () -> {
          Page page = read(look.after());
          return Optional.of(Pair.create(new Look(page.last(), page.full()), page.entries()));
        },
        when);
  }

  Page read(Position after) {
    try (Connection connection = dataSource.getConnection()) {
      return Transaction.run(connection, c -> read(c, after));
    } catch (SQLException e) {
      lag.failed(range);
      throw new CompletionException("the journal cannot be read", e);
    }
  }

  private Page read(Connection connection, Position after) throws SQLException {
    Plans.byIndex(connection);
    try (PreparedStatement select = connection.prepareStatement(NEXT)) {
      select.setInt(1, range.from());
      select.setInt(2, range.to());
      select.setObject(3, Long.toUnsignedString(after.xid()), Types.OTHER);
      select.setLong(4, after.ordering());
      select.setInt(5, settings.pageSize());
      select.setInt(6, Journal.PAGE_OCTETS);
      try (ResultSet rows = select.executeQuery()) {
        List<JournalEntry> entries = new ArrayList<>();
        Position last = after;
        long octets = 0;
        while (rows.next()) {
          byte[] payload = rows.getBytes(7);
          JournalEntry entry = entry(last, rows, payload);
          entries.add(entry);
          last = entry.position();
          octets += payload.length;
        }
        return new Page(
            entries, last, entries.size() == settings.pageSize() || octets >= Journal.PAGE_OCTETS);
      }
    }
  }

  private JournalEntry entry(Position after, ResultSet row, byte[] payload) throws SQLException {
    Position position = new Position(Long.parseUnsignedLong(row.getString(1)), row.getLong(2));
    try {
      Object event = serialization.deserialize(payload, row.getInt(5), row.getString(6)).get();
      if (event instanceof JournalRecord known) {
        Instant writtenAt = Instant.ofEpochMilli(row.getLong(4));
        return new JournalEntry(after, position, row.getString(3), writtenAt, known);
      }
      throw new IllegalStateException("it is no record of this journal");
    } catch (RuntimeException e) {
      throw lag.unreadable(range, position, e);
    }
  }

  @Override
  public String extractOffset(JournalEntry entry) {
    return entry.position().toString();
  }

  @Override
  public long extractCreationTime(JournalEntry entry) {
    return entry.writtenAt().toEpochMilli();
  }
}

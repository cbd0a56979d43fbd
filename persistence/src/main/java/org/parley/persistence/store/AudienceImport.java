package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Reject;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;
import org.parley.persistence.Transaction;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one generation of an audience. While one chunk is on its way to PostgreSQL the next one is
 * filled, so both sides work at the same time, in memory for two chunks.
 *
 * <p>Each chunk is a short transaction of its own, however slowly the rows come in: the read side
 * cannot pass a transaction that is open. Chunks do not wait for the disk; the commit that makes
 * the generation visible does, and PostgreSQL's log is written in order, so all chunks are safe
 * with it.
 */
final class AudienceImport implements AudienceWriter {
  static final int MAX_REJECTS = 10_000;
  private static final int MAX_REASON_CHARS = 500;
  private static final int FETCH_ROWS = 10_000;
  private static final Logger log = LoggerFactory.getLogger(AudienceImport.class);

  private final String tenant;
  private final String audienceId;
  private final long generation;
  private final Connection connection;
  private final Audiences.Connections connections;
  private final Executor copier;
  private final Runnable whenClosed;
  private final int chunkBytes;
  private final SeenIds seen;
  private final List<Reject> rejects = new ArrayList<>();
  private MemberRows filling;
  private MemberRows spare;
  private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);
  private long lastPosition = Long.MIN_VALUE;
  private long accepted;
  private long rejected;
  private long duplicates;
  private boolean closed;

  /**
   * Takes over a connection that holds the audience's lock.
   *
   * @param whenClosed runs once, after the connection was given back
   */
  AudienceImport(
      String tenant,
      String audienceId,
      long generation,
      Connection connection,
      Audiences.Connections connections,
      Executor copier,
      StoreSettings settings,
      Runnable whenClosed) {
    this.tenant = tenant;
    this.audienceId = audienceId;
    this.generation = generation;
    this.connection = connection;
    this.connections = connections;
    this.copier = copier;
    this.whenClosed = whenClosed;
    this.chunkBytes = settings.importChunkBytes();
    this.seen = new SeenIds(settings.importRememberedIds());
    this.filling = new MemberRows(chunkBytes);
    this.spare = new MemberRows(chunkBytes);
  }

  @Override
  public void add(Member member) {
    if (closed) throw new IllegalStateException("this import has ended");
    if (member.position() <= lastPosition) {
      throw new IllegalArgumentException("positions must grow: " + member.position());
    }
    lastPosition = member.position();
    int before = filling.size();
    if (!filling.add(generation, member)) {
      reject(new Reject(member.position(), "holds a character that cannot be stored"));
      return;
    }
    if (!seen.add(member.customerId())) {
      filling.rewind(before);
      rejectDuplicate(member.position());
      return;
    }
    accepted++;
    if (filling.size() >= chunkBytes) send();
  }

  @Override
  public void reject(Reject reject) {
    rejected++;
    if (rejects.size() >= MAX_REJECTS) return;
    String reason = reject.reason().replace('\0', ' ');
    rejects.add(
        new Reject(
            reject.line(),
            reason.length() <= MAX_REASON_CHARS ? reason : reason.substring(0, MAX_REASON_CHARS)));
  }

  private void rejectDuplicate(long line) {
    duplicates++;
    reject(new Reject(line, "the same customerId came before"));
  }

  private void send() {
    awaitChunk();
    MemberRows full = filling;
    filling = spare;
    spare = full;
    filling.clear();
    full.end();
    underWay = CompletableFuture.runAsync(() -> copy(full), copier);
  }

  private void copy(MemberRows rows) {
    try {
      CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
      CopyIn copy = manager.copyIn(MemberRows.COPY);
      try {
        copy.writeToCopy(rows.bytes(), 0, rows.size());
        copy.endCopy();
      } finally {
        if (copy.isActive()) copy.cancelCopy();
      }
    } catch (SQLException e) {
      throw new CompletionException(e);
    }
  }

  private void awaitChunk() {
    try {
      underWay.join();
    } catch (CompletionException e) {
      throw failed(e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause()));
    }
  }

  @Override
  public ImportReport commit(List<String> columns) {
    if (closed) throw new IllegalStateException("this import has ended");
    if (!filling.isEmpty()) send();
    awaitChunk();
    try {
      if (seen.overflowed()) removeLateDuplicates();
      Transaction.run(connection, c -> publish(c, columns));
    } catch (SQLException e) {
      throw failed(e);
    }
    close();
    return new ImportReport(accepted, rejected, duplicates, columns);
  }

  /**
   * Finds what repeats an id that was not remembered. The search only reads, so it holds nothing
   * back, and PostgreSQL sorts on disk what does not fit; the rows found go in short transactions.
   */
  private void removeLateDuplicates() throws SQLException {
    try (Connection reading = connections.open()) {
      int found = Transaction.run(reading, this::deleteLateDuplicates);
      log.debug("The import into {} had {} late duplicates", audienceId, found);
    }
  }

  private int deleteLateDuplicates(Connection reading) throws SQLException {
    try (PreparedStatement find =
        reading.prepareStatement(
            "SELECT slice, position FROM (SELECT slice, position, row_number() OVER"
                + " (PARTITION BY customer_id ORDER BY position) AS n FROM audience_members"
                + " WHERE generation = ?) AS numbered WHERE n > 1")) {
      find.setFetchSize(FETCH_ROWS);
      find.setLong(1, generation);
      return deleteFound(find);
    }
  }

  private int deleteFound(PreparedStatement find) throws SQLException {
    List<Integer> slices = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    int found = 0;
    try (ResultSet rows = find.executeQuery()) {
      for (; rows.next(); found++) {
        slices.add(rows.getInt(1));
        positions.add(rows.getLong(2));
        if (slices.size() == FETCH_ROWS) delete(slices, positions);
      }
    }
    delete(slices, positions);
    return found;
  }

  private void delete(List<Integer> slices, List<Long> positions) throws SQLException {
    if (slices.isEmpty()) return;
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM audience_members WHERE generation = ? AND slice = ? AND position = ?")) {
      for (int i = 0; i < positions.size(); i++) {
        delete.setLong(1, generation);
        delete.setInt(2, slices.get(i));
        delete.setLong(3, positions.get(i));
        delete.addBatch();
      }
      int[] unused = delete.executeBatch();
    }
    accepted -= positions.size();
    positions.forEach(this::rejectDuplicate);
    slices.clear();
    positions.clear();
  }

  private boolean publish(Connection c, List<String> columns) throws SQLException {
    try (Statement statement = c.createStatement()) {
      statement.execute("SET LOCAL synchronous_commit TO DEFAULT");
    }
    insertRejects(c);
    try (PreparedStatement update =
        c.prepareStatement(
            "UPDATE audiences SET generation = ?, accepted = ?, rejected = ?, columns = ?,"
                + " status = ? WHERE tenant = ? AND id = ? AND status <> 'frozen'")) {
      update.setLong(1, generation);
      update.setLong(2, accepted);
      update.setLong(3, rejected);
      update.setArray(4, c.createArrayOf("text", columns.toArray()));
      update.setString(5, accepted > 0 ? "ready" : "empty");
      update.setString(6, tenant);
      update.setString(7, audienceId);
      if (update.executeUpdate() == 1) return true;
    }
    throw Audiences.frozen(audienceId);
  }

  private void insertRejects(Connection c) throws SQLException {
    if (rejects.isEmpty()) return;
    rejects.sort(Comparator.comparingLong(Reject::line));
    try (PreparedStatement insert =
        c.prepareStatement(
            "INSERT INTO audience_rejects (generation, number, line, reason)"
                + " SELECT ?, r.number, r.line, r.reason FROM unnest(?::bigint[], ?::text[])"
                + " WITH ORDINALITY AS r(line, reason, number)")) {
      insert.setLong(1, generation);
      insert.setArray(2, c.createArrayOf("int8", rejects.stream().map(Reject::line).toArray()));
      insert.setArray(3, c.createArrayOf("text", rejects.stream().map(Reject::reason).toArray()));
      insert.executeUpdate();
    }
  }

  private RuntimeException failed(SQLException e) {
    if (RequestPool.isNoConnection(e)) return RequestPool.busy(e);
    return new IllegalStateException("the import into " + audienceId + " failed", e);
  }

  @Override
  public void close() {
    if (closed) return;
    closed = true;
    // The connection is busy as long as a chunk is on its way; its failure was told, or is moot.
    underWay.handle((done, failure) -> true).join();
    try (connection) {
      Audiences.unlock(connection, audienceId);
    } catch (SQLException e) {
      log.warn("The connection of the import into {} was lost: {}", audienceId, e.getMessage());
    } finally {
      whenClosed.run();
    }
  }
}

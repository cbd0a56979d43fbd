package org.parley.persistence.readside;

import java.sql.SQLException;
import java.util.List;
import org.apache.pekko.projection.jdbc.javadsl.JdbcHandler;
import org.parley.core.spi.Change;
import org.parley.core.spi.JournalRecord;

/** Applies groups of events to the tables, in the transaction that also keeps the offset. */
final class JournalFold extends JdbcHandler<List<JournalEntry>, TableSession> {
  private final SliceRange range;
  private final Fold fold;
  private final ReadTables tables;
  private final ProjectionLag lag;

  /** What an event changes in the tables; pure. */
  @FunctionalInterface
  interface Fold {
    List<Change> changes(String persistenceId, JournalRecord event);
  }

  JournalFold(SliceRange range, Fold fold, ReadSideSettings settings, ProjectionLag lag) {
    this.range = range;
    this.fold = fold;
    this.tables = new ReadTables(range.part(), settings);
    this.lag = lag;
  }

  @Override
  public void process(TableSession session, List<JournalEntry> entries) throws Exception {
    requireNext(session, entries.get(0));
    ChangeGroup group = new ChangeGroup();
    for (JournalEntry entry : entries) addChanges(group, entry);
    try {
      session.withConnection(
          connection -> {
            tables.apply(connection, group);
            return true;
          });
    } catch (SQLException e) {
      if (!isRefusalOfData(e)) {
        lag.failed(range);
        throw e;
      }
      // Which of the group's rows it was only the database knows; its first event names the place.
      throw lag.unreadable(range, entries.get(0).position(), e);
    }
    lag.applied(range, entries.get(entries.size() - 1).position(), entries.size());
  }

  private void requireNext(TableSession session, JournalEntry first) {
    if (first.after().equals(session.foldedTo())) return;
    throw new IllegalStateException(
        String.format(
            "slices %s were folded up to %s here, and up to %s by another node; going on from there",
            range.key(), first.after(), session.foldedTo()));
  }

  /** Wrong data or a broken constraint, and not a lost connection or a deadlock. */
  private static boolean isRefusalOfData(SQLException e) {
    String state = e.getSQLState();
    return state != null
        && (state.startsWith("21") || state.startsWith("22") || state.startsWith("23"));
  }

  private void addChanges(ChangeGroup group, JournalEntry entry) {
    try {
      for (Change change : fold.changes(entry.persistenceId(), entry.event())) {
        group.add(change);
      }
    } catch (RuntimeException e) {
      throw lag.unreadable(range, entry.position(), e);
    }
  }

  @Override
  public void stop() {
    lag.ended(range);
  }
}

package org.parley.persistence.readside;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import kamon.Kamon;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator sees of the projections of this node: how far each is behind the journal, what
 * it applies, and once for each place where it is stuck, a line in the log.
 */
final class ProjectionLag {
  private static final Logger log = LoggerFactory.getLogger(ProjectionLag.class);
  private static final int MOST_ROWS = 10_000;
  private static final String BEHIND =
      "SELECT count(*), min(write_timestamp), (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
          + " FROM (SELECT write_timestamp FROM event_journal WHERE slice BETWEEN ? AND ?"
          + " AND (xid, ordering) > (?, ?) ORDER BY xid, ordering LIMIT ?) AS behind";

  private final Map<SliceRange, Position> reached = new ConcurrentHashMap<>();
  private final Map<SliceRange, Position> stuck = new ConcurrentHashMap<>();

  /** All up to here is applied. */
  void reached(SliceRange range, Position position) {
    reached.put(range, position);
  }

  void applied(SliceRange range, Position last, int events) {
    reached.put(range, last);
    stuck.remove(range);
    Kamon.histogram("parley.projection.batch").withTag("slices", range.key()).record(events);
    Kamon.counter("parley.projection.events").withTag("slices", range.key()).increment(events);
  }

  /** It goes on elsewhere, or ends. */
  void ended(SliceRange range) {
    reached.remove(range);
    Kamon.gauge("parley.projection.lag").withTag("slices", range.key()).remove();
    Kamon.gauge("parley.projection.behind").withTag("slices", range.key()).remove();
  }

  void failed(SliceRange range) {
    Kamon.counter("parley.projection.failures").withTag("slices", range.key()).increment();
  }

  /** Counts and, the first time, tells that nothing behind this event is applied. */
  UnreadableEvent unreadable(SliceRange range, Position position, Throwable cause) {
    failed(range);
    if (!position.equals(stuck.put(range, position))) {
      log.error(
          "Slices {} of the read side stand still: the event with xid {} and ordering {} cannot be"
              + " applied ({}). It is tried again until it can.",
          range.key(),
          position.xid(),
          position.ordering(),
          kind(cause));
    }
    return new UnreadableEvent(position);
  }

  /** What went wrong and where, without the message. */
  private static String kind(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) root = root.getCause();
    String state = root instanceof SQLException sql ? " " + sql.getSQLState() : "";
    StackTraceElement[] trace = root.getStackTrace();
    return root.getClass().getName() + state + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  /** Measures the lag of each projection that runs here. */
  void measure(Connection connection) throws SQLException {
    for (Map.Entry<SliceRange, Position> projection : reached.entrySet()) {
      SliceRange range = projection.getKey();
      try (PreparedStatement select = connection.prepareStatement(BEHIND)) {
        select.setInt(1, range.from());
        select.setInt(2, range.to());
        select.setObject(3, Long.toUnsignedString(projection.getValue().xid()), Types.OTHER);
        select.setLong(4, projection.getValue().ordering());
        select.setInt(5, MOST_ROWS);
        try (ResultSet rows = select.executeQuery()) {
          rows.next();
          long behind = rows.getLong(1);
          double seconds =
              behind == 0 ? 0 : Math.max(0, rows.getLong(3) - rows.getLong(2)) / 1000.0;
          Kamon.gauge("parley.projection.lag").withTag("slices", range.key()).update(seconds);
          Kamon.gauge("parley.projection.behind")
              .withTag("slices", range.key())
              .update((double) behind);
        }
      }
    }
  }
}

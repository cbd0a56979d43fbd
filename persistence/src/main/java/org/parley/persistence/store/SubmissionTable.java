package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CustomerKey;
import org.parley.core.spi.Inbound.Receipt;
import org.parley.core.spi.SubmissionStore.Submission;

/**
 * The statements of {@link Submissions}, each for a whole batch, on a connection that commits by
 * itself. Only {@link #purge} wants a transaction.
 */
final class SubmissionTable {
  private static final String INSERT =
      "INSERT INTO submissions (at, reference, carrier, attempt, customer, recipient) SELECT "
          + time("at")
          + ", reference, carrier, attempt, customer, recipient FROM unnest(?::bigint[], ?::int[],"
          + " ?::text[], ?::text[], ?::text[], ?::text[])"
          + " AS u(at, reference, carrier, attempt, customer, recipient) ON CONFLICT DO NOTHING";

  /** A carrier may come to use an id again: the newer message has it then. */
  private static final String LEARN =
      Plans.byIndex(
          """
      WITH k AS (
        SELECT * FROM unnest(?::text[], ?::text[], ?::text[]) AS u(carrier, attempt, carrier_ref)
      ), marked AS (
        UPDATE submissions SET known = true WHERE ctid = ANY (ARRAY(
          SELECT s.place FROM k CROSS JOIN LATERAL (
            SELECT ctid AS place FROM submissions
            WHERE attempt = k.attempt AND carrier = k.carrier AND NOT known FOR UPDATE) s))
      )
      INSERT INTO submission_ids AS i (at, carrier, carrier_ref, attempt)
      SELECT now(), carrier, carrier_ref, attempt FROM k
      ON CONFLICT (carrier_ref, carrier) DO UPDATE SET attempt = excluded.attempt, at = excluded.at
      WHERE i.attempt <> excluded.attempt
      """);

  private static final String BY_ID =
      Plans.byIndex(
          """
      SELECT k.n, s.carrier, s.attempt, s.customer, s.reference, s.recipient, s.at
      FROM unnest(?::int[], ?::text[], ?::text[]) AS k(n, carrier, carrier_ref)
      CROSS JOIN LATERAL (
        SELECT attempt FROM submission_ids
        WHERE carrier_ref = k.carrier_ref AND carrier = k.carrier OFFSET 0) i
      CROSS JOIN LATERAL (
        SELECT * FROM submissions WHERE attempt = i.attempt AND carrier = k.carrier OFFSET 0) s
      """);

  /** Of one number only the newest thousand are looked at, so that a busy one costs no more. */
  private static final String BY_NUMBER =
      Plans.byIndex(
          """
      SELECT DISTINCT ON (k.n) k.n, s.carrier, s.attempt, s.customer, s.reference, s.recipient, s.at
      FROM unnest(?::int[], ?::text[], ?::text[], ?::int[]) AS k(n, carrier, recipient, reference)
      CROSS JOIN LATERAL (
        SELECT newest.*, count(*) FILTER (WHERE NOT known) OVER () AS unknown
        FROM (SELECT * FROM submissions
              WHERE ltrim(recipient, '+') = k.recipient AND carrier = k.carrier
              ORDER BY at DESC LIMIT 1000) AS newest
      ) AS s
      WHERE s.reference = k.reference OR (NOT s.known AND s.unknown = 1)
      ORDER BY k.n, coalesce(s.reference = k.reference, false) DESC, s.known, s.at DESC
      """);

  private static final String KEEP =
      "INSERT INTO early_receipts (at, reference, carrier, carrier_ref, state, recipient, reason)"
          + " SELECT "
          + time("at")
          + ", reference, carrier, carrier_ref, state, recipient, reason FROM unnest(?::bigint[],"
          + " ?::int[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]) AS u(at, reference,"
          + " carrier, carrier_ref, state, recipient, reason) ON CONFLICT DO NOTHING";

  private static final String KEPT =
      Plans.byIndex(
          """
      SELECT e.carrier, e.carrier_ref, e.reference, e.recipient, e.state, e.reason, e.at
      FROM unnest(?::text[], ?::text[]) AS k(carrier, carrier_ref)
      CROSS JOIN LATERAL (
        SELECT * FROM early_receipts
        WHERE carrier_ref = k.carrier_ref AND carrier = k.carrier OFFSET 0) e
      ORDER BY e.at, e.number
      """);

  private static final List<String> TABLES =
      List.of("submissions:at", "submission_ids:at", "early_receipts:kept_at");

  /** A carrier's id for a message. */
  record Id(String carrier, String carrierRef) {}

  /** What a carrier calls an attempt. */
  record Named(Id id, AttemptId attempt) {}

  private SubmissionTable() {}

  private static String time(String column) {
    return "timestamptz 'epoch' + " + column + " * interval '1 microsecond'";
  }

  /** In an order that is the same everywhere, so that two batches do not wait in a circle. */
  static void insert(Connection c, List<Submission> batch) throws SQLException {
    List<Submission> rows = new ArrayList<>(batch);
    rows.sort(java.util.Comparator.comparing(s -> s.attempt().value()));
    try (PreparedStatement insert = c.prepareStatement(INSERT)) {
      new Columns(c, insert, 1)
          .times(rows, Submission::at)
          .ints(rows, Submission::reference)
          .texts(rows, Submission::carrier)
          .texts(rows, row -> row.attempt().value())
          .texts(rows, row -> row.customer().entityId())
          .texts(rows, Submission::to);
      insert.executeUpdate();
    }
  }

  static void learn(Connection c, List<Named> batch) throws SQLException {
    Map<Id, Named> last = new LinkedHashMap<>();
    for (Named named : batch) last.put(named.id(), named);
    List<Named> rows = new ArrayList<>(last.values());
    rows.sort(java.util.Comparator.comparing(n -> n.attempt().value()));
    try (PreparedStatement learn = c.prepareStatement(LEARN)) {
      new Columns(c, learn, 1)
          .texts(rows, row -> row.id().carrier())
          .texts(rows, row -> row.attempt().value())
          .texts(rows, row -> row.id().carrierRef());
      Plans.update(learn);
    }
  }

  /** Those that are found, by their place in the list. */
  static Map<Integer, Submission> find(Connection c, List<Receipt> receipts) throws SQLException {
    Map<Integer, Submission> found = new HashMap<>();
    byId(c, receipts, found);
    if (found.size() < receipts.size()) byNumber(c, receipts, found);
    return found;
  }

  private static void byId(Connection c, List<Receipt> receipts, Map<Integer, Submission> found)
      throws SQLException {
    List<Integer> asked = places(receipts, found);
    try (PreparedStatement select = c.prepareStatement(BY_ID)) {
      new Columns(c, select, 1)
          .ints(asked, i -> i)
          .texts(asked, i -> receipts.get(i).carrier())
          .texts(asked, i -> receipts.get(i).carrierRef());
      read(select, found);
    }
  }

  private static void byNumber(Connection c, List<Receipt> receipts, Map<Integer, Submission> found)
      throws SQLException {
    List<Integer> asked = places(receipts, found);
    try (PreparedStatement select = c.prepareStatement(BY_NUMBER)) {
      new Columns(c, select, 1)
          .ints(asked, i -> i)
          .texts(asked, i -> receipts.get(i).carrier())
          .texts(asked, i -> withoutPlus(receipts.get(i).to()))
          .intsIfAny(asked, i -> receipts.get(i).reference());
      read(select, found);
    }
  }

  private static List<Integer> places(List<Receipt> receipts, Map<Integer, Submission> found) {
    List<Integer> places = new ArrayList<>(receipts.size());
    for (int i = 0; i < receipts.size(); i++) if (!found.containsKey(i)) places.add(i);
    return places;
  }

  private static String withoutPlus(String number) {
    int i = 0;
    while (i < number.length() && number.charAt(i) == '+') i++;
    return number.substring(i);
  }

  private static void read(PreparedStatement select, Map<Integer, Submission> into)
      throws SQLException {
    try (ResultSet rows = Plans.rows(select)) {
      while (rows.next()) {
        into.put(
            rows.getInt(1),
            new Submission(
                rows.getString(2),
                new AttemptId(rows.getString(3)),
                CustomerKey.parse(rows.getString(4)),
                rows.getInt(5),
                rows.getString(6),
                Rows.instant(rows, 7)));
      }
    }
  }

  /** Keeps receipts whose message is not known; one without a carrier's id could not be found. */
  static void keep(Connection c, List<Receipt> receipts) throws SQLException {
    List<Receipt> rows = receipts.stream().filter(r -> !r.carrierRef().isEmpty()).toList();
    if (rows.isEmpty()) return;
    try (PreparedStatement insert = c.prepareStatement(KEEP)) {
      new Columns(c, insert, 1)
          .times(rows, Receipt::at)
          .intsIfAny(rows, Receipt::reference)
          .texts(rows, Receipt::carrier)
          .texts(rows, Receipt::carrierRef)
          .texts(rows, row -> row.state().name().toLowerCase(Locale.ROOT))
          .texts(rows, Receipt::to)
          .textsIfAny(rows, Receipt::reason);
      insert.executeUpdate();
    }
  }

  /** The receipts that were kept for these ids, the oldest of each first. */
  static Map<Id, List<Receipt>> kept(Connection c, List<Named> batch) throws SQLException {
    Map<Id, List<Receipt>> kept = new HashMap<>();
    List<Id> ids = batch.stream().map(Named::id).distinct().toList();
    try (PreparedStatement select = c.prepareStatement(KEPT)) {
      new Columns(c, select, 1).texts(ids, Id::carrier).texts(ids, Id::carrierRef);
      try (ResultSet rows = Plans.rows(select)) {
        while (rows.next()) {
          Receipt receipt = receipt(rows);
          kept.computeIfAbsent(
                  new Id(receipt.carrier(), receipt.carrierRef()), id -> new ArrayList<>())
              .add(receipt);
        }
      }
    }
    return kept;
  }

  private static Receipt receipt(ResultSet rows) throws SQLException {
    int reference = rows.getInt(3);
    OptionalInt ours = rows.wasNull() ? OptionalInt.empty() : OptionalInt.of(reference);
    return new Receipt(
        rows.getString(1),
        rows.getString(2),
        ours,
        rows.getString(4),
        Receipt.State.valueOf(rows.getString(5).toUpperCase(Locale.ROOT)),
        Optional.ofNullable(rows.getString(6)),
        Rows.instant(rows, 7));
  }

  /** Removes at most so many rows of each table; what another node removes is passed over. */
  static int purge(Connection c, double ageSeconds, int most) throws SQLException {
    int removed = 0;
    for (String table : TABLES) {
      String name = table.substring(0, table.indexOf(':'));
      String age = table.substring(table.indexOf(':') + 1);
      try (PreparedStatement delete =
          c.prepareStatement(
              String.format(
                  "DELETE FROM %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$s"
                      + " WHERE %2$s < now() - make_interval(secs => ?) ORDER BY %2$s LIMIT ?"
                      + " FOR UPDATE SKIP LOCKED))",
                  name, age))) {
        delete.setDouble(1, ageSeconds);
        delete.setInt(2, most);
        removed += delete.executeUpdate();
      }
    }
    return removed;
  }
}

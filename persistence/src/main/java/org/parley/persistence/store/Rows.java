package org.parley.persistence.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.parley.core.api.Page;
import org.parley.core.api.RefusedException;

/** How rows become values. */
final class Rows {
  /** What a page holds before its last row. */
  private static final long PAGE_OCTETS = 8 << 20;

  private Rows() {}

  /** What is made of a row. */
  interface Mapping<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** How much a row holds. */
  interface Octets {
    long of(ResultSet row) throws SQLException;
  }

  static Optional<String> text(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }

  static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static Optional<Instant> instantIfAny(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  static OffsetDateTime timestamp(Instant at) {
    return at.atOffset(ZoneOffset.UTC);
  }

  /** A page of a statement that asks for one row more than the limit. */
  static <T> Page<T> page(
      PreparedStatement select, int limit, Mapping<T> item, Mapping<String> cursor)
      throws SQLException {
    return page(select, limit, row -> 0, item, cursor);
  }

  /** The same, of rows that may be large: the page ends with the one that fills it. */
  static <T> Page<T> page(
      PreparedStatement select, int limit, Octets size, Mapping<T> item, Mapping<String> cursor)
      throws SQLException {
    try (ResultSet rows = select.executeQuery()) {
      List<T> items = new ArrayList<>();
      long octets = 0;
      Optional<String> next = Optional.empty();
      while (rows.next()) {
        if (next.isPresent()) return new Page<>(items, next);
        items.add(item.of(rows));
        octets += size.of(rows);
        if (items.size() == limit || octets >= PAGE_OCTETS) next = Optional.of(cursor.of(rows));
      }
      return new Page<>(items, Optional.empty());
    }
  }

  /** Has a refusal that is thrown before anything was asked come out of the future. */
  static <T> CompletionStage<T> refusing(Supplier<CompletionStage<T>> ask) {
    try {
      return ask.get();
    } catch (RefusedException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}

package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** Sets the columns of rows as the arrays of an {@code unnest}, one after the other. */
public final class Columns {
  private static final long MICROS = 1_000_000;
  private final Connection connection;
  private final PreparedStatement statement;
  private int index;

  /** The parameters of a statement from its {@code first} one, counted from 1. */
  public Columns(Connection connection, PreparedStatement statement, int first) {
    this.connection = connection;
    this.statement = statement;
    this.index = first;
  }

  public <T> Columns texts(Collection<T> rows, Function<T, String> value) throws SQLException {
    return array("text", rows.stream().map(value).toArray());
  }

  public <T> Columns textsIfAny(Collection<T> rows, Function<T, Optional<String>> value)
      throws SQLException {
    return array("text", rows.stream().map(row -> value.apply(row).orElse(null)).toArray());
  }

  public <T> Columns longs(Collection<T> rows, Function<T, Long> value) throws SQLException {
    return array("int8", rows.stream().map(value).toArray());
  }

  public <T> Columns ints(Collection<T> rows, Function<T, Integer> value) throws SQLException {
    return array("int4", rows.stream().map(value).toArray());
  }

  public <T> Columns intsIfAny(Collection<T> rows, Function<T, OptionalInt> value)
      throws SQLException {
    return array(
        "int4",
        rows.stream()
            .map(value)
            .map(number -> number.isPresent() ? number.getAsInt() : null)
            .toArray());
  }

  /** As microseconds since 1970, which are quicker to write and to read than dates. */
  public <T> Columns times(Collection<T> rows, Function<T, Instant> value) throws SQLException {
    return longs(rows, row -> micros(value.apply(row)));
  }

  public <T> Columns timesIfAny(Collection<T> rows, Function<T, Optional<Instant>> value)
      throws SQLException {
    return longsIfAny(rows, row -> value.apply(row).map(Columns::micros));
  }

  public <T> Columns longsIfAny(Collection<T> rows, Function<T, Optional<Long>> value)
      throws SQLException {
    return array("int8", rows.stream().map(row -> value.apply(row).orElse(null)).toArray());
  }

  private static Long micros(Instant at) {
    return Math.addExact(Math.multiplyExact(at.getEpochSecond(), MICROS), at.getNano() / 1_000L);
  }

  private Columns array(String type, Object[] values) throws SQLException {
    statement.setArray(index++, connection.createArrayOf(type, values));
    return this;
  }
}

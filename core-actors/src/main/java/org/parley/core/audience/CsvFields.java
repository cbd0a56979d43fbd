package org.parley.core.audience;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Splits one row of CSV (RFC 4180) into its fields. */
final class CsvFields {
  private static final CsvReader.CsvReaderBuilder READER =
      CsvReader.builder()
          .skipEmptyLines(false)
          .allowExtraFields(true)
          .allowMissingFields(true)
          .commentStrategy(CommentStrategy.NONE);

  private final int maxFields;
  private final String[] fields;
  private int count;

  /**
   * @param maxFields of more, only the number is told
   */
  CsvFields(int maxFields) {
    this.maxFields = maxFields;
    this.fields = new String[maxFields];
    Arrays.fill(fields, "");
  }

  /** Splits a row; false when it is none, which {@link Rows} has told before. */
  boolean split(String row) {
    count = 0;
    try {
      return READER.ofSingleCsvRecord(new Collector(), row) != null;
    } catch (CsvParseException e) {
      return false;
    }
  }

  int count() {
    return count;
  }

  /** A field of the latest row; an empty one is the empty text. */
  String field(int index) {
    return fields[index];
  }

  private final class Collector extends AbstractBaseCsvCallbackHandler<Boolean> {
    @Override
    protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
      if (index < maxFields) fields[index] = length == 0 ? "" : new String(buffer, offset, length);
      count = index + 1;
    }

    @Override
    protected @Nullable Boolean buildRecord() {
      return Boolean.TRUE;
    }
  }
}

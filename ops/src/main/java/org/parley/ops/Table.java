package org.parley.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows in columns: the first to the left, the others to the right. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table row(String first, String... others) {
    List<String> row = new ArrayList<>();
    row.add(first);
    row.addAll(List.of(others));
    rows.add(row);
    return this;
  }

  /** The lines, without blanks at their ends. */
  List<String> lines() {
    List<Integer> widths = new ArrayList<>();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        int width = row.get(i).codePointCount(0, row.get(i).length());
        if (i == widths.size()) widths.add(width);
        else widths.set(i, Math.max(widths.get(i), width));
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String cell = row.get(i);
      String pad = " ".repeat(widths.get(i) - cell.codePointCount(0, cell.length()));
      if (i == 0) line.append(cell).append(pad);
      else line.append("  ").append(pad).append(cell);
    }
    return line.toString().stripTrailing();
  }

  /** A whole number for people, such as {@code 1,000}. */
  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Milliseconds with as many digits as mean something. */
  static String millis(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.1f ms" : "%,.0f ms", value);
  }
}

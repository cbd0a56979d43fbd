package org.parley.core.audience;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.parley.core.check.NotAcceptable;
import org.parley.core.check.ProfileCheck;
import org.parley.core.template.Names;

/** The names of a CSV file's columns. What is wrong here refuses the file. */
final class CsvHeader {
  /** How many columns a file can have. */
  static final int MAX_COLUMNS = Column.values().length + ProfileCheck.MAX_ATTRIBUTES;

  private final List<String> names;
  private final List<Optional<Column>> columns;

  private CsvHeader(List<String> names) {
    this.names = names;
    this.columns = names.stream().map(Column::of).toList();
  }

  /** Reads the header from the file's first row, whose fields have been split. */
  static CsvHeader of(CsvFields fields) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < Math.min(fields.count(), MAX_COLUMNS + 1); i++) {
      names.add(fields.field(i).strip());
    }
    checkSeparator(names);
    Set<String> seen = new HashSet<>();
    int attributes = 0;
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      checkName(i + 1, name);
      if (!seen.add(name)) throw Faults.file("Two columns are called " + name + ".");
      if (Column.of(name).isEmpty()) attributes++;
    }
    if (!seen.contains(Column.CUSTOMER_ID.label())) {
      String nearest =
          Names.closest(Column.CUSTOMER_ID.label(), names)
              .map(n -> "; rename " + n + " if that is it")
              .orElse("");
      throw Faults.file(
          "There is no column customerId, which every audience needs" + nearest + ".");
    }
    if (attributes > ProfileCheck.MAX_ATTRIBUTES) {
      throw Faults.file(
          "There are more than " + ProfileCheck.MAX_ATTRIBUTES + " columns of attributes.");
    }
    return new CsvHeader(names);
  }

  private static void checkSeparator(List<String> names) {
    if (names.size() > 1) return;
    for (String separator : List.of(";", "\t", "|")) {
      if (names.stream().anyMatch(name -> name.contains(separator))) {
        String shown = separator.equals("\t") ? "tabs" : "'" + separator + "'";
        throw Faults.file("The columns are separated by " + shown + "; Parley reads commas.");
      }
    }
  }

  private static void checkName(int number, String name) {
    if (Column.of(name).isPresent()) return;
    if (name.isEmpty()) throw Faults.file("Column " + number + " has no name.");
    Optional<Column> meant = Column.ignoringCase(name);
    if (meant.isPresent()) {
      throw Faults.file(
          "Column " + number + " is called " + name + "; write " + meant.get().label() + ".");
    }
    try {
      ProfileCheck.checkAttributeName(name);
    } catch (NotAcceptable e) {
      throw Faults.file("Column " + number + ", '" + shown(name) + "', " + e.reason() + ".");
    }
  }

  private static String shown(String name) {
    String line = name.replaceAll("\\p{Cntrl}", " ");
    return line.length() <= Names.MAX_CHARS ? line : line.substring(0, Names.MAX_CHARS) + "…";
  }

  int size() {
    return names.size();
  }

  /** The columns that are attributes, in order. */
  List<String> attributes() {
    return names.stream().filter(name -> Column.of(name).isEmpty()).toList();
  }

  /** Gives a field to the candidate. */
  void put(int index, String value, Candidate candidate) throws NotAcceptable {
    Optional<Column> column = columns.get(index);
    if (column.isPresent()) candidate.put(column.get(), value);
    else candidate.attribute(names.get(index), value);
  }
}

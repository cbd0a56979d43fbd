package org.parley.core.audience;

import java.io.IOException;
import java.util.List;
import org.parley.core.check.NotAcceptable;

/** RFC 4180 with a header row. */
final class CsvSource implements RowSource {
  private final CsvFields fields = new CsvFields(CsvHeader.MAX_COLUMNS + 1);
  private final CsvHeader header;

  /** Reads the header. */
  CsvSource(Rows rows) throws IOException {
    if (!rows.next()) throw Faults.file("The file is empty; it needs at least a header row.");
    try {
      split(rows);
    } catch (NotAcceptable e) {
      throw Faults.file(
          "The header on line " + rows.line() + " cannot be read: " + e.reason() + ".");
    }
    header = CsvHeader.of(fields);
  }

  @Override
  public void read(Rows row, Candidate candidate) throws NotAcceptable {
    split(row);
    if (fields.count() != header.size()) {
      throw new NotAcceptable(
          "the row has " + fields.count() + " fields and the header " + header.size());
    }
    for (int i = 0; i < header.size(); i++) header.put(i, fields.field(i), candidate);
  }

  private void split(Rows row) throws NotAcceptable {
    String fault = row.fault();
    if (fault != null) throw new NotAcceptable("the row " + fault);
    if (row.hasNul()) throw new NotAcceptable("the row contains a NUL character");
    String text = row.text();
    if (text == null) throw new NotAcceptable("the row is not valid UTF-8");
    if (!fields.split(text)) throw new NotAcceptable("the row is not CSV as RFC 4180 has it");
  }

  @Override
  public void accepted(Candidate candidate) {}

  @Override
  public List<String> columns() {
    return header.attributes();
  }
}

package org.parley.core.audience;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.parley.core.check.NotAcceptable;
import org.parley.core.check.ProfileCheck;
import org.parley.core.template.Names;

/** One JSON object (RFC 8259) a line. */
final class NdjsonSource implements RowSource {
  /** How many different attributes a file may have; each row is held to its own limit besides. */
  static final int MAX_COLUMNS = 1_000;

  private static final int MAX_DETAIL_CHARS = 160;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          // It would guess UTF-16 from the first bytes; NDJSON is UTF-8.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          // A stranger's names would stay in the JVM's table of interned strings.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          // Names made to collide make a row slow, at most, and do not end the import.
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  private final Set<String> columns = new LinkedHashSet<>();
  private final Map<String, Column> own = new HashMap<>();
  private final Set<String> inRow = new HashSet<>();

  NdjsonSource() {
    for (Column column : Column.values()) own.put(column.label(), column);
  }

  @Override
  public void read(Rows row, Candidate candidate) throws NotAcceptable {
    String fault = row.fault();
    if (fault != null) throw new NotAcceptable("the row " + fault);
    if (row.hasNul()) throw new NotAcceptable("the row contains a NUL character");
    if (!row.isAscii() && !row.isUtf8()) throw new NotAcceptable("the row is not valid UTF-8");
    try (JsonParser json = JSON.createParser(row.buffer(), row.offset(), row.length())) {
      readObject(json, candidate);
    } catch (JsonProcessingException e) {
      throw new NotAcceptable("the row is not valid JSON: " + detail(e));
    } catch (IOException e) {
      throw new NotAcceptable("the row is not valid JSON");
    }
  }

  private void readObject(JsonParser json, Candidate candidate) throws IOException, NotAcceptable {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new NotAcceptable("the row is not a JSON object");
    }
    inRow.clear();
    String name = json.nextFieldName();
    while (name != null) {
      if (inRow.size() > CsvHeader.MAX_COLUMNS) {
        throw new NotAcceptable("has more than " + ProfileCheck.MAX_ATTRIBUTES + " attributes");
      }
      if (!inRow.add(name)) throw new NotAcceptable("'" + shown(name) + "' comes twice");
      value(name, json, candidate);
      name = json.nextFieldName();
    }
    if (json.nextToken() != null) {
      throw new NotAcceptable("the row has something behind its object");
    }
  }

  private void value(String name, JsonParser json, Candidate candidate)
      throws IOException, NotAcceptable {
    JsonToken token = json.nextToken();
    if (token == JsonToken.VALUE_NULL) return;
    if (token == null || !token.isScalarValue()) {
      throw new NotAcceptable("'" + shown(name) + "' is not a text, a number, true or false");
    }
    Column column = own.get(name);
    if (column != null) {
      candidate.put(column, json.getText());
      return;
    }
    if (!columns.contains(name)) checkNewColumn(name);
    candidate.attribute(name, json.getText());
  }

  private void checkNewColumn(String name) throws NotAcceptable {
    Optional<Column> meant = Column.ignoringCase(name);
    if (meant.isPresent()) {
      throw new NotAcceptable("'" + name + "' must be written " + meant.get().label());
    }
    try {
      ProfileCheck.checkAttributeName(name);
    } catch (NotAcceptable e) {
      throw new NotAcceptable("'" + shown(name) + "' " + e.reason());
    }
    if (columns.size() >= MAX_COLUMNS) {
      throw new NotAcceptable("'" + name + "' is one attribute too many for a file");
    }
  }

  private static String shown(String name) {
    String line = name.replaceAll("[\\p{Cntrl}\\p{Cs}]", " ");
    return line.length() <= Names.MAX_CHARS ? line : line.substring(0, Names.MAX_CHARS) + "…";
  }

  private static String detail(JsonProcessingException e) {
    String detail = shownDetail(String.valueOf(e.getOriginalMessage()));
    return e.getLocation() == null
        ? detail
        : detail + " (column " + e.getLocation().getColumnNr() + ")";
  }

  private static String shownDetail(String message) {
    String line = message.replaceAll("[\\p{Cntrl}\\p{Cs}]", " ");
    return line.length() <= MAX_DETAIL_CHARS ? line : line.substring(0, MAX_DETAIL_CHARS) + "…";
  }

  @Override
  public void accepted(Candidate candidate) {
    columns.addAll(candidate.attributeNames());
  }

  @Override
  public List<String> columns() {
    return List.copyOf(columns);
  }
}

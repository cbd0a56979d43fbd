package org.parley.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the carrier wrote down, in its order: the truth about who was sent what. */
record Ledger(Path file) {

  /** One message that the carrier took. */
  record Line(String attempt, String recipient) {}

  /** All whole lines; the last one may still be on its way. */
  List<Line> lines() {
    if (!Files.exists(file)) return List.of();
    List<Line> lines = new ArrayList<>();
    try {
      String text = Files.readString(file);
      for (int from = 0, end; (end = text.indexOf('\n', from)) >= 0; from = end + 1) {
        var line = Client.JSON.readTree(text.substring(from, end));
        lines.add(new Line(line.path("attempt").asText(), line.path("recipient").asText()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /** Those to a domain: each test has one of its own. */
  List<Line> linesTo(String domain) {
    return lines().stream().filter(line -> line.recipient().endsWith('@' + domain)).toList();
  }
}

package org.parley.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the carrier wrote down, in its order: the truth about who was sent what. */
record Ledger(Path file) {

  /**
   * One message that the carrier took.
   *
   * @param attempt empty when the carrier's protocol does not carry it
   * @param begun when the carrier heard of it first
   * @param at when it took it
   */
  record Line(String attempt, String recipient, Instant begun, Instant at) {
    Line(String attempt, String recipient) {
      this(attempt, recipient, Instant.EPOCH, Instant.EPOCH);
    }

    /** The same under an attempt that its carrier does not know. */
    Line as(@Nullable String reported) {
      return new Line(reported == null ? "" : reported, recipient, begun, at);
    }
  }

  /** All whole lines; the last one may still be on its way. */
  List<Line> lines() {
    if (!Files.exists(file)) return List.of();
    List<Line> lines = new ArrayList<>();
    try {
      String text = Files.readString(file);
      for (int from = 0, end; (end = text.indexOf('\n', from)) >= 0; from = end + 1) {
        var line = Client.JSON.readTree(text.substring(from, end));
        Instant at = Instant.parse(line.path("at").asText());
        lines.add(
            new Line(
                line.path("attempt").asText(),
                line.path("recipient").asText(),
                line.hasNonNull("begun") ? Instant.parse(line.path("begun").asText()) : at,
                at));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /** Those to some addresses: each test has its own. */
  List<Line> linesTo(Set<String> addresses) {
    return lines().stream().filter(line -> addresses.contains(line.recipient())).toList();
  }
}

package org.parley.faults;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the carrier wrote down, in its order: the truth about who was sent what. It only grows, and
 * is read on from where it was read to; a test that looks at it all the time would otherwise take
 * more of the machine than its nodes.
 */
final class Ledger {
  private final Path file;
  private final List<Line> known = new ArrayList<>();
  private long position;

  Ledger(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

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
  private synchronized List<Line> lines() {
    if (!Files.exists(file)) return List.of();
    try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) {
      byte[] news = new byte[Math.toIntExact(input.length() - position)];
      input.seek(position);
      input.readFully(news);
      int from = 0;
      for (int i = 0; i < news.length; i++) {
        if (news[i] != '\n') continue;
        known.add(line(Client.JSON.readTree(news, from, i - from)));
        from = i + 1;
      }
      position += from;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(known);
  }

  private static Line line(JsonNode written) {
    Instant at = Instant.parse(written.path("at").asText());
    return new Line(
        written.path("attempt").asText(),
        written.path("recipient").asText(),
        written.hasNonNull("begun") ? Instant.parse(written.path("begun").asText()) : at,
        at);
  }

  /** What was written so far is of no more use to anybody. */
  synchronized void forget() {
    List<Line> unused = lines();
    known.clear();
  }

  /** Those to some addresses: each test has its own. */
  List<Line> linesTo(Set<String> addresses) {
    return lines().stream().filter(line -> addresses.contains(line.recipient())).toList();
  }
}

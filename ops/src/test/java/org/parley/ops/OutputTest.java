package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTest {
  @TempDir Path directory;

  @Test
  void numbersStandBelowEachOtherAlsoBesideNamesOfOtherScripts() {
    assertThat(new Table().row("delivered", "1,000").row("東京", "7").lines())
        .containsExactly("delivered  1,000", "東京             7");
  }

  @Test
  void aPlainMeterSaysHowFarHowFastAndHowLong() {
    Session session = new Session(directory, Map.of());
    AtomicLong nanos = new AtomicLong();
    try (Meter meter = Meter.plain(session.shell(), "sending", "mails", 1_000, nanos::get)) {
      nanos.set(1_000_000_000L);
      meter.at(100);
      nanos.set(2_000_000_000L);
      meter.at(500);
      nanos.set(4_000_000_000L);
      meter.at(1_000);
    }
    assertThat(session.err().lines())
        .containsExactly(
            "sending: 500 of 1,000 mails (50 %), 250/s, 2 s left",
            "sending: 1,000 of 1,000 mails (100 %), 250/s, 4.0 s");
  }

  @Test
  void generatedCustomersAreDistinctAndTheSameEveryTime() throws IOException {
    Path file = directory.resolve("a.csv");
    CustomerCsv.write(file, 5_000);
    List<String> lines = Files.readAllLines(file);
    Set<String> ids = new HashSet<>();
    lines.stream().skip(1).forEach(line -> ids.add(line.substring(0, line.indexOf(','))));
    assertThat(ids).hasSize(5_000).contains("c-0001", "c-5000");
    assertThat(lines).allMatch(line -> line.split(",", -1).length == 8);
    assertThat(CustomerCsv.row(17)).isEqualTo(lines.get(17) + "\n");
  }

  @Test
  void whatIsCompressedOnItsWayIsTheFile() throws IOException {
    Path file = directory.resolve("a.csv");
    CustomerCsv.write(file, 20_000);
    AtomicLong read = new AtomicLong();
    byte[] back;
    try (InputStream in = new GZIPInputStream(new AudienceFile(file).compressed(read::set))) {
      back = in.readAllBytes();
    }
    assertThat(back).isEqualTo(Files.readAllBytes(file));
    assertThat(read.get()).isEqualTo(Files.size(file));
  }

  @Test
  void theKindOfAnAudienceFollowsFromItsName() throws IOException {
    for (String name : List.of("a.csv", "a.ndjson", "a.JSONL.gz")) {
      Files.writeString(directory.resolve(name), "");
    }
    assertThat(audience("a.csv").contentType()).startsWith("text/csv");
    assertThat(audience("a.ndjson").contentType()).isEqualTo("application/x-ndjson");
    assertThat(audience("a.JSONL.gz").contentType()).isEqualTo("application/x-ndjson");
    assertThat(audience("a.JSONL.gz").isCompressed()).isTrue();
  }

  @Test
  void theSameContentHasTheSameKeyAndBordersCount() {
    assertThat(new Fingerprint().add("a").add("b").key())
        .isEqualTo(new Fingerprint().add("a").add("b").key())
        .isNotEqualTo(new Fingerprint().add("ab").key())
        .isNotEqualTo(new Fingerprint().add("").add("ab").key());
  }

  private AudienceFile audience(String name) {
    return new AudienceFile(directory.resolve(name));
  }
}

package org.parley.persistence.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.parley.core.JournalCatalog;
import org.parley.core.conversation.JournalSamples;
import org.parley.core.spi.JournalRecord;

/**
 * What any release has written stays readable: golden files hold the bytes that each release made
 * of the samples, one line of hexadecimal digits a value, the full one first.
 */
class GoldenFilesTest {
  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");
  private static final String ENDING = ".cbor.hex";

  private final CborJournalSerializer serializer =
      new CborJournalSerializer(JournalCatalog.manifests());

  /** The samples of each release that added some. */
  private static Map<String, Map<String, List<JournalRecord>>> releases() {
    return new TreeMap<>(
        Map.of(
            "0.1.0", JournalSamples.all(),
            "0.2.0", JournalSamples.since020(),
            "0.3.0", JournalSamples.since030()));
  }

  /** The latest samples of every record. */
  private static Map<String, List<JournalRecord>> samples() {
    Map<String, List<JournalRecord>> latest = new TreeMap<>();
    releases().values().forEach(latest::putAll);
    return latest;
  }

  static List<Path> goldenFiles() throws IOException {
    try (Stream<Path> files = Files.walk(GOLDEN)) {
      return files.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
    }
  }

  private static String manifestOf(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - ENDING.length());
  }

  private static String releaseOf(Path file) {
    return file.getName(file.getNameCount() - 2).toString();
  }

  private String hex(List<JournalRecord> records) {
    StringBuilder lines = new StringBuilder();
    for (JournalRecord record : records) {
      lines.append(HexFormat.of().formatHex(serializer.toBinary(record))).append('\n');
    }
    return lines.toString();
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void theBytesOfEveryReleaseStillSayWhatTheySaid(Path file) throws IOException {
    String manifest = manifestOf(file);
    List<JournalRecord> back = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      back.add(
          (JournalRecord) serializer.fromBinary(HexFormat.of().parseHex(line.trim()), manifest));
    }
    assertThat(back)
        .as("%s: what is in the journal for ever must mean the same in this build", file)
        .isEqualTo(releases().getOrDefault(releaseOf(file), Map.of()).get(manifest));
  }

  @Test
  void everySampleOfEveryReleaseHasAGoldenFile() {
    releases()
        .forEach(
            (release, records) ->
                records.forEach(
                    (manifest, values) ->
                        assertThat(GOLDEN.resolve(release).resolve(manifest + ENDING))
                            .as("made of these lines, and never changed again:%n%s", hex(values))
                            .exists()));
  }

  @Test
  void everyRecordHasASampleAndAGoldenFile() throws IOException {
    List<String> known = goldenFiles().stream().map(GoldenFilesTest::manifestOf).toList();
    for (String manifest : new TreeMap<>(JournalCatalog.manifests()).keySet()) {
      List<JournalRecord> records = samples().getOrDefault(manifest, List.of());
      assertThat(records)
          .as(
              "the record '%s' has no samples: add a full and a bare value of it to"
                  + " JournalSamples.all()",
              manifest)
          .hasSize(2);
      assertThat(known)
          .as(
              "the record '%1$s' has no golden file: make src/test/resources/golden/<the version"
                  + " that first writes it>/%1$s.cbor.hex with these lines, and never change it"
                  + " again:%n%2$s",
              manifest, hex(records))
          .contains(manifest);
    }
    assertThat(samples().keySet()).isEqualTo(JournalCatalog.manifests().keySet());
  }

  @Test
  void everyRecordComesBackAsItWas() throws IOException {
    for (Map<String, List<JournalRecord>> release : releases().values()) {
      for (Map.Entry<String, List<JournalRecord>> sample : release.entrySet()) {
        for (JournalRecord record : sample.getValue()) {
          assertThat(serializer.manifest(record)).isEqualTo(sample.getKey());
          assertThat(serializer.fromBinary(serializer.toBinary(record), sample.getKey()))
              .isEqualTo(record);
        }
      }
    }
  }

  @Test
  void noRecordHoldsANullOrAClassName() throws IOException {
    CBORMapper plain = new CBORMapper();
    for (List<JournalRecord> records : samples().values()) {
      for (JournalRecord record : records) {
        byte[] bytes = serializer.toBinary(record);
        assertThat(nulls(plain.readTree(bytes))).as(record.toString()).isZero();
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("org.parley");
      }
    }
  }

  private static int nulls(JsonNode node) {
    int nulls = node.isNull() ? 1 : 0;
    for (JsonNode child : node) nulls += nulls(child);
    return nulls;
  }

  @Test
  void aGrantWithoutAnEpochIsWrittenAsEarlierReleasesWroteIt() throws IOException {
    assertThat(hex(JournalSamples.all().getOrDefault("granted", List.of())))
        .isEqualTo(Files.readString(GOLDEN.resolve("0.1.0").resolve("granted" + ENDING)));
  }

  /** A message costs one grant and one outcome, so these bytes are what a journal is made of. */
  @Test
  void whatEveryMessageWritesIsSmall() {
    assertThat(serializer.toBinary(JournalSamples.typicalGrant()).length).isLessThanOrEqualTo(180);
    assertThat(serializer.toBinary(JournalSamples.typicalOutcome()).length)
        .isLessThanOrEqualTo(280);
  }
}

package org.parley.persistence.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.core.spi.JournalRecord;

class CborJournalSerializerTest {
  private final CborJournalSerializer serializer = new CborJournalSerializer(Tally.manifests());

  record Moment(Instant at, Duration span) implements JournalRecord {}

  record Stranger() implements JournalRecord {}

  record Before(int number) implements JournalRecord {}

  record After(int number, Optional<String> added, Tally.Kind kind) implements JournalRecord {}

  @Test
  void aRecordComesBackAsItWas() throws Exception {
    for (JournalRecord record :
        List.of(
            Tally.kept(1),
            new Tally.Kept(
                Integer.MIN_VALUE,
                "Ünïcode \uD83D\uDE00 and \u0000",
                Instant.EPOCH.minusNanos(1),
                Duration.ofNanos(-1),
                Optional.of("present"),
                Optional.empty(),
                Map.of(),
                Tally.Kind.BAD),
            new Tally.State(List.of(1, 2, 3)))) {
      assertThat(serializer.fromBinary(serializer.toBinary(record), serializer.manifest(record)))
          .isEqualTo(record);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "2026-11-24T14:00:00.123456789Z",
        "1969-12-31T23:59:59.999999999Z",
        "1600-01-01T00:00:00.5Z",
        "2262-04-11T23:47:16.854775807Z",
        "9999-12-31T23:59:59.999999999Z",
        "-1000000000-01-01T00:00:00Z"
      })
  void aMomentKeepsItsNanoseconds(String at) throws Exception {
    CborJournalSerializer times = new CborJournalSerializer(Map.of("m", Moment.class));
    Instant instant = Instant.parse(at);
    Duration span = Duration.between(Instant.EPOCH, instant);
    Moment moment = new Moment(instant, span);
    assertThat(times.fromBinary(times.toBinary(moment), "m")).isEqualTo(moment);
  }

  @Test
  void absentFieldsTakeNoRoomAndMomentsAreNumbers() throws Exception {
    JsonNode tree = new CBORMapper().readTree(serializer.toBinary(Tally.kept(7)));
    assertThat(tree.has("absent")).isFalse();
    assertThat(tree.get("at").isIntegralNumber()).isTrue();
    assertThat(tree.get("time").asText()).isEqualTo("09:00:00");
    assertThat(tree.get("kind").asText()).isEqualTo("GOOD");
  }

  @Test
  void noClassNameStandsInTheJournal() {
    byte[] bytes = serializer.toBinary(Tally.kept(7));
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("org.parley");
    assertThat(serializer.manifest(Tally.kept(7))).isEqualTo("kept");
  }

  @Test
  void aRecordOutsideTheCatalogueIsNotWritten() {
    assertThatThrownBy(() -> serializer.toBinary(new Stranger()))
        .hasMessageContaining("Stranger is not in the journal's catalogue");
    assertThatThrownBy(() -> serializer.manifest(new Stranger()))
        .hasMessageContaining("not in the journal's catalogue");
  }

  @Test
  void anUnknownManifestIsNotRead() {
    assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "java.lang.Runtime"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("'java.lang.Runtime' that this release does not know");
  }

  @Test
  void brokenBytesAreNotRead() {
    byte[] half = java.util.Arrays.copyOf(serializer.toBinary(Tally.kept(7)), 20);
    assertThatThrownBy(() -> serializer.fromBinary(half, "kept"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("'kept' of the journal is unreadable");
  }

  @Test
  void anOlderReleaseReadsWhatANewerOneWroteAndTheOtherWayRound() throws Exception {
    CborJournalSerializer older = new CborJournalSerializer(Map.of("r", Before.class));
    CborJournalSerializer newer = new CborJournalSerializer(Map.of("r", After.class));
    byte[] fresh = newer.toBinary(new After(5, Optional.of("x"), Tally.Kind.GOOD));
    assertThat(older.fromBinary(fresh, "r")).isEqualTo(new Before(5));
    Object back = newer.fromBinary(older.toBinary(new Before(5)), "r");
    assertThat(((After) back).added()).isEmpty();
  }

  @Test
  void aRecordWithTwoManifestsIsRefused() {
    assertThatThrownBy(
            () -> new CborJournalSerializer(Map.of("a", Before.class, "b", Before.class)))
        .hasMessageContaining("two manifests");
  }
}

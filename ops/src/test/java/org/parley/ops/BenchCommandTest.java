package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @TempDir Path directory;

  @Test
  void theFiguresOfAnEmailRunHaveTheNamesThatOthersRead() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(
            session.run(
                "bench", "email", "--recipients", "50", "--customers", "known", "--json", "f.json"))
        .isZero();
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    List<String> names = new ArrayList<>();
    figures.fieldNames().forEachRemaining(names::add);
    assertThat(names)
        .contains(
            "recipients",
            "messagesPerSecond",
            "jvmMicrosPerMessage",
            "postgresMicrosPerMessage",
            "grantToAcceptanceMillis",
            "peakHeapMiB",
            "states");
    assertThat(figures.path("recipients").asInt()).isEqualTo(50);
    assertThat(figures.path("customers").asText()).isEqualTo("known");
    assertThat(figures.path("grantToAcceptanceMillis").path("p99").asDouble()).isEqualTo(21.0);
    assertThat(figures.path("peakHeapMiB").asInt()).isEqualTo(100);
    assertThat(figures.path("states").path("delivered").asInt()).isEqualTo(50);
  }

  @Test
  void aCarrierThatIsNotThereIsOneSentence() throws IOException {
    Session session = new Session(directory, Map.of());
    String nobody = Session.nobody().toString();
    assertThat(session.run("bench", "email", "--smtp", nobody)).isEqualTo(CommandFailure.FAILED);
    assertThat(session.err()).contains("nobody accepts mails at " + nobody).hasLineCount(1);
  }

  @Test
  void contextIsMeasuredBesideABareRoute() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(
            session.run(
                "bench",
                "context",
                "--known",
                "10",
                "--clients",
                "2",
                "--seconds",
                "1",
                "--json",
                "f.json"))
        .isZero();
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    assertThat(figures.path("context").path("requestsPerSecond").asDouble()).isPositive();
    assertThat(figures.path("ratioToBare").asDouble()).isPositive();
  }

  @Test
  void theHeapOfALiveConversationIsMeasuredInAJvmOfItsOwn() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("bench", "resident", "--known", "100", "--json", "f.json")).isZero();
    assertThat(session.out()).contains("bytes each", "2,000");
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    assertThat(figures.path("bytesBefore").asLong()).isGreaterThan(100_000);
    assertThat(figures.path("aimBytesEach").asLong()).isEqualTo(2_000);
  }

  @Test
  void theHeapIsCountedWhileACampaignGrows() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(
            session.run(
                "bench", "heap", "--recipients", "2000", "--steps", "2", "--json", "f.json"))
        .isZero();
    assertThat(session.out()).contains("settled", "1,000", "2,000", "last / first");
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    assertThat(figures.path("counts").findValuesAsText("settled")).containsExactly("1000", "2000");
    assertThat(figures.at("/counts/0/heapBytes").asLong()).isGreaterThan(100_000);
    assertThat(figures.path("ratioLastToFirst").asDouble()).isBetween(0.2, 5.0);
  }

  @Test
  void aStepThatWasRunOverIsNotMadeUp() {
    long[] heap = {1_000};
    BenchHeapCommand.Counts counts = new BenchHeapCommand.Counts(1_000, 10, () -> heap[0] += 1_000);
    for (long settled : new long[] {0, 99, 100, 150, 430, 431, 499, 1_000, 1_000}) {
      counts.at(settled);
    }
    assertThat(counts.done())
        .extracting(BenchHeapCommand.Count::settled)
        .containsExactly(100L, 430L, 1_000L);
    assertThat(counts.lastToFirst()).contains(2.0);
  }

  @Test
  void theTotalOfAHistogramIsInItsLastLine() {
    String histogram = "  1:  9  900  [B\n  2:  1  16  java.lang.Object\nTotal  10  916\n";
    assertThat(LiveHeap.total(histogram)).contains(916L);
    assertThat(LiveHeap.total("no such process")).isEmpty();
  }

  @Test
  void aMetricIsFoundAmongOthersWithOrWithoutLabels() {
    String text = "a_total 1\nparley_heap_peak_bytes{pool=\"all\"} 2.5E7\nother 3\n";
    assertThat(BenchNode.metric(text, "parley_heap_peak_bytes")).contains(2.5e7);
    assertThat(BenchNode.metric(text, "a_total")).contains(1.0);
    assertThat(BenchNode.metric(text, "missing")).isEqualTo(Optional.empty());
  }
}

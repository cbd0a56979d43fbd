package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchMixCommandTest {
  @TempDir Path directory;

  @Test
  void aMixTellsEachChannelAndWhetherItsObjectiveIsHeld() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("bench", "mix", "--seconds", "1", "--warm-up", "16", "--json", "f.json"))
        .isZero();
    assertThat(session.out())
        .contains("email", "sms", "phone, grant to end of call", "phone, grant to set-up")
        .contains("transactional", "held 500", "peak heap MiB");
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    assertThat(figures.path("scenario").asText()).isEqualTo("normal");
    assertThat(figures.at("/channels/email/sent").asInt()).isEqualTo(468);
    assertThat(figures.at("/channels/sms/sent").asInt()).isEqualTo(234);
    assertThat(figures.at("/channels/phone/sent").asInt()).isEqualTo(46);
    assertThat(figures.at("/channels/sms/objectiveHeld/p99").asBoolean()).isTrue();
    assertThat(figures.at("/channels/phone/objectiveHeld/p99").isNull()).isTrue();
    assertThat(figures.at("/transactional/sent").asInt()).isPositive();
    assertThat(figures.at("/transactional/grantToAcceptanceMillis/p50").asDouble()).isEqualTo(40.0);
  }

  @Test
  void anOverloadIsEndedInTimeAndTellsOfTheHeap() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(
            session.run(
                "bench",
                "mix",
                "--scenario",
                "stress",
                "--seconds",
                "1",
                "--warm-up",
                "16",
                "--json",
                "f.json"))
        .isZero();
    assertThat(session.out()).contains("not admitted", "live heap MiB, at the end", "all");
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    assertThat(figures.at("/overload/heapBytesInTheMiddle").asLong()).isPositive();
    assertThat(figures.at("/channels/email/askedPerSecond").isNull()).isTrue();
    assertThat(figures.at("/channels/phone/askedPerSecond").asInt()).isEqualTo(100);
  }

  @Test
  void theFiguresOfTextsHaveTheNamesOfThoseOfMails() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("bench", "sms", "--recipients", "50", "--json", "f.json")).isZero();
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    assertThat(figures.path("recipients").asInt()).isEqualTo(50);
    assertThat(figures.path("messagesPerSecond").asDouble()).isPositive();
    assertThat(figures.at("/grantToAcceptanceMillis/p95").asDouble()).isEqualTo(9.4);
    assertThat(figures.at("/states/delivered").asInt()).isEqualTo(50);
  }

  @Test
  void aNumberOutOfBoundsIsOneSentence() {
    Session mix = new Session(directory, Map.of());
    assertThat(mix.run("bench", "mix", "--seconds", "0")).isEqualTo(CommandFailure.USAGE);
    assertThat(mix.err()).contains("--seconds must be 1 to 3600").hasLineCount(1);
    Session sms = new Session(directory, Map.of());
    assertThat(sms.run("bench", "sms", "--recipients", "0")).isEqualTo(CommandFailure.USAGE);
    assertThat(sms.err()).contains("--recipients must be 1 to 10000000").hasLineCount(1);
    Session scenario = new Session(directory, Map.of());
    assertThat(scenario.run("bench", "mix", "--scenario", "calm")).isEqualTo(CommandFailure.USAGE);
  }

  @Test
  void aCallIsSetUpWhenTheExchangeHasIt() throws IOException {
    Path ledger = directory.resolve("ledger");
    Files.writeString(
        ledger,
        """
        {"at":"2026-01-31T10:00:00.150Z","event":"invited","attempt":"call-1"}
        {"at":"2026-01-31T10:00:00.150Z","event":"invited","attempt":"somebody-else"}
        {"at":"2026-01-31T10:00:00.150Z","event":"ended","attempt":"call-1"}
        """);
    try (FakeNode node = new FakeNode()) {
      NodeClient client = new NodeClient(node.uri(), Optional.of(FakeNode.KEY));
      Histogram micros = CallSetUps.of(client, "cmp_1", ledger).micros();
      assertThat(micros.getTotalCount()).isEqualTo(1);
      assertThat(micros.getMaxValue() / 1e3).isCloseTo(150, within(1.0));
    }
  }

  @Test
  void whatIsLaterThanItsObjectiveIsMissed() {
    MixFigures figures = new MixFigures("PEAK", 5, 16);
    Progress progress =
        new Progress("completed", 10, 0, 0, 10, 0, 0, 0, 1, Map.of(), Map.of(), Optional.empty());
    JsonNode latency = Json.object().put("p50", 300.0).put("p95", 1_000.1).put("p99", 90_000);
    Follower.Seen seen = new Follower.Seen(progress, Instant.EPOCH);
    BenchRun.Sent sent = new BenchRun.Sent(seen, new SteadyRate());
    figures.channel(BenchChannel.SMS, Optional.of(1_000), sent, Duration.ofSeconds(5), latency);
    assertThat(String.join("\n", figures.lines()))
        .contains("300 ms, held 300", "1,000 ms, missed 1,000", "90,000 ms, missed 2,000");
  }
}

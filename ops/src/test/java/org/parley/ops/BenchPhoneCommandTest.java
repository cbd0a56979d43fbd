package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchPhoneCommandTest {
  private static final Instant MORNING = Instant.parse("2026-11-24T10:00:00Z");

  @TempDir Path directory;

  @Test
  void callsTellHowManyWereAskedForAndHowManyCame() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(
            session.run(
                "bench",
                "phone",
                "--calls",
                "30",
                "--per-second",
                "10",
                "--warm-up",
                "0",
                "--json",
                "f.json"))
        .isZero();
    assertThat(session.out()).contains("asked/s", "phone, grant to set-up", "JVM µs/message");
    JsonNode figures = Json.parse(Files.readString(directory.resolve("f.json")));
    assertThat(figures.path("promptMillis").asInt()).isEqualTo(1_000);
    assertThat(figures.at("/channels/phone/sent").asInt()).isEqualTo(30);
    assertThat(figures.at("/channels/phone/askedPerSecond").asInt()).isEqualTo(10);
    assertThat(figures.at("/channels/phone/setUps").isNumber()).isTrue();
  }

  @Test
  void whatDoesNotGoTogetherIsOneSentence() {
    Session both = new Session(directory, Map.of());
    assertThat(both.run("bench", "phone", "--signalling", "--prompt", "500"))
        .isEqualTo(CommandFailure.USAGE);
    assertThat(both.err()).contains("--signalling goes without --prompt").hasLineCount(1);
    Session none = new Session(directory, Map.of());
    assertThat(none.run("bench", "phone", "--per-second", "0")).isEqualTo(CommandFailure.USAGE);
    assertThat(none.err()).contains("--per-second must be 1 to 10000").hasLineCount(1);
  }

  @Test
  void theBeginningAndTheEndOfACourseDoNotCount() {
    SteadyRate rate = new SteadyRate();
    rate.at(MORNING, 0);
    rate.at(MORNING.plusSeconds(5), 100);
    for (int i = 1; i <= 8; i++) rate.at(MORNING.plusSeconds(5 + i), 100 + 100 * i);
    rate.at(MORNING.plusSeconds(60), 1_000);
    assertThat(rate.perSecond().orElseThrow()).isCloseTo(100, within(0.01));
  }

  @Test
  void aCourseOfOneLookHasNoRate() {
    assertThat(new SteadyRate().perSecond()).isEmpty();
    List<Instant> one = new ArrayList<>(List.of(MORNING));
    assertThat(SteadyRate.of(one).perSecond()).isEmpty();
  }

  @Test
  void thePromptIsARecordingOfItsLength() throws Exception {
    Path file = directory.resolve("silence.wav");
    SilentPrompt.write(file, 1_000);
    try (AudioInputStream sound = AudioSystem.getAudioInputStream(file.toFile())) {
      assertThat(sound.getFrameLength()).isEqualTo(8_000);
      AudioFormat format = sound.getFormat();
      assertThat(format.getSampleRate()).isEqualTo(8_000f);
      assertThat(format.getSampleSizeInBits()).isEqualTo(16);
      assertThat(format.getChannels()).isEqualTo(1);
    }
  }
}

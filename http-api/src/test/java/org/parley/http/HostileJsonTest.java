package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition;

/**
 * Whatever bytes come as a campaign: they are read, or they are a fault; nothing else is thrown.
 */
class HostileJsonTest {
  private static final String VALID =
      """
      {"name":"Spring sale","audience":"aud_1","category":"marketing",
       "steps":[{"id":"hello","channel":"email","template":{"subject":"{{firstName}}","text":"x"}},
                {"id":"nudge","channel":"email","after":{"step":"hello","on":"noReply","wait":"P2D"},
                 "template":{"subject":"x","text":"y"}}],
       "schedule":{"startAt":"2026-12-01T09:00:00Z",
                   "sendWindow":{"from":"09:00","to":"20:00","zone":"customer"}},
       "policy":{"frequencyCap":{"messages":1,"per":"P1D"},"ratePerSecond":5000}}
      """;

  private static final List<String> SNIPPETS =
      List.of(
          "null",
          "{",
          "}",
          "[",
          "]",
          "\"",
          "1e999999999",
          "-",
          "\\u0000",
          "\\ud800",
          "{}",
          "[]",
          "P999999999999D",
          "true",
          "\"a\":1,",
          ",",
          ":",
          "\u0000",
          "NaN",
          "9999999999999999999",
          "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
          "+1000000000-12-31T23:59:59Z",
          "25:61");

  @Test
  void aBodyThatWasTamperedWithIsReadOrIsAFaultWithAPlace() {
    qt().withExamples(20_000)
        .forAll(longs().all(), integers().between(1, 6))
        .check(
            (seed, changes) -> {
              byte[] body = tampered(new Random(seed), changes);
              try {
                CampaignDefinition read = Json.read(body, CampaignBody.class).definition();
                assertThat(read.steps()).isNotNull();
              } catch (Fault fault) {
                assertThat(fault.getMessage())
                    .isNotBlank()
                    .doesNotContain("com.fasterxml", "org.parley");
              }
              return true;
            });
  }

  @Test
  void nestingWithoutEndStopsEarly() {
    byte[] deep = "[".repeat(5_000_000).getBytes(StandardCharsets.US_ASCII);
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> Json.read(deep, CampaignBody.class)))
        .isInstanceOf(Fault.class);
  }

  private static byte[] tampered(Random random, int changes) {
    StringBuilder text = new StringBuilder(VALID);
    for (int i = 0; i < changes; i++) {
      int from = random.nextInt(text.length() + 1);
      int to = Math.min(text.length(), from + random.nextInt(12));
      switch (random.nextInt(4)) {
        case 0 -> text.delete(from, to);
        case 1 -> text.insert(from, SNIPPETS.get(random.nextInt(SNIPPETS.size())));
        case 2 -> text.replace(from, to, SNIPPETS.get(random.nextInt(SNIPPETS.size())));
        default -> text.insert(from, text.substring(from, to));
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(4) == 0 && bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }
}

package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static final Path SAMPLES = Session.home().resolve("ops/samples");
  private static final Pattern RESERVED =
      Pattern.compile(".*@(example\\.(com|org|net)|[a-z]+\\.(example|test))");

  @Test
  void theSampleAudienceHasAThousandGoodCustomersAndSomeBadRows() throws IOException {
    List<String> rows =
        Files.readAllLines(SAMPLES.resolve("audience.csv")).stream().skip(1).toList();
    assertThat(rows).hasSize(1_012);
    assertThat(
            rows.stream()
                .map(row -> row.split(",", 2)[0])
                .filter(id -> id.matches("c-\\d{4}"))
                .distinct())
        .hasSize(1_000);
  }

  @Test
  void noSampleAddressCanReachAnybody() throws IOException {
    List<String> addresses =
        Files.readAllLines(SAMPLES.resolve("audience.csv")).stream()
            .skip(1)
            .map(row -> row.split(",", -1)[1])
            .filter(address -> address.contains("@"))
            .toList();
    assertThat(addresses).hasSizeGreaterThan(900).allMatch(a -> RESERVED.matcher(a).matches());
  }

  @Test
  void whoOptsOutIsInTheAudience() throws IOException {
    String audience = Files.readString(SAMPLES.resolve("audience.csv"));
    assertThat(Files.readAllLines(SAMPLES.resolve("opt-outs.txt")))
        .hasSize(25)
        .allMatch(id -> audience.contains("\n" + id + ","));
  }
}

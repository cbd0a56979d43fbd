package org.parley.core.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.RefusedException;
import org.parley.core.api.Reject;
import org.parley.core.spi.Member;

class ImportPropertyTest {
  private static final Pattern LINE_BREAK = Pattern.compile("\r\n|\r|\n");
  private static final String HEADER = "customerId,email,note\n";

  /** Bytes that matter to the parsers come up more often than others. */
  private static final byte[] TELLING =
      "\"\",,\n\n\r\r\n{}[]:\\\0 \tabc@.customerId\uFEFFé😀".getBytes(StandardCharsets.UTF_8);

  @Test
  void whatFastCsvWritesIsReadAsFastCsvReadsIt() {
    qt().withExamples(500)
        .forAll(integers().all(), integers().between(8, 64))
        .checkAssert(
            (seed, bufferBytes) -> {
              Random random = new Random(seed);
              List<Long> lines = new ArrayList<>();
              String file = wellFormed(random, lines);
              RecordedAudience audience =
                  read(
                      file.getBytes(StandardCharsets.UTF_8),
                      AudienceFormat.CSV,
                      random,
                      bufferBytes);
              List<CsvRecord> expected = new ArrayList<>();
              CsvReader.builder().ofCsvRecord(file).forEach(expected::add);
              expected.remove(0);

              assertThat(audience.rejects).isEmpty();
              assertThat(audience.members).hasSameSizeAs(expected);
              for (int i = 0; i < expected.size(); i++) {
                Member member = audience.members.get(i);
                assertThat(member.position()).isEqualTo(lines.get(i));
                assertThat(member.customerId()).isEqualTo(expected.get(i).getField(0));
                assertThat(member.profile().attributes().getOrDefault("note", ""))
                    .isEqualTo(expected.get(i).getField(2));
              }
            });
  }

  @Test
  void goodRowsBetweenBadOnesAreKeptAndEveryLineNumberIsRight() {
    qt().withExamples(500)
        .forAll(lists().of(integers().between(0, 15)).ofSizeBetween(0, 30), integers().all())
        .checkAssert(
            (kinds, seed) -> {
              Scenario scenario = new Scenario();
              for (int i = 0; i < kinds.size(); i++) scenario.add(kinds.get(i), "c" + i);
              RecordedAudience audience =
                  read(scenario.file(), AudienceFormat.CSV, new Random(seed), 16);

              assertThat(audience.members)
                  .extracting(m -> m.position() + " " + m.customerId())
                  .containsExactlyElementsOf(scenario.good);
              assertThat(audience.rejectedLines()).containsExactlyElementsOf(scenario.bad);
            });
  }

  @Test
  void goodObjectsBetweenBadLinesAreKeptAndEveryLineNumberIsRight() {
    qt().withExamples(500)
        .forAll(integers().all())
        .checkAssert(
            seed -> {
              Random random = new Random(seed);
              StringBuilder file = new StringBuilder();
              List<Long> good = new ArrayList<>();
              int lines = 1 + random.nextInt(30);
              for (long line = 1; line <= lines; line++) {
                if (random.nextBoolean()) {
                  good.add(line);
                  file.append("{\"customerId\":\"c\",\"email\":\"a@example.com\"}\n");
                } else {
                  file.append(noise(random, 40).replaceAll("\n", "x")).append('\n');
                }
              }
              file.append("{\"customerId\":\"c\",\"email\":\"a@example.com\"}");
              good.add(lines + 1L);
              RecordedAudience audience =
                  read(
                      file.toString().getBytes(StandardCharsets.UTF_8),
                      AudienceFormat.NDJSON,
                      random,
                      16);

              assertThat(audience.members)
                  .extracting(Member::position)
                  .containsExactlyElementsOf(good);
            });
  }

  @Test
  void randomBytesAreRejectedRowByRowOrRefusedAsAFile() {
    for (AudienceFormat format : AudienceFormat.values()) {
      qt().withExamples(2_000)
          .forAll(integers().all())
          .checkAssert(
              seed -> {
                Random random = new Random(seed);
                byte[] start = HEADER.getBytes(StandardCharsets.UTF_8);
                byte[] noise = bytes(random, 200);
                byte[] file = random.nextInt(4) == 0 ? noise : join(start, noise);
                try {
                  RecordedAudience audience = read(file, format, random, 16);
                  assertThat(audience.committed).isTrue();
                  assertOrdered(audience);
                } catch (RefusedException e) {
                  assertThat(e.refusal().code()).isEqualTo("audienceFile");
                }
              });
    }
  }

  @Test
  void howTheStreamIsCutChangesNothing() {
    qt().withExamples(1_000)
        .forAll(integers().all(), integers().between(8, 200))
        .checkAssert(
            (seed, bufferBytes) -> {
              byte[] file =
                  join(HEADER.getBytes(StandardCharsets.UTF_8), bytes(new Random(seed), 300));
              RecordedAudience whole = new RecordedAudience();
              AudienceImport.run(
                  new ByteArrayInputStream(file),
                  AudienceFormat.CSV,
                  whole,
                  AudienceImport.Limits.DEFAULT,
                  Instant.EPOCH);
              RecordedAudience cut = read(file, AudienceFormat.CSV, new Random(seed), bufferBytes);

              assertThat(cut.members).isEqualTo(whole.members);
              assertThat(cut.rejects).isEqualTo(whole.rejects);
            });
  }

  private static void assertOrdered(RecordedAudience audience) {
    assertThat(audience.members).extracting(Member::position).isSorted().doesNotHaveDuplicates();
    assertThat(audience.rejects).extracting(Reject::line).isSorted().doesNotHaveDuplicates();
  }

  private static RecordedAudience read(
      byte[] file, AudienceFormat format, Random random, int bufferBytes) {
    RecordedAudience audience = new RecordedAudience();
    Rows rows = new Rows(new Cut(file, random), 1 << 16, format == AudienceFormat.CSV, bufferBytes);
    AudienceImport.run(rows, format, audience, AudienceImport.Limits.DEFAULT, Instant.EPOCH);
    return audience;
  }

  /**
   * A file and the lines on which its members start. They are counted here, because FastCSV misses
   * a line feed that stands somewhere behind a carriage return within quotes.
   */
  private static String wellFormed(Random random, List<Long> lines) {
    StringWriter out = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(out)) {
      csv.writeRecord("customerId", "email", "note");
      int rows = random.nextInt(20);
      for (int i = 0; i < rows; i++) {
        csv.flush();
        lines.add(1 + LINE_BREAK.matcher(out.getBuffer()).results().count());
        csv.writeRecord("c" + i, "a" + i + "@example.com", noise(random, 30).replace("\0", ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private static String noise(Random random, int maxChars) {
    String telling = new String(TELLING, StandardCharsets.UTF_8).replace("😀", "");
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(maxChars);
    for (int i = 0; i < length; i++) {
      text.append(telling.charAt(random.nextInt(telling.length())));
    }
    return text.toString();
  }

  private static byte[] bytes(Random random, int maxBytes) {
    byte[] bytes = new byte[random.nextInt(maxBytes)];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      if (random.nextInt(4) > 0) bytes[i] = TELLING[random.nextInt(TELLING.length)];
    }
    return bytes;
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** A file that is put together from rows of which it is known what must become of them. */
  private static final class Scenario {
    private final List<String> good = new ArrayList<>();
    private final List<Long> bad = new ArrayList<>();
    private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    private long line = 2;

    private Scenario() {
      bytes.writeBytes(HEADER.getBytes(StandardCharsets.UTF_8));
    }

    private void add(int kind, String id) {
      switch (kind) {
        case 0 -> good(id, ",a@example.com,x\n", 1);
        case 1 -> good(id, ",a@example.com,\"x, \"\"y\"\"\"\r\n", 1);
        case 2 -> good(id, ",a@example.com,\"x\ny\r\nz\"\n", 3);
        case 3 -> good(id, ",a@example.com,\"x\ry\"\r", 2);
        case 4 -> good(id, ",é@example.com,Zoë\n", 1);
        case 5 -> good(id, ",a@example.com,in \"the\" middle\n", 1);
        case 6 -> bad(id + ",a@example.com,\"open\n");
        case 7 -> bad(id + ",a@example.com,\"text\" behind\n");
        case 8 -> bad(id + ",a@example.com\n");
        case 9 -> bad(id + ",a@example.com,x,y\r\n");
        case 10 -> bad(id + ",nobody,x\n");
        case 11 -> bad(id + ",a@example.com,x\0\n");
        case 12 -> badBytes((id + ",a@example.com,\u00ff\n").getBytes(StandardCharsets.ISO_8859_1));
        case 13 -> {
          bytes.writeBytes(new byte[] {'\r', '\n'});
          line++;
        }
        case 14 -> bad(id + ",a@example.com," + "x".repeat(70_000) + "\n");
        default -> bad(",a@example.com,x\r");
      }
    }

    private void good(String id, String rest, int lines) {
      bytes.writeBytes((id + rest).getBytes(StandardCharsets.UTF_8));
      good.add(line + " " + id);
      line += lines;
    }

    private void bad(String row) {
      badBytes(row.getBytes(StandardCharsets.UTF_8));
    }

    private void badBytes(byte[] row) {
      bytes.writeBytes(row);
      bad.add(line);
      line++;
    }

    private byte[] file() {
      return bytes.toByteArray();
    }
  }

  /** Gives a few bytes at a time. */
  private static final class Cut extends InputStream {
    private final ByteArrayInputStream whole;
    private final Random random;

    private Cut(byte[] bytes, Random random) {
      this.whole = new ByteArrayInputStream(bytes);
      this.random = random;
    }

    @Override
    public int read() {
      return whole.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return whole.read(target, offset, Math.min(length, 1 + random.nextInt(9)));
    }
  }
}

package org.parley.core.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.spi.Member;

class CsvImportTest {
  private static final Instant AS_OF = Instant.parse("2026-11-24T12:00:00Z");
  private final RecordedAudience audience = new RecordedAudience();

  @Test
  void aRowBecomesAMemberInItsNormalForm() {
    ImportReport report =
        read(
            """
            customerId,email,phone,timeZone,locale,firstName,plan
            c1, Ada@EXAMPLE.com ,+4915112345678,Europe/Berlin,de_de,Ada ,gold
            """);

    assertThat(audience.members).hasSize(1);
    Member member = audience.members.get(0);
    assertThat(member.position()).isEqualTo(2);
    assertThat(member.customerId()).isEqualTo("c1");
    assertThat(member.profile().email()).contains("Ada@example.com");
    assertThat(member.profile().phone()).contains("+4915112345678");
    assertThat(member.profile().timeZone()).contains("Europe/Berlin");
    assertThat(member.profile().locale()).contains("de-DE");
    assertThat(member.profile().attributes())
        .isEqualTo(Map.of("firstName", "Ada ", "plan", "gold"));
    assertThat(member.profile().asOf()).isEqualTo(AS_OF);
    assertThat(report.columns()).containsExactly("firstName", "plan");
    assertThat(audience.committed).isTrue();
  }

  @Test
  void anEmptyCellIsNoValue() {
    read("customerId,email,phone,timeZone,locale,firstName\nc1,,+15551234567,,,\n");

    assertThat(audience.members.get(0).profile().email()).isEmpty();
    assertThat(audience.members.get(0).profile().timeZone()).isEmpty();
    assertThat(audience.members.get(0).profile().attributes()).isEmpty();
  }

  @Test
  void quotesCommasAndLineBreaksInAFieldAreKept() {
    read(
        """
        customerId,email,note
        c1,a@example.com,"one, ""two""
        three\r
        four"
        c2,b@example.com,plain "quotes" inside
        """);

    assertThat(audience.members.get(0).profile().attributes())
        .containsEntry("note", "one, \"two\"\nthree\r\nfour");
    assertThat(audience.members.get(1).profile().attributes())
        .containsEntry("note", "plain \"quotes\" inside");
    assertThat(audience.members.get(1).position()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void everyKindOfLineBreakEndsARow(String lineBreak) {
    read(
        "customerId,email"
            + lineBreak
            + lineBreak
            + "c1,a@example.com"
            + lineBreak
            + "c2,no-address"
            + lineBreak
            + "c3,c@example.com");

    assertThat(audience.ids()).containsExactly("c1", "c3");
    assertThat(audience.members.get(0).position()).isEqualTo(3);
    assertThat(audience.rejectedLines()).containsExactly(4L);
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstName() {
    read("\uFEFFcustomerId,email\nc1,a@example.com\n");

    assertThat(audience.ids()).containsExactly("c1");
  }

  @Test
  void columnNamesAreTrimmed() {
    ImportReport report = read(" customerId , email,\"firstName \"\nc1,a@example.com,Ada\n");

    assertThat(report.columns()).containsExactly("firstName");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "c2,not-an-address,,,x | email has no @",
        "c2,,12,,x | phone has no valid country code; write it as +<country code><number>",
        "c2,,,,x | has neither email nor phone, so nothing could reach this customer",
        "c2,a@b.example,,Mars/Base,x | timeZone is not an IANA time zone such as Europe/Paris",
        "c2,a@b.example,,Europe/Berln,x | timeZone is not an IANA time zone such as Europe/Paris; did you mean 'Europe/Berlin'?",
        "c2,a@b.example,,,x,y | the row has 6 fields and the header 5",
        "c2,a@b.example | the row has 2 fields and the header 5",
        "'',a@b.example,,,x | customerId must be 1 to 128",
        "c 2,a@b.example,,,x | customerId must be 1 to 128 characters",
        ",a@b.example,,,x | customerId is missing",
        "c2,\"a@b.example\"x,,,x | the row has text behind a closing quote",
        "c2,\"a@b.example,,,x | the row has a quote that is never closed",
      })
  void aBadRowIsReportedByItsLineAndTheOthersGoOn(String row, String reason) {
    read(
        "customerId,email,phone,timeZone,firstName\nc1,a@example.com,,,Ada\n"
            + row.replace("''", "a|b")
            + "\nc3,c@example.com,,,Cleo\n");

    assertThat(audience.ids()).containsExactly("c1", "c3");
    assertThat(audience.members.get(1).position()).isEqualTo(4);
    assertThat(audience.rejectedLines()).containsExactly(3L);
    assertThat(audience.rejects.get(0).reason()).startsWith(reason);
  }

  @Test
  void aQuoteThatWasForgottenCostsItsOwnRowOnly() {
    read(
        """
        customerId,email,firstName
        c1,a@example.com,"Ada
        c2,b@example.com,"Bob"
        c3,c@example.com,"Cleo
        c4,d@example.com,Dan
        """);

    assertThat(audience.ids()).containsExactly("c2", "c4");
    assertThat(audience.members).extracting(Member::position).containsExactly(3L, 5L);
    assertThat(audience.rejectedLines()).containsExactly(2L, 4L);
  }

  @Test
  void bytesThatAreNotUtf8CostTheirRowOnly() {
    byte[] file =
        "customerId,email,firstName\nc1,a@example.com,Zo\u00eb\nc2,b@example.com,Bob\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    readBytes(file, AudienceImport.Limits.DEFAULT);

    assertThat(audience.ids()).containsExactly("c2");
    assertThat(audience.rejects.get(0).line()).isEqualTo(2);
    assertThat(audience.rejects.get(0).reason()).isEqualTo("the row is not valid UTF-8");
  }

  @Test
  void aReplacementCharacterThatIsReallyThereIsText() {
    read("customerId,email,firstName\nc1,a@example.com,x\uFFFDy\n");

    assertThat(audience.members.get(0).profile().attributes())
        .containsEntry("firstName", "x\uFFFDy");
  }

  @Test
  void aNulIsRefused() {
    read("customerId,email,firstName\nc1,a@example.com,x\0y\nc2,b@example.com,z\n");

    assertThat(audience.ids()).containsExactly("c2");
    assertThat(audience.rejects.get(0).reason()).isEqualTo("the row contains a NUL character");
  }

  @Test
  void anAttributeThatIsTooLongIsRefused() {
    read(
        "customerId,email,note\nc1,a@example.com,"
            + "x".repeat(4_097)
            + "\nc2,b@example.com,"
            + "x".repeat(4_096)
            + "\n");

    assertThat(audience.ids()).containsExactly("c2");
    assertThat(audience.rejects.get(0).reason())
        .isEqualTo("note has 4097 characters; at most 4096 are allowed");
  }

  @Test
  void phonesOfTheRegionNeedNoCountryCode() {
    readBytes(
        "customerId,phone\nc1,0151 12345678\nc2,+49 (151) 1234-5678\n"
            .getBytes(StandardCharsets.UTF_8),
        new AudienceImport.Limits(1 << 20, Optional.of("DE")));

    assertThat(audience.members)
        .extracting(m -> m.profile().phone().orElse(""))
        .containsExactly("+4915112345678", "+4915112345678");
  }

  @Test
  void limitsThatMakeNoSenseAreRefusedAtOnce() {
    assertThatThrownBy(() -> new AudienceImport.Limits(1023, Optional.empty()))
        .hasMessage("maxRowBytes is 1023; allowed are 1024 to 16777216");
    assertThatThrownBy(() -> new AudienceImport.Limits(1024, Optional.of("Germany")))
        .hasMessageContaining("Germany");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | The file is empty",
        "email,firstName | There is no column customerId",
        "customer_id,email | rename customer_id if that is it",
        "customerId;email | separated by ';'",
        "customerId,email,email | Two columns are called email.",
        "customerId,Email | Column 2 is called Email; write email.",
        "customerId,first name | Column 2, 'first name', is not a name",
        "customerId,email, | Column 3 has no name.",
        "customerId,unsubscribeUrl | is a name with a meaning of its own",
        "customerId,this | is a word of the template language",
        "customerId,\"email | cannot be read: the row has a quote that is never closed.",
      })
  void aHeaderThatMakesNoSenseRefusesTheFile(String header, String reason) {
    assertThatThrownBy(() -> read(header + (header.isEmpty() ? "" : "\nc1,a@example.com\n")))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.refusal().kind()).isEqualTo(Refusal.Kind.INVALID);
              assertThat(e.refusal().code()).isEqualTo("audienceFile");
              assertThat(e.refusal().detail()).contains(reason);
            });
    assertThat(audience.committed).isFalse();
  }

  @Test
  void aHeaderOfTooManyColumnsRefusesTheFile() {
    StringBuilder header = new StringBuilder("customerId,email");
    for (int i = 0; i < 101; i++) header.append(",a").append(i);

    assertThatThrownBy(() -> read(header + "\n")).hasMessageContaining("more than 100 columns");
  }

  @Test
  void aFileOfAHundredAttributesIsFine() {
    StringBuilder header = new StringBuilder("customerId,email,phone,timeZone,locale");
    StringBuilder row = new StringBuilder("c1,a@example.com,,,");
    for (int i = 0; i < 100; i++) {
      header.append(",a").append(i);
      row.append(",v").append(i);
    }
    read(header + "\n" + row + "\n");

    assertThat(audience.members.get(0).profile().attributes()).hasSize(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE"})
  void utf16IsRecognised(String charset) {
    byte[] file = "\uFEFFcustomerId,email\n".getBytes(Charset.forName(charset));

    assertThatThrownBy(() -> readBytes(file, AudienceImport.Limits.DEFAULT))
        .hasMessageContaining("UTF-16");
  }

  @Test
  void aCompressedFileIsRecognised() {
    assertThatThrownBy(
            () -> readBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0}, AudienceImport.Limits.DEFAULT))
        .hasMessageContaining("gzip");
    assertThatThrownBy(
            () -> readBytes(new byte[] {'P', 'K', 3, 4, 5}, AudienceImport.Limits.DEFAULT))
        .hasMessageContaining("spreadsheet");
  }

  @Test
  @Timeout(30)
  void aLineOfOneGigabyteIsPassedOverInLittleMemory() {
    InputStream file =
        new Parts(
            "customerId,email\nc1,a@example.com\nc2,".getBytes(StandardCharsets.UTF_8),
            1L << 30,
            "\nc3,c@example.com\n".getBytes(StandardCharsets.UTF_8));
    AudienceImport.run(file, AudienceFormat.CSV, audience, AudienceImport.Limits.DEFAULT, AS_OF);

    assertThat(audience.ids()).containsExactly("c1", "c3");
    assertThat(audience.rejectedLines()).containsExactly(3L);
    assertThat(audience.rejects.get(0).reason()).isEqualTo("the row is longer than 1048576 bytes");
    assertThat(audience.members.get(1).position()).isEqualTo(4);
  }

  @Test
  void aQuoteThatIsOpenForTooLongCostsItsOwnRowOnly() {
    StringBuilder file = new StringBuilder("customerId,email\nc0,\"a@example.com\n");
    for (int i = 1; i <= 500; i++) file.append("c").append(i).append(",a@example.com\n");
    readBytes(
        file.toString().getBytes(StandardCharsets.UTF_8),
        new AudienceImport.Limits(1024, Optional.empty()));

    assertThat(audience.ids()).hasSize(500).startsWith("c1").endsWith("c500");
    assertThat(audience.rejectedLines()).containsExactly(2L);
  }

  @Test
  @Timeout(30)
  void quotesThatMakeTheSameBytesBeReadAgainAndAgainRefuseTheFile() {
    byte[] file =
        ("customerId,email\n" + "a\",\",\n".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> readBytes(file, AudienceImport.Limits.DEFAULT))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("do not match up");
    assertThat(audience.committed).isFalse();
  }

  @Test
  void aStreamThatBreaksOffCommitsNothing() {
    InputStream broken =
        new InputStream() {
          private int calls;

          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            if (calls++ > 0) throw new IOException("connection reset");
            byte[] start =
                "customerId,email\nc1,a@example.com\nc2".getBytes(StandardCharsets.UTF_8);
            System.arraycopy(start, 0, target, offset, start.length);
            return start.length;
          }
        };

    assertThatThrownBy(
            () ->
                AudienceImport.run(
                    broken, AudienceFormat.CSV, audience, AudienceImport.Limits.DEFAULT, AS_OF))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(audience.committed).isFalse();
  }

  private ImportReport read(String file) {
    return readBytes(file.getBytes(StandardCharsets.UTF_8), AudienceImport.Limits.DEFAULT);
  }

  private ImportReport readBytes(byte[] file, AudienceImport.Limits limits) {
    return AudienceImport.run(
        new ByteArrayInputStream(file), AudienceFormat.CSV, audience, limits, AS_OF);
  }

  /** A beginning, then very many of the same byte, then an end. */
  private static final class Parts extends InputStream {
    private final ByteArrayInputStream first;
    private final ByteArrayInputStream last;
    private long between;

    private Parts(byte[] first, long between, byte[] last) {
      this.first = new ByteArrayInputStream(first);
      this.between = between;
      this.last = new ByteArrayInputStream(last);
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("it is read in blocks");
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      int count = first.read(target, offset, length);
      if (count > 0) return count;
      if (between == 0) return last.read(target, offset, length);
      int some = (int) Math.min(between, length);
      java.util.Arrays.fill(target, offset, offset + some, (byte) 'x');
      between -= some;
      return some;
    }
  }
}

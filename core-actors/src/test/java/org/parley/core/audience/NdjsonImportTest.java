package org.parley.core.audience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.ImportReport;
import org.parley.core.api.RefusedException;
import org.parley.core.spi.Member;

class NdjsonImportTest {
  private static final String GOOD = "{\"customerId\":\"c1\",\"email\":\"a@example.com\"}";
  private final RecordedAudience audience = new RecordedAudience();

  @Test
  void anObjectBecomesAMember() {
    ImportReport report =
        read(
            "{\"customerId\":\"c1\",\"email\":\"Ada@EXAMPLE.com\",\"phone\":null,"
                + "\"timeZone\":\"Europe/Berlin\",\"locale\":\"de\","
                + "\"firstName\":\"Zo\\u00eb \\ud83d\\ude00\",\"points\":1.50,\"vip\":true,\"note\":\"\"}\n");

    Member member = audience.members.get(0);
    assertThat(member.position()).isEqualTo(1);
    assertThat(member.profile().email()).contains("Ada@example.com");
    assertThat(member.profile().phone()).isEmpty();
    assertThat(member.profile().attributes())
        .isEqualTo(Map.of("firstName", "Zoë 😀", "points", "1.50", "vip", "true"));
    assertThat(report.columns()).containsExactly("firstName", "points", "vip");
  }

  @Test
  void aNumberMayBeACustomersId() {
    read("{\"customerId\":4711,\"email\":\"a@example.com\"}\r\n");

    assertThat(audience.ids()).containsExactly("4711");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{`x | the row is not valid JSON: ",
        "{'customerId':'c2','email':'b@example.com',} | the row is not valid JSON: ",
        "['c2'] | the row is not a JSON object",
        "'c2' | the row is not a JSON object",
        "{'customerId':'c2','email':'b@example.com'} {} | the row has something behind its object",
        "{'customerId':'c2','email':'b@example.com','email':'d@example.com'} | 'email' comes twice",
        "{'customerId':'c2','email':'b@example.com','x':{'y':1}} | 'x' is not a text, a number",
        "{'customerId':'c2','email':['b@example.com']} | 'email' is not a text, a number",
        "{'customerId':'c2','email':'b@example.com','first name':'B'} | 'first name' is not a name",
        "{'customerId':'c2','email':'b@example.com','Phone':'+15551234567'} | 'Phone' must be written phone",
        "{'customerId':'c2','email':'b@example.com','x':'\\u0000'} | x contains a NUL character",
        "{'customerId':'c2','email':'b@example.com','x':'\\ud800'} | x contains half of a surrogate pair",
        "{'customerId':'c\\ud800','email':'b@example.com'} | customerId must be 1 to 128 characters",
        "{'customerId':'c2','email':'b@example.com\\r\\nBcc: x@example.com'} | email has '@' before the @",
        "{'customerId':'c2','email':'b@example.com\\r\\nBcc: x'} | email has a domain",
        "{'email':'b@example.com'} | customerId is missing",
        "{'customerId':'c2'} | has neither email nor phone",
      })
  void aBadRowIsReportedByItsLineAndTheOthersGoOn(String row, String reason) {
    read(GOOD + "\n\n" + row.replace('\'', '"') + "\n" + GOOD.replace("c1", "c3"));

    assertThat(audience.ids()).containsExactly("c1", "c3");
    assertThat(audience.members.get(1).position()).isEqualTo(4);
    assertThat(audience.rejectedLines()).containsExactly(3L);
    assertThat(audience.rejects.get(0).reason()).startsWith(reason);
  }

  @Test
  void bytesThatAreNotUtf8CostTheirRowOnly() {
    byte[] file =
        (GOOD.replace("c1", "Zo\u00eb") + "\n" + GOOD).getBytes(StandardCharsets.ISO_8859_1);
    AudienceImport.run(
        new ByteArrayInputStream(file),
        AudienceFormat.NDJSON,
        audience,
        AudienceImport.Limits.DEFAULT,
        Instant.EPOCH);

    assertThat(audience.ids()).containsExactly("c1");
    assertThat(audience.rejects.get(0).reason()).isEqualTo("the row is not valid UTF-8");
  }

  @Test
  void anObjectOfTooManyAttributesIsRefused() {
    StringBuilder row = new StringBuilder("{\"customerId\":\"c2\",\"email\":\"b@example.com\"");
    for (int i = 0; i < 101; i++) row.append(",\"a").append(i).append("\":1");
    read(row + "}\n" + GOOD);

    assertThat(audience.ids()).containsExactly("c1");
    assertThat(audience.rejects.get(0).reason()).isEqualTo("has more than 100 attributes");
  }

  @Test
  void aFileHasAtMostAThousandAttributes() {
    StringBuilder file = new StringBuilder();
    for (int i = 0; i < 1_005; i++) {
      file.append("{\"customerId\":\"c").append(i).append("\",\"email\":\"b@example.com\",\"a");
      file.append(i).append("\":1}\n");
    }
    ImportReport report = read(file.toString());

    assertThat(report.columns()).hasSize(1_000);
    assertThat(audience.rejectedLines()).containsExactly(1_001L, 1_002L, 1_003L, 1_004L, 1_005L);
  }

  @Test
  void aRowThatIsTooLongIsRefused() {
    read("{\"customerId\":\"" + "x".repeat(1 << 20) + "\"}\n" + GOOD);

    assertThat(audience.ids()).containsExactly("c1");
    assertThat(audience.rejects.get(0).reason()).isEqualTo("the row is longer than 1048576 bytes");
  }

  @Test
  void anEmptyFileIsRefused() {
    assertThatThrownBy(() -> read("\n\n"))
        .isInstanceOf(RefusedException.class)
        .hasMessage("The file is empty.");
    assertThat(audience.committed).isFalse();
  }

  private ImportReport read(String file) {
    return AudienceImport.run(
        new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)),
        AudienceFormat.NDJSON,
        audience,
        AudienceImport.Limits.DEFAULT,
        Instant.EPOCH);
  }
}

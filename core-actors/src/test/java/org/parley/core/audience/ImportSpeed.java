package org.parley.core.audience;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Reject;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;

/**
 * Measures rows a second that are read and judged on one thread, with a writer that does nothing.
 */
final class ImportSpeed {
  private static final int ROWS = 500_000;
  private static final int ROUNDS = 6;

  private ImportSpeed() {}

  public static void main(String[] args) {
    measure("CSV, ASCII", AudienceFormat.CSV, csv("Ada", "+4915112345678"));
    measure(
        "CSV, UTF-8 and quotes", AudienceFormat.CSV, csv("\"Zoë, \"\"Z\"\"\"", "+4915112345678"));
    measure("CSV, phones to convert", AudienceFormat.CSV, csv("Ada", "+49 (151) 1234-5678"));
    measure("NDJSON", AudienceFormat.NDJSON, ndjson());
  }

  private static void measure(String name, AudienceFormat format, byte[] file) {
    for (int round = 1; round <= ROUNDS; round++) {
      long start = System.nanoTime();
      Counter counter = new Counter();
      AudienceImport.run(
          new ByteArrayInputStream(file),
          format,
          counter,
          AudienceImport.Limits.DEFAULT,
          Instant.EPOCH);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%-24s round %d: %,.0f rows/s, %.0f MB/s, %d accepted, %d rejected%n",
          name,
          round,
          (counter.accepted + counter.rejected) / seconds,
          file.length / seconds / 1e6,
          counter.accepted,
          counter.rejected);
    }
  }

  private static byte[] csv(String firstName, String phone) {
    StringBuilder file =
        new StringBuilder("customerId,email,phone,timeZone,locale,firstName,plan\n");
    for (int i = 0; i < ROWS; i++) {
      file.append("cust-").append(i);
      file.append(",customer.").append(i).append("@mail").append(i % 50).append(".example.com,");
      file.append(phone).append(",Europe/Berlin,de-DE,").append(firstName).append(",gold\n");
    }
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ndjson() {
    StringBuilder file = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      file.append("{\"customerId\":\"cust-").append(i);
      file.append("\",\"email\":\"customer.").append(i).append("@mail.example.com\",");
      file.append("\"phone\":\"+4915112345678\",\"timeZone\":\"Europe/Berlin\",");
      file.append("\"locale\":\"de-DE\",\"firstName\":\"Ada\",\"age\":42}\n");
    }
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static final class Counter implements AudienceWriter {
    private long accepted;
    private long rejected;

    @Override
    public void add(Member member) {
      accepted++;
    }

    @Override
    public void reject(Reject reject) {
      rejected++;
    }

    @Override
    public ImportReport commit(List<String> columns) {
      return new ImportReport(accepted, rejected, 0, columns);
    }

    @Override
    public void close() {}
  }
}

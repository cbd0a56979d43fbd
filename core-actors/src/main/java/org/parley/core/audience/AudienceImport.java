package org.parley.core.audience;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.ImportReport;
import org.parley.core.api.RefusedException;
import org.parley.core.api.Reject;
import org.parley.core.check.NotAcceptable;
import org.parley.core.check.ProfileCheck;
import org.parley.core.spi.AudienceWriter;

/**
 * Reads an audience: every good row becomes a member, every bad one is reported with the line on
 * which it starts and a reason, and neither keeps the next from being read.
 *
 * <p><b>Fields.</b> {@code customerId} is required and taken as it stands. {@code email}, {@code
 * phone}, {@code timeZone} and {@code locale} are brought into their normal form by {@link
 * ProfileCheck}. Everything else is an attribute, taken as it stands; in NDJSON it may be a text, a
 * number, true or false. An empty value is none. A row without an email and a phone is refused,
 * because nothing could ever reach that customer.
 *
 * <p><b>CSV</b> is RFC 4180 in UTF-8 with a header row; a byte order mark is accepted, column names
 * are trimmed. A row has as many fields as the header. After broken quotes, reading goes on with
 * the line behind the one on which the row started. <b>NDJSON</b> is one object a line.
 *
 * <p>Memory stays bounded by the longest row allowed, whatever comes.
 */
public final class AudienceImport {
  private static final int MIB = 1024 * 1024;

  private AudienceImport() {}

  /**
   * The limits of an import.
   *
   * @param maxRowBytes the longest row, 1 KiB to 16 MiB; some four times as much is kept in memory
   * @param phoneRegion see {@link ProfileCheck}
   */
  public record Limits(int maxRowBytes, Optional<String> phoneRegion) {
    /** Rows of 1 MiB, and telephone numbers with a country code. */
    public static final Limits DEFAULT = new Limits(MIB, Optional.empty());

    public Limits {
      if (maxRowBytes < 1024 || maxRowBytes > 16 * MIB) {
        throw new IllegalArgumentException(
            "maxRowBytes is " + maxRowBytes + "; allowed are 1024 to " + 16 * MIB);
      }
      phoneRegion = ProfileCheck.requireRegion(phoneRegion);
    }
  }

  /**
   * Reads the whole stream on the calling thread and commits what it found. Neither the stream nor
   * the writer is closed; a writer that is closed without the commit leaves the audience as it was.
   *
   * @param asOf the time at which the file's word on a customer was true
   * @throws RefusedException with the code {@code audienceFile} when the file as a whole makes no
   *     sense; nothing is committed then
   * @throws UncheckedIOException when the stream broke off; nothing is committed then
   */
  public static ImportReport run(
      InputStream in, AudienceFormat format, AudienceWriter writer, Limits limits, Instant asOf) {
    boolean csv = format == AudienceFormat.CSV;
    return run(new Rows(in, limits.maxRowBytes(), csv), format, writer, limits, asOf);
  }

  static ImportReport run(
      Rows rows, AudienceFormat format, AudienceWriter writer, Limits limits, Instant asOf) {
    Candidate candidate = new Candidate(new ProfileCheck(limits.phoneRegion()), asOf);
    try {
      passByteOrderMark(rows);
      RowSource source = format == AudienceFormat.CSV ? new CsvSource(rows) : new NdjsonSource();
      boolean any = format == AudienceFormat.CSV;
      while (rows.next()) {
        any = true;
        take(rows, source, candidate, writer);
      }
      if (!any) throw Faults.file("The file is empty.");
      return writer.commit(source.columns());
    } catch (IOException e) {
      throw new UncheckedIOException("the audience broke off while it was read", e);
    }
  }

  private static void take(
      Rows rows, RowSource source, Candidate candidate, AudienceWriter writer) {
    candidate.clear();
    try {
      source.read(rows, candidate);
      writer.add(candidate.member(rows.line()));
      source.accepted(candidate);
    } catch (NotAcceptable e) {
      writer.reject(new Reject(rows.line(), e.reason()));
    }
  }

  private static void passByteOrderMark(Rows rows) throws IOException {
    byte[] first = rows.peek(4);
    if (startsWith(first, 0xEF, 0xBB, 0xBF)) rows.skip(3);
    if (startsWith(first, 0xFF, 0xFE) || startsWith(first, 0xFE, 0xFF)) {
      throw Faults.file("The file is in UTF-16; Parley reads UTF-8.");
    }
    if (startsWith(first, 0x1F, 0x8B)) {
      throw Faults.file("The file is compressed with gzip; say so with Content-Encoding: gzip.");
    }
    if (startsWith(first, 'P', 'K', 3, 4)) {
      throw Faults.file("The file is a ZIP archive or a spreadsheet; save it as CSV.");
    }
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    if (bytes.length < prefix.length) return false;
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xff) != prefix[i]) return false;
    }
    return true;
  }
}

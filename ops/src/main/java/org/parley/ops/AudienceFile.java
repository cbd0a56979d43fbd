package org.parley.ops;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterInputStream;

/**
 * A file of recipients as it goes over the wire: CSV, or NDJSON when its name ends in {@code
 * .ndjson} or {@code .jsonl}, in either case perhaps compressed already ({@code .gz}).
 */
record AudienceFile(Path path) {
  private static final int BUFFER_BYTES = 1 << 16;

  AudienceFile {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw CommandFailure.usage("cannot read the audience " + path);
    }
  }

  String contentType() {
    String name = name();
    if (isCompressed()) name = name.substring(0, name.length() - ".gz".length());
    boolean lines = name.endsWith(".ndjson") || name.endsWith(".jsonl");
    return lines ? "application/x-ndjson" : "text/csv; charset=utf-8";
  }

  long bytes() {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The file, compressed while it is read.
   *
   * @param onRead told how many bytes of the file have been read so far
   */
  InputStream compressed(LongConsumer onRead) {
    InputStream in = open(onRead);
    return isCompressed() ? in : gzip(in);
  }

  /** The file as it is. */
  InputStream open(LongConsumer onRead) {
    try {
      return new Counted(new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES), onRead);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isCompressed() {
    return name().endsWith(".gz");
  }

  private String name() {
    return path.toString().toLowerCase(Locale.ROOT);
  }

  /** A gzip member (RFC 1952) around a stream, made as it is read and not before. */
  private static InputStream gzip(InputStream in) {
    CRC32 crc = new CRC32();
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    InputStream header =
        new ByteArrayInputStream(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff});
    InputStream body =
        new DeflaterInputStream(new CheckedInputStream(in, crc), deflater, BUFFER_BYTES);
    InputStream trailer = new GzipTrailer(crc, deflater);
    return new SequenceInputStream(header, new SequenceInputStream(body, trailer));
  }

  /** Checksum and length, known only when the body has been read: which is when this is read. */
  private static final class GzipTrailer extends InputStream {
    private final CRC32 crc;
    private final Deflater deflater;
    private int position;

    GzipTrailer(CRC32 crc, Deflater deflater) {
      this.crc = crc;
      this.deflater = deflater;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      byte[] all =
          ByteBuffer.allocate(2 * Integer.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt((int) crc.getValue())
              .putInt((int) deflater.getBytesRead())
              .array();
      int count = Math.min(length, all.length - position);
      if (count == 0 && length > 0) return -1;
      System.arraycopy(all, position, into, offset, count);
      position += count;
      return count;
    }

    @Override
    public void close() {
      deflater.end();
    }
  }

  private static final class Counted extends FilterInputStream {
    private final LongConsumer onRead;
    private long count;

    Counted(InputStream in, LongConsumer onRead) {
      super(in);
      this.onRead = onRead;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      if (read >= 0) onRead.accept(++count);
      return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      if (read > 0) onRead.accept(count += read);
      return read;
    }
  }
}

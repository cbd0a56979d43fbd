package org.parley.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * An upload as its reader sees it: unpacked when it is packed, and ended with an {@link
 * IOException} when it stalls, breaks, or is more than allowed before or after unpacking. What went
 * wrong is kept as a {@link Fault}, whatever the reader makes of the exception. One thread reads
 * it.
 */
final class UploadStream extends InputStream {
  private static final int BUFFER_BYTES = 64 << 10;

  /** So much may come out before the ratio counts: a small file of zeros is no attack. */
  private static final long RATIO_FROM_BYTES = 16L << 20;

  private final HttpSettings.Imports limits;
  private final boolean packed;
  private final Wire wire;
  private final byte[] one = new byte[1];
  private @Nullable InputStream content;
  private long contentBytes;
  private volatile @Nullable Fault fault;

  UploadStream(InputStream socket, boolean packed, HttpSettings.Imports limits) {
    this.limits = limits;
    this.packed = packed;
    this.wire = new Wire(socket);
  }

  /** What went wrong with the upload itself, if anything did. */
  Optional<Fault> fault() {
    return Optional.ofNullable(fault);
  }

  @Override
  public int read() throws IOException {
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      int count = content().read(target, offset, length);
      // The unpacker takes a stall at the seam of two members for the end of the last one.
      Fault earlier = fault;
      if (earlier != null) throw broken(earlier, null);
      if (count > 0) counted(count);
      return count;
    } catch (ZipException | EOFException e) {
      throw broken(
          Fault.badRequest("invalidGzip", "The upload is not gzip, or ends before its end."), e);
    }
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }

  /** The unpacker reads its header at once, so it is made on the reader's thread. */
  private InputStream content() throws IOException {
    InputStream current = content;
    if (current == null) {
      current = packed ? new Members(wire) : wire;
      content = current;
    }
    return current;
  }

  private void counted(int count) throws IOException {
    contentBytes += count;
    if (contentBytes > limits.maxBytes()) {
      throw broken(Fault.tooLarge("An import has at most " + limits.maxBytes() + " bytes."), null);
    }
    if (packed
        && contentBytes > RATIO_FROM_BYTES
        && contentBytes / limits.maxRatio() > wire.bytes) {
      throw broken(
          Fault.tooLarge(
              "The upload unpacks to more than " + limits.maxRatio() + " times its size."),
          null);
    }
  }

  private IOException broken(Fault why, @Nullable IOException cause) {
    Fault first = fault;
    if (first == null) {
      first = why;
      fault = why;
    }
    return new IOException(first.detail(), cause);
  }

  /** Unpacks member after member. Its parent takes damage behind one for the end of the upload. */
  private static final class Members extends GZIPInputStream {
    private static final int TRAILER_BYTES = 8;

    private final Wire wire;
    private long filledTo;

    Members(Wire wire) throws IOException {
      super(wire, BUFFER_BYTES);
      this.wire = wire;
    }

    @Override
    protected void fill() throws IOException {
      super.fill();
      filledTo = wire.bytes;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int count = super.read(target, offset, length);
      if (count < 0 && behindTheContent() != TRAILER_BYTES) {
        throw new ZipException("something else follows a member");
      }
      return count;
    }

    /** What was left over when the content of the last member had ended, and what came after. */
    private long behindTheContent() {
      return inf.getRemaining() + wire.bytes - filledTo;
    }
  }

  /** What comes from the socket. */
  private final class Wire extends InputStream {
    private final InputStream socket;
    private final Duration patience = limits.readTimeout();
    private long bytes;
    private boolean ended;

    Wire(InputStream socket) {
      this.socket = socket;
    }

    /** Asks the unpacker to look for another member until the upload has ended. */
    @Override
    public int available() {
      return ended ? 0 : 1;
    }

    @Override
    public int read() throws IOException {
      byte[] single = new byte[1];
      int count = read(single, 0, 1);
      return count < 0 ? -1 : single[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (ended) return -1;
      long beganNanos = System.nanoTime();
      int count;
      try {
        count = socket.read(target, offset, length);
      } catch (IOException e) {
        boolean stalled = System.nanoTime() - beganNanos >= patience.toNanos() * 9 / 10;
        throw broken(
            stalled
                ? Fault.of(408, "requestTimeout", "The upload stalled for " + patience + ".")
                : Fault.badRequest("brokenBody", "The upload ended before its end."),
            e);
      }
      if (count < 0) {
        ended = true;
        return count;
      }
      bytes += count;
      if (bytes > limits.maxWireBytes()) {
        throw broken(
            Fault.tooLarge("An upload has at most " + limits.maxWireBytes() + " bytes."), null);
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}

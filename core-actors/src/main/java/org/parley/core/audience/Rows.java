package org.parley.core.audience;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into rows, knows the line on which each starts, and holds no more than one
 * row in memory, however long a hostile one is.
 *
 * <p>A row ends at a line break: LF, CRLF, and in CSV also a CR alone. In CSV a field in quotes may
 * contain line breaks (RFC 4180, section 2.6). Empty lines are no rows.
 *
 * <p><b>After broken quotes</b> (text behind a closing quote, a quote that is not closed before the
 * end of the file or within the longest row) only the line on which the row started is given up,
 * and reading goes on with the very next line. So a quote that somebody forgot costs one row and
 * not the rest of the file. A file in which this makes most bytes be read many times is not CSV,
 * and is refused as a whole.
 */
final class Rows {
  private static final int FIRST_BUFFER_BYTES = 64 * 1024;
  private static final int READ_BYTES = 64 * 1024;
  private static final long FREE_REREAD_BYTES = 8L * 1024 * 1024;
  private static final int MAX_REREAD_FACTOR = 4;

  private enum State {
    /** Outside of quotes; where a field starts is seen from the byte before. */
    PLAIN,
    QUOTED,
    /** Right behind a quote within quotes: the end of the field, or the first of two. */
    AFTER_QUOTE,
    /** Broken: nothing counts but the end of the line. */
    BROKEN
  }

  private final InputStream in;
  private final int maxRowBytes;
  private final boolean csv;

  private byte[] buffer;
  private int begin;
  private int end;
  private int next;
  private long line;
  private long nextLine = 1;
  private long bytesRead;
  private long bytesReread;
  private boolean atEnd;

  private int length;
  private boolean ascii;
  private boolean hasNul;
  private @Nullable String fault;

  /**
   * @param csv whether quotes hold rows together and a CR alone ends one
   */
  Rows(InputStream in, int maxRowBytes, boolean csv) {
    this(in, maxRowBytes, csv, FIRST_BUFFER_BYTES);
  }

  /**
   * @param bufferBytes what is kept at first, 8 or more; it grows with the longest row
   */
  Rows(InputStream in, int maxRowBytes, boolean csv, int bufferBytes) {
    this.buffer = new byte[bufferBytes];
    this.in = in;
    this.maxRowBytes = maxRowBytes;
    this.csv = csv;
  }

  /** Goes on to the next row that is not empty; false when there is none. */
  boolean next() throws IOException {
    do {
      if (!scan()) return false;
    } while (length == 0 && fault == null);
    return true;
  }

  /** The line on which the row starts, counted from 1. */
  long line() {
    return line;
  }

  /** Why the row cannot be read, as a sentence without a subject; null when it can. */
  @Nullable String fault() {
    return fault;
  }

  byte[] buffer() {
    return buffer;
  }

  int offset() {
    return begin;
  }

  int length() {
    return length;
  }

  boolean isAscii() {
    return ascii;
  }

  /** The first bytes of the stream, to recognise what is not text; they stay to be read. */
  byte[] peek(int count) throws IOException {
    while (end - next < count && fill()) {}
    return Arrays.copyOfRange(buffer, next, Math.min(end, next + count));
  }

  /** Passes over bytes that were seen by {@link #peek}. */
  void skip(int count) {
    next += count;
    begin = next;
  }

  /** The row as text, or null when it is not UTF-8. */
  @Nullable String text() {
    if (ascii) return new String(buffer, begin, length, StandardCharsets.ISO_8859_1);
    String text = new String(buffer, begin, length, StandardCharsets.UTF_8);
    // The constructor puts U+FFFD for what is wrong; a file may also contain one that is right.
    if (text.indexOf('\uFFFD') < 0 || isUtf8()) return text;
    return null;
  }

  boolean isUtf8() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(buffer, begin, length));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  boolean hasNul() {
    return hasNul;
  }

  private boolean scan() throws IOException {
    begin = next;
    line = nextLine;
    length = 0;
    fault = null;
    hasNul = false;
    State state = State.PLAIN;
    int seen = 0; // the bits of all bytes: negative when one was not ASCII
    int breaks = 0;
    int secondLine = -1; // where the row's second line starts, counted from its first byte
    int at = begin;
    while (true) {
      // Most bytes mean nothing here: all that does is no greater than a quote.
      if (state != State.AFTER_QUOTE) at = passOver(at);
      if (at == end) {
        int rowBytes = at - begin;
        if (rowBytes > maxRowBytes) return tooLong(at, secondLine);
        boolean more = fill();
        at = begin + rowBytes;
        if (!more) break;
        continue;
      }
      byte b = buffer[at++];
      seen |= b;
      if (b == '\n' || (b == '\r' && csv)) {
        int rowBytes = at - begin;
        int breakBytes = b == '\r' && isLineFeed(rowBytes) ? 2 : 1;
        at = begin + rowBytes + breakBytes - 1;
        breaks++;
        if (state != State.QUOTED) {
          return row(at, at - begin - breakBytes, seen, breaks, state);
        }
        if (secondLine < 0) secondLine = at - begin;
        if (at - begin > maxRowBytes) return tooLong(at, secondLine);
        continue;
      }
      if (b == 0) hasNul = true;
      if (!csv) continue;
      state = after(state, b, at);
      if (state == State.BROKEN && secondLine >= 0) {
        return resume(at, secondLine, "has text behind a closing quote");
      }
    }
    if (at == begin) return false;
    if (state == State.QUOTED) return notClosed(at, secondLine, seen);
    return row(at, at - begin, seen, breaks + 1, state);
  }

  private int passOver(int from) {
    byte[] bytes = buffer;
    int at = from;
    int limit = end;
    while (at < limit && bytes[at] > '"') at++;
    return at;
  }

  /** Whether a line feed stands so many bytes behind the row's first. */
  private boolean isLineFeed(int rowBytes) throws IOException {
    if (begin + rowBytes == end && !fill()) return false;
    return buffer[begin + rowBytes] == '\n';
  }

  /** What a byte that ends no line does to the state, in CSV. */
  private State after(State state, byte b, int at) {
    if (b == '"') {
      return switch (state) {
        case PLAIN -> startsField(at - 1) ? State.QUOTED : State.PLAIN;
        case QUOTED -> State.AFTER_QUOTE;
        case AFTER_QUOTE -> State.QUOTED;
        case BROKEN -> State.BROKEN;
      };
    }
    if (state != State.AFTER_QUOTE) return state;
    return b == ',' ? State.PLAIN : State.BROKEN;
  }

  private boolean startsField(int at) {
    return at == begin || buffer[at - 1] == ',';
  }

  private boolean row(int rowEnd, int rowLength, int seen, int breaks, State state) {
    next = rowEnd;
    nextLine = line + breaks;
    length = rowLength;
    ascii = seen >= 0;
    if (rowLength > maxRowBytes) fault = "is longer than " + maxRowBytes + " bytes";
    else if (state == State.BROKEN) fault = "has text behind a closing quote";
    return true;
  }

  private boolean tooLong(int at, int secondLine) throws IOException {
    if (secondLine >= 0) {
      return resume(at, secondLine, "has a quote that is not closed within the longest row");
    }
    fault = "is longer than " + maxRowBytes + " bytes";
    length = 0;
    nextLine = line + 1;
    skipLine(at);
    return true;
  }

  /** Passes over the rest of a line without keeping it. */
  private void skipLine(int from) throws IOException {
    int at = from;
    while (true) {
      if (at == end) {
        begin = at;
        next = at;
        if (!fill()) return;
        at = begin;
      }
      byte b = buffer[at++];
      if (b == '\n' || (b == '\r' && csv)) {
        next = at;
        if (b == '\r' && peek(1).length == 1 && buffer[next] == '\n') next++;
        return;
      }
    }
  }

  private boolean notClosed(int at, int secondLine, int seen) {
    String reason = "has a quote that is never closed";
    if (secondLine >= 0) return resume(at, secondLine, reason);
    row(at, at - begin, seen, 1, State.PLAIN);
    fault = reason;
    return true;
  }

  private boolean resume(int at, int secondLine, String reason) {
    fault = reason;
    length = 0;
    next = begin + secondLine;
    nextLine = line + 1;
    bytesReread += at - next;
    if (bytesReread > FREE_REREAD_BYTES + MAX_REREAD_FACTOR * bytesRead) {
      throw Faults.file(
          "The quotes of this file do not match up: again and again a field that is opened with a"
              + " quote goes on over many lines. The last such row starts on line "
              + line
              + ".");
    }
    return true;
  }

  /** Reads more behind {@code end}; moves the current row to the front when it has to. */
  private boolean fill() throws IOException {
    if (atEnd) return false;
    if (buffer.length - end < buffer.length / 4) {
      int kept = end - begin;
      byte[] target = kept > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
      System.arraycopy(buffer, begin, target, 0, kept);
      buffer = target;
      next -= begin;
      begin = 0;
      end = kept;
    }
    int count = in.read(buffer, end, Math.min(READ_BYTES, buffer.length - end));
    if (count < 0) {
      atEnd = true;
      return false;
    }
    end += count;
    bytesRead += count;
    return true;
  }
}

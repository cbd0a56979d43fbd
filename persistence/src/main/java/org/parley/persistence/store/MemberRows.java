package org.parley.persistence.store;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.Profile;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.Member;

/**
 * Rows of {@code audience_members} in the binary form of COPY (PostgreSQL manual, "COPY", "Binary
 * Format"): no escaping on this side, no parsing on the other.
 */
final class MemberRows {
  static final String COPY =
      "COPY audience_members (generation, position, as_of, slice, customer_id, email, phone,"
          + " time_zone, locale, attributes) FROM STDIN (FORMAT binary)";
  private static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final int FIELDS = 10;
  private static final int ABSENT = -1;
  private static final int FIXED_BYTES = 128;
  // The longest form of one char in JSON: a backslash, 'u' and four digits.
  private static final int MAX_BYTES_PER_CHAR = 6;
  // PostgreSQL counts microseconds from the year 2000.
  private static final long EPOCH_2000_SECONDS = 946_684_800L;
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private byte[] bytes;
  private int size;

  MemberRows(int expectedBytes) {
    bytes = new byte[expectedBytes + 4096];
    clear();
  }

  void clear() {
    System.arraycopy(HEADER, 0, bytes, 0, HEADER.length);
    size = HEADER.length;
  }

  boolean isEmpty() {
    return size == HEADER.length;
  }

  int size() {
    return size;
  }

  byte[] bytes() {
    return bytes;
  }

  /** Takes back everything that was added since this size. */
  void rewind(int earlierSize) {
    size = earlierSize;
  }

  /** Ends the rows; nothing can be added before the next {@link #clear}. */
  void end() {
    reserve(2);
    putShort(-1);
  }

  /**
   * Adds a row.
   *
   * @return false, with nothing added, when a text holds what PostgreSQL cannot store: a NUL
   *     character or half of a surrogate pair
   */
  boolean add(long generation, Member member) {
    int before = size;
    Profile profile = member.profile();
    reserve(FIXED_BYTES);
    putShort(FIELDS);
    putField(generation);
    putField(member.position());
    putField(micros2000(profile.asOf()));
    putInt(2);
    putShort(AudienceStore.slice(member.customerId()));
    boolean stored =
        putText(Optional.of(member.customerId()))
            && putText(profile.email())
            && putText(profile.phone())
            && putText(profile.timeZone())
            && putText(profile.locale())
            && putJson(profile.attributes());
    if (!stored) size = before;
    return stored;
  }

  private static long micros2000(java.time.Instant at) {
    return (at.getEpochSecond() - EPOCH_2000_SECONDS) * 1_000_000 + at.getNano() / 1_000;
  }

  private boolean putText(Optional<String> text) {
    if (text.isEmpty()) {
      reserve(4);
      putInt(ABSENT);
      return true;
    }
    String value = text.get();
    reserve(4 + value.length() * MAX_BYTES_PER_CHAR);
    int lengthAt = size;
    size += 4;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == 0) return false;
      if (c < 0x80) {
        bytes[size++] = (byte) c;
      } else {
        int next = putBeyondAscii(value, i);
        if (next < 0) return false;
        i = next;
      }
    }
    setInt(lengthAt, size - lengthAt - 4);
    return true;
  }

  private boolean putJson(Map<String, String> attributes) {
    reserve(6);
    int lengthAt = size;
    size += 4;
    bytes[size++] = '{';
    boolean first = true;
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      reserve(2);
      if (!first) bytes[size++] = ',';
      first = false;
      if (!putQuoted(attribute.getKey())) return false;
      reserve(1);
      bytes[size++] = ':';
      if (!putQuoted(attribute.getValue())) return false;
    }
    reserve(1);
    bytes[size++] = '}';
    setInt(lengthAt, size - lengthAt - 4);
    return true;
  }

  private boolean putQuoted(String value) {
    reserve(2 + value.length() * MAX_BYTES_PER_CHAR);
    bytes[size++] = '"';
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        int next = putBeyondAscii(value, i);
        if (next < 0) return false;
        i = next;
      } else if (c == '"' || c == '\\') {
        bytes[size++] = '\\';
        bytes[size++] = (byte) c;
      } else if (c < 0x20) {
        putEscaped(c);
      } else {
        bytes[size++] = (byte) c;
      }
    }
    bytes[size++] = '"';
    return true;
  }

  private void putEscaped(char c) {
    bytes[size++] = '\\';
    bytes[size++] = 'u';
    bytes[size++] = '0';
    bytes[size++] = '0';
    bytes[size++] = (byte) HEX[c >> 4];
    bytes[size++] = (byte) HEX[c & 15];
  }

  /** Writes the character at an index as UTF-8; answers its last index, or -1 if it is half one. */
  private int putBeyondAscii(String value, int index) {
    char c = value.charAt(index);
    if (c < 0x800) {
      bytes[size++] = (byte) (0xc0 | c >> 6);
      bytes[size++] = (byte) (0x80 | (c & 0x3f));
      return index;
    }
    if (!Character.isSurrogate(c)) {
      bytes[size++] = (byte) (0xe0 | c >> 12);
      bytes[size++] = (byte) (0x80 | ((c >> 6) & 0x3f));
      bytes[size++] = (byte) (0x80 | (c & 0x3f));
      return index;
    }
    int point = value.codePointAt(index);
    if (!Character.isSupplementaryCodePoint(point)) return -1;
    bytes[size++] = (byte) (0xf0 | point >> 18);
    bytes[size++] = (byte) (0x80 | ((point >> 12) & 0x3f));
    bytes[size++] = (byte) (0x80 | ((point >> 6) & 0x3f));
    bytes[size++] = (byte) (0x80 | (point & 0x3f));
    return index + 1;
  }

  private void putField(long value) {
    putInt(8);
    putInt((int) (value >>> 32));
    putInt((int) value);
  }

  private void putInt(int value) {
    setInt(size, value);
    size += 4;
  }

  private void setInt(int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }

  private void putShort(int value) {
    bytes[size++] = (byte) (value >>> 8);
    bytes[size++] = (byte) value;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}

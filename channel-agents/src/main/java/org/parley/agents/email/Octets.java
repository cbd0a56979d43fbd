package org.parley.agents.email;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing run of octets; what a message is written into. Not thread-safe. */
final class Octets {
  private static final int FIRST_SIZE = 2048;

  private byte[] bytes = new byte[FIRST_SIZE];
  private int size;

  Octets add(byte[] more) {
    return add(more, 0, more.length);
  }

  Octets add(byte[] more, int from, int length) {
    ensure(length);
    System.arraycopy(more, from, bytes, size, length);
    size += length;
    return this;
  }

  /** Adds a text in UTF-8, which is ASCII when the text is. */
  Octets add(String text) {
    return add(text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, size);
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}

package org.parley.persistence.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Remembers ids in 32 bytes each or less: the first 128 bits of their SHA-256. Two different ids
 * meet there with a chance of less than 1 in 10^24 among ten million, and nobody can make such a
 * pair on purpose. When it is full it still knows what it has seen and says so of nothing new.
 */
final class SeenIds {
  private static final int FIRST_SLOTS = 1 << 12;
  private final MessageDigest digest;
  private final int capacity;
  private long[] slots = new long[2 * FIRST_SLOTS];
  private int size;
  private boolean overflowed;

  /** At most {@code capacity} ids are remembered. */
  SeenIds(int capacity) {
    this.capacity = capacity;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Whether this id was not seen before, as far as it is remembered. */
  boolean add(String id) {
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(id.getBytes(StandardCharsets.UTF_8)));
    long high = hash.getLong();
    // Zero marks an empty slot.
    long low = hash.getLong() | 1;
    int slot = find(slots, high, low);
    if (slots[slot + 1] != 0) return false;
    if (size == capacity) {
      overflowed = true;
      return true;
    }
    slots[slot] = high;
    slots[slot + 1] = low;
    size++;
    if (size > slots.length / 2 / 4 * 3) grow();
    return true;
  }

  /** Whether some ids were not remembered, so that their repetitions went unseen. */
  boolean overflowed() {
    return overflowed;
  }

  private void grow() {
    long[] larger = new long[slots.length * 2];
    for (int i = 0; i < slots.length; i += 2) {
      if (slots[i + 1] == 0) continue;
      int slot = find(larger, slots[i], slots[i + 1]);
      larger[slot] = slots[i];
      larger[slot + 1] = slots[i + 1];
    }
    slots = larger;
  }

  private static int find(long[] table, long high, long low) {
    int mask = table.length / 2 - 1;
    int at = (int) (high & mask);
    while (table[2 * at + 1] != 0 && (table[2 * at] != high || table[2 * at + 1] != low)) {
      at = (at + 1) & mask;
    }
    return 2 * at;
  }
}

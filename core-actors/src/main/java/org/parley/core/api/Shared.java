package org.parley.core.api;

import java.util.Map;
import java.util.Optional;

/**
 * One copy of texts that many customers have in common, such as the names of attributes and time
 * zones: a million profiles read from tables and journals would bring a million copies. A small
 * table that forgets: a text that is not there any more costs a copy and nothing else, so neither
 * locks nor bounds of its use are needed.
 */
final class Shared {
  private static final int SLOTS = 1024;
  private static final String[] TEXTS = new String[SLOTS];

  private Shared() {}

  /** An equal text, where possible one that others have too. */
  static String text(String text) {
    int slot = (text.hashCode() * 0x9E3779B9) >>> 22;
    String known = TEXTS[slot];
    if (text.equals(known)) return known;
    TEXTS[slot] = text;
    return text;
  }

  static Optional<String> text(Optional<String> text) {
    return text.isPresent() ? Optional.of(text(text.get())) : text;
  }

  /** An unchangeable copy with shared keys. */
  static Map<String, String> keys(Map<String, String> map) {
    if (map.isEmpty()) return Map.of();
    @SuppressWarnings({"unchecked", "rawtypes"})
    Map.Entry<String, String>[] entries = new Map.Entry[map.size()];
    int i = 0;
    for (Map.Entry<String, String> entry : map.entrySet()) {
      entries[i++] = Map.entry(text(entry.getKey()), entry.getValue());
    }
    return Map.ofEntries(entries);
  }
}

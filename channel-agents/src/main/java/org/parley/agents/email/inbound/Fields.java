package org.parley.agents.email.inbound;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Groups of header-like fields, as reports are made of (RFC 3464, section 2.1). */
final class Fields {
  private static final int MAX_GROUPS = 100;
  private static final int MAX_FIELDS = 200;

  private final Map<String, String> values = new HashMap<>();

  private Fields() {}

  /** The groups of a text, at most a hundred; what is no field is skipped. */
  static List<Fields> groups(String text) {
    List<Fields> groups = new ArrayList<>();
    Fields group = new Fields();
    String name = "";
    StringBuilder value = new StringBuilder();
    for (String line : (text + "\n\n").split("\r?\n|\r", -1)) {
      boolean folded = !line.isBlank() && (line.charAt(0) == ' ' || line.charAt(0) == '\t');
      if (folded) {
        value.append(' ').append(line.strip());
        continue;
      }
      group.put(name, value);
      name = "";
      value.setLength(0);
      if (line.isBlank()) {
        if (!group.values.isEmpty()) groups.add(group);
        if (groups.size() >= MAX_GROUPS) return groups;
        if (!group.values.isEmpty()) group = new Fields();
        continue;
      }
      int colon = line.indexOf(':');
      if (colon <= 0) continue;
      name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
      value.append(line.substring(colon + 1).strip());
    }
    return groups;
  }

  /** The first value of a field, empty when there is none. */
  String get(String name) {
    return values.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  boolean has(String name) {
    return values.containsKey(name.toLowerCase(Locale.ROOT));
  }

  private void put(String name, CharSequence value) {
    if (!name.isEmpty() && values.size() < MAX_FIELDS) values.putIfAbsent(name, value.toString());
  }
}

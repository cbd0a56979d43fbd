package org.parley.agents.phone.sip;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the values of headers: lists, addresses and parameters (RFC 3261, section 25.1). */
public final class HeaderValue {
  private HeaderValue() {}

  /** The parts of a list; a comma within quotes or angle brackets divides nothing. */
  static List<String> split(String value) {
    return split(value, ',');
  }

  private static List<String> split(String value, char divider) {
    List<String> parts = new ArrayList<>(1);
    boolean quoted = false;
    boolean bracketed = false;
    int start = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (quoted) {
        if (c == '\\') {
          i++;
        } else if (c == '"') {
          quoted = false;
        }
      } else if (c == '"') {
        quoted = true;
      } else if (c == '<') {
        bracketed = true;
      } else if (c == '>') {
        bracketed = false;
      } else if (c == divider && !bracketed) {
        parts.add(value.substring(start, i).strip());
        start = i + 1;
      }
    }
    parts.add(value.substring(start).strip());
    return parts;
  }

  /** The URI of an address such as {@code "Ann" <sip:ann@example.com>;tag=1}. */
  public static String uri(String address) {
    int open = address.lastIndexOf('<');
    int close = address.indexOf('>', open + 1);
    if (open >= 0 && close > open) return address.substring(open + 1, close).strip();
    int parameters = address.indexOf(';');
    return (parameters < 0 ? address : address.substring(0, parameters)).strip();
  }

  /** A parameter that stands after the address or after the first semicolon; without quotes. */
  public static Optional<String> param(String value, String name) {
    List<String> parts = split(value, ';');
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals).strip();
      if (key.equalsIgnoreCase(name)) {
        return Optional.of(equals < 0 ? "" : unquote(part.substring(equals + 1).strip()));
      }
    }
    return Optional.empty();
  }

  /** Without quotes around it, and without what stood before a quoted sign. */
  static String unquote(String value) {
    if (value.length() < 2 || value.charAt(0) != '"') return value;
    StringBuilder out = new StringBuilder(value.length());
    for (int i = 1; i < value.length() - 1; i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length() - 1) c = value.charAt(++i);
      out.append(c);
    }
    return out.toString();
  }
}

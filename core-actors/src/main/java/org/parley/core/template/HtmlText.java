package org.parley.core.template;

/** Makes a value safe between tags and within quoted attribute values of HTML. */
final class HtmlText {
  private HtmlText() {}

  static String escape(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (entity(value.charAt(i)) != null) return escapeFrom(i, value);
    }
    return value;
  }

  private static String escapeFrom(int first, String value) {
    StringBuilder out = new StringBuilder(value.length() + 32).append(value, 0, first);
    for (int i = first; i < value.length(); i++) {
      char c = value.charAt(i);
      String entity = entity(c);
      if (entity == null) out.append(c);
      else out.append(entity);
    }
    return out.toString();
  }

  private static @org.jspecify.annotations.Nullable String entity(char c) {
    if (c > '`') return null;
    return switch (c) {
      case '&' -> "&amp;";
      case '<' -> "&lt;";
      case '>' -> "&gt;";
      case '"' -> "&quot;";
      case '\'' -> "&#39;";
      case '`' -> "&#x60;";
      case '=' -> "&#x3D;";
      // HTML has no NUL: parsers replace or drop it, and some filters stop reading there.
      case '\0' -> "&#xFFFD;";
      default -> null;
    };
  }
}

package org.parley.core.template;

/** Makes a subject one line that fits a mail header. */
final class Subject {
  /** RFC 5322, section 2.1.1. */
  static final int MAX_CHARS = 998;

  private Subject() {}

  /**
   * Control characters and all kinds of line breaks become spaces, so that nothing can follow the
   * subject as a header of its own; what is too long is cut, never within a surrogate pair.
   */
  static String oneLine(String text) {
    String cut = cut(text);
    for (int i = 0; i < cut.length(); i++) {
      if (isBreak(cut.charAt(i))) return spaced(cut);
    }
    return cut;
  }

  /** Whether a character may not stand in a line. */
  static boolean isBreak(char c) {
    return c < ' ' || (c >= 0x7f && c <= 0x9f) || c == '\u2028' || c == '\u2029';
  }

  private static String cut(String text) {
    if (text.length() <= MAX_CHARS) return text;
    int end = Character.isHighSurrogate(text.charAt(MAX_CHARS - 1)) ? MAX_CHARS - 1 : MAX_CHARS;
    return text.substring(0, end);
  }

  private static String spaced(String text) {
    char[] chars = text.toCharArray();
    for (int i = 0; i < chars.length; i++) {
      if (isBreak(chars[i])) chars[i] = ' ';
    }
    return new String(chars);
  }
}

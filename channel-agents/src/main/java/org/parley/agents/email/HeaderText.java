package org.parley.agents.email;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Texts that people wrote, as they may stand in a header: what is not plain ASCII becomes encoded
 * words (RFC 2047), and nothing can start a line of its own.
 */
final class HeaderText {
  private static final int LINE_CHARS = 76;

  /** 45 octets are 60 characters of base64, which with their frame stay below the 75 allowed. */
  private static final int WORD_OCTETS = 45;

  private HeaderText() {}

  /** Refuses what could end a header or hide in it. */
  static String checked(String text, String reason, String what) throws Unsendable {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        throw new Unsendable(reason, what + " has a line break or another control character");
      }
    }
    return text;
  }

  /** An unstructured text, folded, to stand after a header's name of some length. */
  static String unstructured(String text, int nameChars) {
    if (isPlain(text)) {
      if (nameChars + text.length() <= LINE_CHARS) return text;
      String folded = folded(text, nameChars);
      if (folded != null) return folded;
    }
    return encodedWords(text);
  }

  /** A display name: quoted when it is ASCII, encoded words otherwise. */
  static String phrase(String name) {
    if (!isPlain(name)) return encodedWords(name);
    StringBuilder out = new StringBuilder(name.length() + 2).append('"');
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '"' || c == '\\') out.append('\\');
      out.append(c);
    }
    return out.append('"').toString();
  }

  /** ASCII that a reader would neither trim nor take for an encoded word. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x7f) return false;
    }
    return !text.contains("=?") && !text.startsWith(" ") && !text.endsWith(" ");
  }

  /**
   * Folds at single spaces between words; null when that would not bring the text back as it was.
   */
  private static @org.jspecify.annotations.Nullable String folded(String text, int nameChars) {
    // A backslash before a fold would escape the line break for some readers.
    if (text.contains("  ") || text.indexOf('\\') >= 0) return null;
    StringBuilder out = new StringBuilder(text.length() + 16);
    int line = nameChars;
    for (String word : text.split(" ", -1)) {
      if (word.length() >= LINE_CHARS) return null;
      if (out.length() > 0) {
        boolean fits = line + 1 + word.length() <= LINE_CHARS;
        out.append(fits ? " " : "\r\n ");
        line = fits ? line + 1 : 1;
      }
      out.append(word);
      line += word.length();
    }
    return out.toString();
  }

  private static String encodedWords(String text) {
    StringBuilder out = new StringBuilder(text.length() * 2);
    int start = 0;
    int octets = 0;
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      int more = octets(point);
      if (octets + more > WORD_OCTETS) {
        word(out, text.substring(start, i));
        start = i;
        octets = 0;
      }
      octets += more;
      i += Character.charCount(point);
    }
    word(out, text.substring(start));
    return out.toString();
  }

  private static void word(StringBuilder out, String piece) {
    if (out.length() > 0) out.append("\r\n ");
    out.append("=?UTF-8?B?")
        .append(Base64.getEncoder().encodeToString(piece.getBytes(StandardCharsets.UTF_8)))
        .append("?=");
  }

  private static int octets(int point) {
    if (point < 0x80) return 1;
    if (point < 0x800) return 2;
    return point < 0x10000 ? 3 : 4;
  }
}

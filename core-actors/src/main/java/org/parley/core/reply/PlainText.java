package org.parley.core.reply;

import java.text.Normalizer;
import java.util.Locale;

/** A text as rules compare it: what differs between two ways to type the same is gone. */
final class PlainText {
  private PlainText() {}

  /**
   * The words of a text in lower case, without accents, apostrophes and punctuation, one blank
   * between them.
   */
  static String of(String text) {
    String folded = Normalizer.normalize(text.toLowerCase(Locale.ROOT), Normalizer.Form.NFKD);
    StringBuilder out = new StringBuilder(folded.length());
    boolean gap = false;
    for (int i = 0; i < folded.length(); ) {
      int c = folded.codePointAt(i);
      i += Character.charCount(c);
      if (isMark(c) || isApostrophe(c)) continue;
      if (!Character.isLetterOrDigit(c)) {
        gap = true;
        continue;
      }
      if (gap && out.length() > 0) out.append(' ');
      gap = false;
      if (c == 'ß') {
        out.append("ss");
      } else {
        // Turkish writes 'i' without a dot too.
        out.appendCodePoint(c == 'ı' ? 'i' : c);
      }
    }
    return out.toString();
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT;
  }

  private static boolean isApostrophe(int c) {
    return c == '\'' || c == '\u2019' || c == '\u2018' || c == '`' || c == '\u00b4';
  }
}

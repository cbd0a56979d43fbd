package org.parley.core.reply;

import java.util.ArrayList;
import java.util.List;

/**
 * What the models look at: words, pairs of words, the beginning, pieces of words (so that endings
 * and typing errors matter less), and marks of tone that words do not show.
 */
final class Features {
  private static final int MAX_WORDS = 120;
  private static final int MAX_WORD_CHARS = 24;
  private static final int PIECE_CHARS = 4;

  private Features() {}

  static String[] of(String text) {
    List<String> out = new ArrayList<>();
    String[] words = PlainText.of(text).split(" ", MAX_WORDS + 1);
    int count = Math.min(words.length, MAX_WORDS);
    String before = "^";
    for (int i = 0; i < count; i++) {
      String word = shape(words[i]);
      out.add("w=" + word);
      out.add("p=" + before + ' ' + word);
      pieces(out, word);
      before = word;
    }
    out.add("p=" + before + " $");
    out.add("length=" + (count < 3 ? count : count < 6 ? "few" : count < 15 ? "some" : "many"));
    marks(out, text);
    return out.toArray(String[]::new);
  }

  private static String shape(String word) {
    if (word.length() > MAX_WORD_CHARS) return "<long>";
    for (int i = 0; i < word.length(); i++) {
      if (Character.isDigit(word.charAt(i))) return "<number>";
    }
    return word;
  }

  private static void pieces(List<String> out, String word) {
    String bounded = '_' + word + '_';
    for (int i = 0; i + PIECE_CHARS <= bounded.length(); i++) {
      out.add("c=" + bounded.substring(i, i + PIECE_CHARS));
    }
  }

  private static void marks(List<String> out, String text) {
    boolean question = false;
    boolean shout = false;
    int letters = 0;
    int capitals = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      question |= c == '?' || c == '\u00bf' || c == '\uff1f';
      shout |= c == '!';
      if (Character.isLetter(c)) letters++;
      if (Character.isUpperCase(c)) capitals++;
      if (Character.getType(c) == Character.OTHER_SYMBOL) out.add("symbol=" + c);
    }
    if (question) out.add("question");
    if (shout) out.add("shout");
    if (letters >= 5 && capitals * 10 >= letters * 9) out.add("capitals");
    if (text.contains(":)") || text.contains(":-)")) out.add("smile");
    if (text.contains(":(") || text.contains(":-(")) out.add("frown");
  }
}

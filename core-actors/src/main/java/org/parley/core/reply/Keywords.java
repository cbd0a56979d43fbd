package org.parley.core.reply;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.parley.core.spi.ReplyClassifier.Keyword;

/**
 * The words that carriers (the CTIA's Messaging Principles, section 5.1.3) and laws ask to be
 * obeyed: alone in a message, in any case and with any punctuation, and whole sentences that ask
 * for silence.
 */
final class Keywords {
  /** What a word means, and in which languages only; empty: in all. */
  private record Rule(Keyword keyword, Set<String> languages) {}

  private final Map<String, Rule> words;
  private final List<Pattern> sentences;

  private Keywords(Map<String, Rule> words, List<Pattern> sentences) {
    this.words = words;
    this.sentences = sentences;
  }

  /** The rules that are part of Parley. */
  static Keywords load() {
    Map<String, Rule> words = new HashMap<>();
    for (String line : Resources.lines("keywords.tsv")) {
      String[] fields = line.split("\t", -1);
      Keyword keyword = Keyword.valueOf(fields[0]);
      boolean own = fields[2].equals("own");
      for (String word : fields[3].split("\\|", -1)) {
        Rule known = words.get(PlainText.of(word));
        words.put(PlainText.of(word), merge(known, keyword, own, fields[1]));
      }
    }
    return new Keywords(
        Map.copyOf(words),
        Resources.lines("opt-out-sentences.txt").stream().map(Pattern::compile).toList());
  }

  private static Rule merge(
      @org.jspecify.annotations.Nullable Rule known,
      Keyword keyword,
      boolean own,
      String language) {
    if (known == null) return new Rule(keyword, own ? Set.of(language) : Set.of());
    if (known.keyword() != keyword) {
      throw new IllegalStateException("a word is " + known.keyword() + " and " + keyword);
    }
    if (!own || known.languages().isEmpty()) return new Rule(keyword, Set.of());
    Set<String> languages = new HashSet<>(known.languages());
    languages.add(language);
    return new Rule(keyword, Set.copyOf(languages));
  }

  /**
   * The command in a text.
   *
   * @param locale of the customer; without one the words of all languages count
   */
  Optional<Keyword> in(String text, Optional<String> locale) {
    String plain = PlainText.of(text);
    Optional<Keyword> whole = word(plain, locale);
    if (whole.isPresent()) return whole;
    // "Stop" with a greeting or a signature below it.
    Optional<Keyword> first = word(firstLine(text), locale).filter(k -> k == Keyword.STOP);
    if (first.isPresent()) return first;
    for (Pattern sentence : sentences) {
      if (sentence.matcher(plain).find()) return Optional.of(Keyword.STOP);
    }
    return Optional.empty();
  }

  private static String firstLine(String text) {
    return text.lines().filter(line -> !line.isBlank()).findFirst().map(PlainText::of).orElse("");
  }

  private Optional<Keyword> word(String plain, Optional<String> locale) {
    Rule rule = words.get(plain);
    if (rule == null) return Optional.empty();
    boolean meant =
        rule.languages().isEmpty()
            || locale.isEmpty()
            || rule.languages().contains(language(locale.get()));
    return meant ? Optional.of(rule.keyword()) : Optional.empty();
  }

  private static String language(String tag) {
    String language = Locale.forLanguageTag(tag).getLanguage();
    return language.equals("no") || language.equals("nn") ? "nb" : language;
  }
}

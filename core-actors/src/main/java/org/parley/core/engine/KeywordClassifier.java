package org.parley.core.engine;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.parley.core.api.Channel;
import org.parley.core.api.Intent;
import org.parley.core.spi.ReplyClassifier;

/** Knows the commands that carriers ask to be obeyed, in English, and nothing else. */
final class KeywordClassifier implements ReplyClassifier {
  private static final int MAX_CHARS = 40;
  private static final Set<String> STOP =
      Set.of("stop", "stopall", "unsubscribe", "cancel", "end", "quit");
  private static final Set<String> START = Set.of("start", "unstop");
  private static final Set<String> HELP = Set.of("help", "info");

  @Override
  public Meaning classify(String text, Channel channel, Optional<String> locale) {
    return new Meaning(keyword(text), Intent.OTHER, 0, Sentiment.NEUTRAL);
  }

  private static Optional<Keyword> keyword(String text) {
    String line = text.strip();
    if (line.length() > MAX_CHARS) return Optional.empty();
    String word = line.toLowerCase(Locale.ROOT).replaceAll("^\\W+|\\W+$", "");
    if (STOP.contains(word)) return Optional.of(Keyword.STOP);
    if (START.contains(word)) return Optional.of(Keyword.START);
    return HELP.contains(word) ? Optional.of(Keyword.HELP) : Optional.empty();
  }
}

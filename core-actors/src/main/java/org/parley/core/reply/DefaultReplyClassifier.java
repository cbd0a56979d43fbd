package org.parley.core.reply;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import opennlp.tools.doccat.DoccatModel;
import opennlp.tools.doccat.DocumentCategorizerME;
import org.parley.core.api.Channel;
import org.parley.core.api.Intent;
import org.parley.core.spi.ReplyClassifier;

/**
 * Understands answers without a network: commands by rules, in more than twenty languages; intent
 * and tone by two models of Apache OpenNLP that the build trains on sentences in English, German,
 * French and Spanish. An answer that is not understood is {@link Intent#OTHER} with a low
 * confidence, never a guess.
 *
 * <p>Only the first 2,000 characters are read. Thread-safe: rules and models do not change, and a
 * categorizer keeps nothing between two texts.
 */
public final class DefaultReplyClassifier implements ReplyClassifier {
  private static final int MAX_CHARS = 2_000;

  /** Below it an intent is a guess. */
  private static final double LEAST_CONFIDENCE = 0.4;

  private static final Map<String, Intent> INTENTS =
      Arrays.stream(Intent.values()).collect(Collectors.toMap(Intent::label, intent -> intent));

  private final Keywords keywords;
  private final DocumentCategorizerME intents;
  private final DocumentCategorizerME sentiments;

  private DefaultReplyClassifier(Keywords keywords, DoccatModel intents, DoccatModel sentiments) {
    this.keywords = keywords;
    this.intents = new DocumentCategorizerME(intents);
    this.sentiments = new DocumentCategorizerME(sentiments);
  }

  /** The classifier that is part of Parley; takes some tenths of a second. */
  public static DefaultReplyClassifier load() {
    return of(model(ReplyTraining.INTENT_MODEL), model(ReplyTraining.SENTIMENT_MODEL));
  }

  static DefaultReplyClassifier of(DoccatModel intents, DoccatModel sentiments) {
    return new DefaultReplyClassifier(Keywords.load(), intents, sentiments);
  }

  private static DoccatModel model(String name) {
    try (InputStream in = Resources.open(name)) {
      return new DoccatModel(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Meaning classify(String text, Channel channel, Optional<String> locale) {
    String start = text.length() > MAX_CHARS ? text.substring(0, MAX_CHARS) : text;
    Optional<Keyword> keyword = keywords.in(start, locale);
    if (keyword.isPresent()) return new Meaning(keyword, Intent.OTHER, 1, sentiment(start));
    if (start.isBlank()) {
      return new Meaning(Optional.empty(), Intent.OTHER, 1, Sentiment.NEUTRAL);
    }
    double[] chances = intents.categorize(Features.of(start));
    String best = intents.getBestCategory(chances);
    double confidence = Math.min(1, chances[intents.getIndex(best)]);
    Intent intent =
        confidence < LEAST_CONFIDENCE ? Intent.OTHER : INTENTS.getOrDefault(best, Intent.OTHER);
    return new Meaning(Optional.empty(), intent, confidence, sentiment(start));
  }

  private Sentiment sentiment(String text) {
    double[] chances = sentiments.categorize(Features.of(text));
    return Sentiment.valueOf(sentiments.getBestCategory(chances).toUpperCase(Locale.ROOT));
  }
}

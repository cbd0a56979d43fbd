package org.parley.core.conversation;

import java.util.Optional;
import org.parley.core.api.Channel;
import org.parley.core.api.Intent;
import org.parley.core.spi.ReplyClassifier;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.spi.ReplyClassifier.Meaning;
import org.parley.core.spi.ReplyClassifier.Sentiment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the classifier what a text means; one that fails must not stop an answer. */
final class Understanding {
  private static final Logger LOG = LoggerFactory.getLogger(Understanding.class);

  /** Of what no person wrote: it answers nothing and commands nothing. */
  static final Meaning OF_A_MACHINE =
      new Meaning(Optional.empty(), Intent.OUT_OF_OFFICE, 1, Sentiment.NEUTRAL);

  private static final Meaning NOTHING =
      new Meaning(Optional.empty(), Intent.OTHER, 0, Sentiment.NEUTRAL);

  private Understanding() {}

  /**
   * What a text means.
   *
   * @param known the command that somebody has found in it already
   */
  static Meaning of(
      ReplyClassifier classifier,
      String text,
      Channel channel,
      Optional<String> locale,
      Optional<Keyword> known) {
    Meaning meaning = ask(classifier, text, channel, locale);
    return known.isEmpty()
        ? meaning
        : new Meaning(known, meaning.intent(), meaning.confidence(), meaning.sentiment());
  }

  private static Meaning ask(
      ReplyClassifier classifier, String text, Channel channel, Optional<String> locale) {
    try {
      return classifier.classify(text, channel, locale);
    } catch (RuntimeException e) {
      // Its message may quote the text.
      LOG.warn("The reply classifier failed with {}", e.getClass().getName());
      return NOTHING;
    }
  }
}

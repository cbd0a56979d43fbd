package org.parley.core.spi;

import java.util.Optional;
import org.parley.core.api.Channel;
import org.parley.core.api.Intent;

/** Understands what a customer wrote. Thread-safe; it answers in a few milliseconds. */
public interface ReplyClassifier {
  /**
   * What a text means.
   *
   * @param text what the customer wrote, without what they quote
   * @param locale the customer's BCP 47 language tag, where it is known
   */
  Meaning classify(String text, Channel channel, Optional<String> locale);

  /**
   * What a text means.
   *
   * @param keyword set when the text is one of the words that carriers and laws ask to be obeyed
   * @param confidence of the intent, 0 to 1
   */
  record Meaning(
      Optional<Keyword> keyword, Intent intent, double confidence, Sentiment sentiment) {}

  /** Words that are commands. They win over every intent. */
  enum Keyword {
    /** STOP, UNSUBSCRIBE and their like in the customer's language. */
    STOP,
    /** START, UNSTOP. */
    START,
    /** HELP, INFO. */
    HELP
  }

  /** The tone. */
  enum Sentiment {
    POSITIVE,
    NEUTRAL,
    NEGATIVE
  }
}

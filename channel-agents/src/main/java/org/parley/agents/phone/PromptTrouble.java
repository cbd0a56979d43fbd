package org.parley.agents.phone;

/** There is nothing to play; the message is one sentence for the operator. */
final class PromptTrouble extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean temporary;

  private PromptTrouble(boolean temporary, String sentence) {
    super(sentence, null, false, false);
    this.temporary = temporary;
  }

  /** The recording can never be played as it is. */
  static PromptTrouble unusable(String sentence) {
    return new PromptTrouble(false, sentence);
  }

  /** The text could not be spoken now. */
  static PromptTrouble speechFailed(String sentence) {
    return new PromptTrouble(true, sentence);
  }

  /** Whether another try may do better. */
  boolean isTemporary() {
    return temporary;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}

package org.parley.agents.email.inbound;

/** A mail that cannot be taken, now or ever, in words for the sender and without personal data. */
final class BadMail extends Exception {
  private static final long serialVersionUID = 1L;

  private final String word;

  /**
   * @param word for metrics
   * @param answer an enhanced status code (RFC 3463) and a text
   */
  BadMail(String word, String answer) {
    super(answer, null, false, false);
    this.word = word;
  }

  String word() {
    return word;
  }

  /** The enhanced status code and the text. */
  String answer() {
    return String.valueOf(getMessage());
  }
}

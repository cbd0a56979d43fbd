package org.parley.persistence;

/** The database cannot be used; the message is one sentence for the operator. */
public final class DatabaseUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DatabaseUnavailable(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  DatabaseUnavailable(String sentence) {
    super(sentence);
  }
}

package org.parley.core.check;

/**
 * Says, for a person and without repeating personal data, why a value is refused. It has no stack
 * trace: a bad file throws one for each of its rows.
 */
public final class NotAcceptable extends Exception {
  private static final long serialVersionUID = 1L;
  private final String reason;

  public NotAcceptable(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /** A sentence without its subject, such as {@code has no @}. */
  public String reason() {
    return reason;
  }
}

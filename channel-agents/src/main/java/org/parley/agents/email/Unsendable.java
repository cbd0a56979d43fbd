package org.parley.agents.email;

/** The message can never be sent as it is; the reason is one of the stable words of an outcome. */
final class Unsendable extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  Unsendable(String reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  /** What is wrong, without personal data. */
  String detail() {
    return String.valueOf(getMessage());
  }
}

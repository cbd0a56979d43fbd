package org.parley.agents.email;

/** No connection that could carry a message; nothing was sent. */
final class CannotConnect extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  CannotConnect(String reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}

package org.parley.core.audience;

import java.util.Arrays;
import java.util.Optional;

/** The columns that mean something of their own; every other one is an attribute. */
enum Column {
  CUSTOMER_ID("customerId"),
  EMAIL("email"),
  PHONE("phone"),
  TIME_ZONE("timeZone"),
  LOCALE("locale");

  private final String label;

  Column(String label) {
    this.label = label;
  }

  /** Its name in a file. */
  String label() {
    return label;
  }

  static Optional<Column> of(String name) {
    return Arrays.stream(values()).filter(c -> c.label.equals(name)).findFirst();
  }

  /** A column that was meant, but not spelled as it must be. */
  static Optional<Column> ignoringCase(String name) {
    return Arrays.stream(values()).filter(c -> c.label.equalsIgnoreCase(name)).findFirst();
  }
}

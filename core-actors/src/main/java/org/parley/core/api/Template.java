package org.parley.core.api;

import java.util.Optional;

/**
 * A message before the customer's values are filled in: logic-less Mustache.
 *
 * @param subject for email, at most 998 characters (RFC 5322, section 2.1.1)
 * @param text the plain text, at most 256 KiB
 * @param html the HTML, at most 1 MiB; values are escaped
 */
public record Template(Optional<String> subject, Optional<String> text, Optional<String> html) {
  /** An email of plain text. */
  public static Template text(String subject, String text) {
    return new Template(Optional.of(subject), Optional.of(text), Optional.empty());
  }
}

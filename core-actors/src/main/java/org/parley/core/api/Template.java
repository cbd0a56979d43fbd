package org.parley.core.api;

import java.util.Optional;

/**
 * A message before the customer's values are filled in: logic-less Mustache.
 *
 * @param subject for email, at most 998 characters (RFC 5322, section 2.1.1)
 * @param text the plain text, at most 256 KiB
 * @param html the HTML, at most 1 MiB; values are escaped
 * @param audio for a call, in place of the text: the name of a WAV file in {@code
 *     parley.phone.prompts}, such as {@code welcome.wav}; it is played as it is
 */
public record Template(
    Optional<String> subject,
    Optional<String> text,
    Optional<String> html,
    Optional<String> audio) {
  /** A message to read: an email or a text message. */
  public Template(Optional<String> subject, Optional<String> text, Optional<String> html) {
    this(subject, text, html, Optional.empty());
  }

  /** An email of plain text. */
  public static Template text(String subject, String text) {
    return new Template(Optional.of(subject), Optional.of(text), Optional.empty());
  }
}

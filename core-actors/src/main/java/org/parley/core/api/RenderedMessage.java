package org.parley.core.api;

import java.util.Optional;

/** A message with the customer's values filled in, ready for a connector. */
public record RenderedMessage(
    Optional<String> subject,
    Optional<String> text,
    Optional<String> html,
    Optional<String> audio) {
  /** A message to read: an email or a text message. */
  public RenderedMessage(Optional<String> subject, Optional<String> text, Optional<String> html) {
    this(subject, text, html, Optional.empty());
  }
}

package org.parley.core.api;

import java.util.List;
import java.util.Optional;

/** A step's message with one customer's values filled in. */
public record Preview(
    String stepId,
    Channel channel,
    Optional<String> to,
    RenderedMessage message,
    List<String> warnings) {
  public Preview {
    warnings = List.copyOf(warnings);
  }
}

package org.parley.core.spi;

import java.util.Optional;

/** The last look before the wire: a connector's lane asks it right before it starts to send. */
public interface WireGate {
  /**
   * Why this attempt must not start now: {@code expired}, {@code paused}, {@code cancelled} or
   * {@code optedOut}; empty when it may. Never blocks.
   */
  Optional<String> stop(Attempt attempt);
}

package org.parley.core.spi;

import java.util.Optional;
import org.apache.pekko.actor.Address;

/** The last look before the wire: a connector's lane asks it right before it starts to send. */
public interface WireGate {
  /**
   * Why this attempt must not start now: {@code expired}, {@code fenced}, {@code paused}, {@code
   * cancelled} or {@code optedOut}; empty when it may. Never blocks.
   */
  Optional<String> stop(Attempt attempt);

  /** Hears that an attempt has come from another node, whose life has this epoch. Never blocks. */
  default void cameFrom(Address node, long epoch) {}
}

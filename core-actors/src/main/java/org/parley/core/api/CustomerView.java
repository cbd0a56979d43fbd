package org.parley.core.api;

import java.util.Map;
import java.util.Optional;

/**
 * A customer as their conversation knows them.
 *
 * @param version grows with every change of what is shown here; 0 when nothing is known; the entity
 *     tag
 * @param handedOff present while a person has the conversation
 * @param preferredChannel where the customer last answered, or may be reached after a call failed
 */
public record CustomerView(
    String customerId,
    long version,
    Profile profile,
    Map<Channel, ConsentState> consent,
    Optional<Handoff> handedOff,
    Optional<Channel> preferredChannel) {
  /** Nobody has taken over, and no channel is preferred. */
  public CustomerView(
      String customerId, long version, Profile profile, Map<Channel, ConsentState> consent) {
    this(customerId, version, profile, consent, Optional.empty(), Optional.empty());
  }

  public CustomerView {
    consent = Map.copyOf(consent);
  }
}

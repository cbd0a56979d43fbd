package org.parley.core.api;

import java.util.Map;

/**
 * A customer as their conversation knows them.
 *
 * @param version grows with every change of profile or consent; 0 when nothing is known; the entity
 *     tag
 */
public record CustomerView(
    String customerId, long version, Profile profile, Map<Channel, ConsentState> consent) {
  public CustomerView {
    consent = Map.copyOf(consent);
  }
}

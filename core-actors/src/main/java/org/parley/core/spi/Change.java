package org.parley.core.spi;

import java.time.Instant;
import java.util.Optional;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Communication;

/**
 * What one journalled event changes in the read tables: computed by {@link
 * org.parley.core.JournalCatalog}, applied by a store in one transaction with its offset.
 */
public sealed interface Change {

  /** The latest state of a touch, or an answer. The key is tenant, customer and step. */
  record CommunicationChanged(String tenant, Communication communication) implements Change {}

  /**
   * A count moves.
   *
   * @param kind {@code recipient}, {@code step} or {@code reason}
   * @param name for recipient: a state, {@code finished} or {@code held}; for step: {@code
   *     <step>/<state>}; for reason: the reason
   */
  record Counted(String campaignId, String kind, String name, long by) implements Change {}

  /** The campaign as it now stands; the row of the campaign list. */
  record CampaignChanged(String tenant, CampaignView campaign) implements Change {}

  /** A run over the audience begins: one row for each slice. */
  record RunOpened(String campaignId) implements Change {}

  /** Wake an entity; replaces an earlier time for the same key. */
  record DuePut(DueWorkStore.Key key, Optional<String> campaignId, Instant due) implements Change {}

  record DueDropped(DueWorkStore.Key key) implements Change {}

  /** Everything that waits for this campaign is due at once. */
  record DueAtOnce(String campaignId, Instant now) implements Change {}

  /** Where a customer can be reached from now on; what is absent no longer leads to them. */
  record AddressesKnown(
      String tenant, String customerId, Optional<String> email, Optional<String> phone)
      implements Change {}
}

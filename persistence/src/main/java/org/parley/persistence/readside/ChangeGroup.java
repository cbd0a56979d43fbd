package org.parley.persistence.readside;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.parley.core.api.Communication;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;

/**
 * The changes of a group of events, reduced to what is left at its end: of several changes of one
 * row the last, of counts the sum. Pure.
 */
final class ChangeGroup {
  record CounterKey(String campaignId, String kind, String name) {}

  record Customer(String tenant, String customerId) {}

  record CommunicationKey(String tenant, String customerId, String campaignId, String stepId) {}

  /** Due work to be put. */
  record Put(Optional<String> campaignId, Instant due) {}

  private final Map<CounterKey, Long> counters = new HashMap<>();
  private final Map<CommunicationKey, Communication> communications = new LinkedHashMap<>();
  private final Map<String, Change.CampaignChanged> campaigns = new LinkedHashMap<>();
  private final Set<String> runs = new LinkedHashSet<>();
  private final Map<DueWorkStore.Key, Optional<Put>> dueWork = new LinkedHashMap<>();
  private final Map<String, Instant> dueAtOnce = new LinkedHashMap<>();
  private final Map<Customer, Change.AddressesKnown> addresses = new LinkedHashMap<>();

  void add(Change change) {
    if (change instanceof Change.Counted c) {
      counters.merge(new CounterKey(c.campaignId(), c.kind(), c.name()), c.by(), Long::sum);
    } else if (change instanceof Change.CommunicationChanged c) {
      Communication now = c.communication();
      communications.put(
          new CommunicationKey(
              c.tenant(), now.customerId(), now.key().campaignId(), now.key().stepId()),
          now);
    } else if (change instanceof Change.CampaignChanged c) {
      campaigns.put(c.campaign().id(), c);
    } else if (change instanceof Change.RunOpened c) {
      runs.add(c.campaignId());
    } else if (change instanceof Change.DuePut c) {
      dueWork.put(c.key(), Optional.of(new Put(c.campaignId(), c.due())));
    } else if (change instanceof Change.DueDropped c) {
      dueWork.put(c.key(), Optional.empty());
    } else if (change instanceof Change.DueAtOnce c) {
      dueAtOnce.put(c.campaignId(), c.now());
    } else if (change instanceof Change.AddressesKnown c) {
      addresses.put(new Customer(c.tenant(), c.customerId()), c);
    } else {
      throw new IllegalStateException("an unknown change: " + change.getClass().getSimpleName());
    }
  }

  boolean isEmpty() {
    return counters.isEmpty()
        && communications.isEmpty()
        && campaigns.isEmpty()
        && runs.isEmpty()
        && dueWork.isEmpty()
        && dueAtOnce.isEmpty()
        && addresses.isEmpty();
  }

  Map<CounterKey, Long> counters() {
    return counters;
  }

  Map<CommunicationKey, Communication> communications() {
    return communications;
  }

  Map<String, Change.CampaignChanged> campaigns() {
    return campaigns;
  }

  Set<String> runs() {
    return runs;
  }

  /** The last word on each key: put, or (empty) dropped. */
  Map<DueWorkStore.Key, Optional<Put>> dueWork() {
    return dueWork;
  }

  Map<String, Instant> dueAtOnce() {
    return dueAtOnce;
  }

  Map<Customer, Change.AddressesKnown> addresses() {
    return addresses;
  }
}

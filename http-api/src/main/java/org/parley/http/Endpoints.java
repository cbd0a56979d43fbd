package org.parley.http;

import java.util.List;
import java.util.stream.Stream;

/** The table of everything that answers. */
final class Endpoints {
  private Endpoints() {}

  static List<Endpoint> of(
      Audiences audiences,
      Campaigns campaigns,
      CampaignEvents events,
      Customers customers,
      Messages messages,
      Unsubscribe unsubscribe,
      Carriers carriers,
      Members members,
      Operations operations,
      Documentation documentation) {
    return Stream.of(
            audiences.endpoints(),
            campaigns.endpoints(),
            events.endpoints(),
            customers.endpoints(),
            messages.endpoints(),
            unsubscribe.endpoints(),
            carriers.endpoints(),
            members.endpoints(),
            operations.endpoints(),
            documentation.endpoints())
        .flatMap(List::stream)
        .toList();
  }
}

package org.parley.core.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.parley.core.spi.WireMessage;

/**
 * What an agent or a client needs to know of a customer at this moment.
 *
 * @param touches the steps of campaigns and messages that are open or were the latest, newest first
 * @param marketingContacts times of the marketing messages that still count against caps
 * @param lastReplyAt when the customer last answered
 * @param asOf when the conversation said so
 */
public record CustomerContext(
    CustomerView customer,
    List<Touch> touches,
    List<Instant> marketingContacts,
    Optional<Instant> lastReplyAt,
    Instant asOf)
    implements WireMessage {
  public CustomerContext {
    touches = List.copyOf(touches);
    marketingContacts = List.copyOf(marketingContacts);
  }

  /**
   * One touch.
   *
   * @param state {@code scheduled}, {@code held}, {@code granted} or a {@link Communication.State}
   */
  public record Touch(
      StepKey key, String state, Optional<String> reason, Optional<Instant> due, Instant at) {}
}

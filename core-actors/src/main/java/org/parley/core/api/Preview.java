package org.parley.core.api;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * A step's message with one customer's values filled in.
 *
 * @param sms how a text message goes out; absent on other channels
 */
public record Preview(
    String stepId,
    Channel channel,
    Optional<String> to,
    RenderedMessage message,
    List<String> warnings,
    Optional<Sms> sms) {

  /**
   * How a text message goes out.
   *
   * @param encoding {@code gsm} or {@code ucs2}
   * @param segments how many messages the network carries and bills
   * @param cost of all segments, in the currency of {@code parley.sms.cost-per-segment}; absent
   *     when no cost is set
   */
  public record Sms(String encoding, int segments, Optional<BigDecimal> cost) {}

  /** A preview of anything but a text message. */
  public Preview(
      String stepId,
      Channel channel,
      Optional<String> to,
      RenderedMessage message,
      List<String> warnings) {
    this(stepId, channel, to, message, warnings, Optional.empty());
  }

  public Preview {
    warnings = List.copyOf(warnings);
  }
}

package org.parley.core.api;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a customer apart from consent and history.
 *
 * @param email an address as RFC 5321 allows it, or RFC 6531 with a local part in UTF-8
 * @param phone a number in E.164 form
 * @param timeZone an IANA zone id
 * @param locale a BCP 47 language tag
 * @param attributes values for templates, at most 100 of them
 * @param asOf when this was true; the later of two profiles wins
 */
public record Profile(
    Optional<String> email,
    Optional<String> phone,
    Optional<String> timeZone,
    Optional<String> locale,
    Map<String, String> attributes,
    Instant asOf) {

  /** Nothing known. */
  public static final Profile EMPTY =
      new Profile(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Instant.EPOCH);

  public Profile {
    timeZone = Shared.text(timeZone);
    locale = Shared.text(locale);
    attributes = Shared.keys(attributes);
  }

  /** The same, true at another moment. */
  public Profile at(Instant moment) {
    return new Profile(email, phone, timeZone, locale, attributes, moment);
  }

  /** Where a channel would reach the customer. */
  public Optional<String> address(Channel channel) {
    return channel == Channel.EMAIL ? email : phone;
  }
}

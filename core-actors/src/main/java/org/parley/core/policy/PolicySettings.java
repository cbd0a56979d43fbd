package org.parley.core.policy;

import com.typesafe.config.Config;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.parley.core.api.CampaignDefinition.QuietHours;

/**
 * The node's own rules, where a campaign says nothing.
 *
 * @param quietHours the customer's local hours in which marketing rests
 * @param defaultZone for customers whose zone is not known
 * @param requireOptIn whether silence is no consent to marketing
 */
public record PolicySettings(
    Optional<QuietHours> quietHours, ZoneId defaultZone, boolean requireOptIn) {

  /** Reads {@code parley.policy}. */
  public static PolicySettings from(Config config) {
    Config policy = config.getConfig("parley.policy");
    return new PolicySettings(
        quietHours(policy.getString("quiet-hours")),
        zone(policy.getString("default-time-zone")),
        policy.getBoolean("marketing-requires-opt-in"));
  }

  private static Optional<QuietHours> quietHours(String text) {
    if (text.equals("off")) return Optional.empty();
    String[] ends = text.split("-", -1);
    try {
      if (ends.length == 2) {
        LocalTime from = LocalTime.parse(ends[0].trim());
        LocalTime to = LocalTime.parse(ends[1].trim());
        if (!from.equals(to)) return Optional.of(new QuietHours(from, to));
      }
    } catch (DateTimeParseException e) {
      throw badHours(text, e);
    }
    throw badHours(text, null);
  }

  private static IllegalArgumentException badHours(
      String text, @org.jspecify.annotations.Nullable Exception cause) {
    return new IllegalArgumentException(
        "parley.policy.quiet-hours = \""
            + text
            + "\": allowed are off, or two different times such as 21:00-08:00",
        cause);
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "parley.policy.default-time-zone = \"" + text + "\": allowed is an IANA zone id", e);
    }
  }
}

package org.parley.core.engine;

import com.typesafe.config.Config;
import java.math.BigDecimal;
import java.util.Optional;
import org.parley.core.audience.AudienceImport;
import org.parley.core.check.ProfileCheck;

/**
 * What the engine reads once from the configuration.
 *
 * @param publicUrl where customers reach this installation, without a slash at the end; may be
 *     empty
 * @param profiles knows the region of phone numbers that name none
 * @param smsCostPerSegment what previews count with; zero when nobody knows
 */
record EngineSettings(
    String publicUrl,
    ProfileCheck profiles,
    AudienceImport.Limits importLimits,
    BigDecimal smsCostPerSegment) {
  private static final BigDecimal MAX_COST = BigDecimal.valueOf(1_000_000);

  static EngineSettings from(Config config) {
    String url = config.getString("parley.public-url");
    if (!url.isEmpty() && !url.startsWith("http://") && !url.startsWith("https://")) {
      throw new IllegalArgumentException(
          "parley.public-url = \"" + url + "\": allowed is an http or https URL");
    }
    String region = config.getString("parley.default-region");
    Optional<String> known = region.equals("ZZ") ? Optional.empty() : Optional.of(region);
    long maxRow = config.getBytes("parley.import.max-line");
    if (maxRow < 1024 || maxRow > 16 * 1024 * 1024) {
      throw new IllegalArgumentException(
          "parley.import.max-line = " + maxRow + ": allowed is 1 KiB to 16 MiB");
    }
    return new EngineSettings(
        url.endsWith("/") ? url.substring(0, url.length() - 1) : url,
        new ProfileCheck(known),
        new AudienceImport.Limits((int) maxRow, known),
        cost(config.getString("parley.sms.cost-per-segment")));
  }

  private static BigDecimal cost(String text) {
    try {
      BigDecimal cost = new BigDecimal(text);
      if (cost.signum() >= 0 && cost.compareTo(MAX_COST) <= 0 && cost.scale() <= 9) return cost;
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "parley.sms.cost-per-segment = " + text + ": allowed is 0 to 1000000, with 9 decimals");
  }
}

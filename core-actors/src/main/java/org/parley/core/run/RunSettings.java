package org.parley.core.run;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * The numbers of {@code parley.run}; reference.conf says what each does.
 *
 * @param parallelism customers asked at a time in one slice of one campaign
 * @param page members read at a time
 * @param window members held at a time, when one that has not answered keeps the cursor back
 * @param pollEvery how often open runs are looked for
 * @param askAgainAfter when a customer that has not answered is asked again
 * @param cursorEvery how often a cursor that has moved is made durable
 * @param maxCampaigns campaigns that one slice works on at a time; the others wait
 */
public record RunSettings(
    int parallelism,
    int page,
    int window,
    Duration pollEvery,
    Duration askAgainAfter,
    Duration cursorEvery,
    int maxCampaigns) {

  public static RunSettings from(Config config) {
    Config c = config.getConfig("parley.run");
    int page = between(c, "page", 10, 10_000);
    return new RunSettings(
        between(c, "parallelism", 1, 10_000),
        page,
        // A window without room for a page would never read a second one.
        between(c, "window", Math.max(100, page), 1_000_000),
        c.getDuration("poll-every"),
        c.getDuration("ask-again-after"),
        c.getDuration("cursor-every"),
        between(c, "max-campaigns", 1, 1_000));
  }

  private static int between(Config c, String key, int min, int max) {
    int value = c.getInt(key);
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "parley.run." + key + " = " + value + ": allowed is " + min + " to " + max);
    }
    return value;
  }
}

package org.parley.agents.lane;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.parley.agents.settings.Checked;

/**
 * How an email lane treats the domains that receive.
 *
 * @param usual what holds for a domain that is not named
 * @param named by the domain's name in lower case
 * @param queue how many attempts may wait for one domain
 * @param remembered how many domains are known at a time; 0 when none is told from another
 * @param backoffMin the first pause of a domain that put an attempt off; it doubles
 * @param backoffMax the longest pause
 */
public record DomainSettings(
    Limits usual,
    Map<String, Limits> named,
    int queue,
    int remembered,
    Duration backoffMin,
    Duration backoffMax) {

  /** For lanes that treat all receivers alike: no domain is told from another. */
  public static final DomainSettings NONE =
      new DomainSettings(
          new Limits(1000, 1_000_000),
          Map.of(),
          1000,
          0,
          Duration.ofSeconds(1),
          Duration.ofMinutes(10));

  /**
   * What one domain is given.
   *
   * @param connections how many attempts may be on the wire to it at a time
   * @param perSecond how many may start a second
   */
  public record Limits(int connections, int perSecond) {
    private static Limits read(Checked config) {
      return new Limits(
          config.number("connections", 1, 1000), config.number("per-second", 1, 1_000_000));
    }
  }

  public DomainSettings {
    named = Map.copyOf(named);
  }

  boolean tellsApart() {
    return remembered > 0;
  }

  Limits of(String domain) {
    return named.getOrDefault(domain, usual);
  }

  /** Reads a carrier's {@code domain-defaults} and {@code domains}; none where it has none. */
  static DomainSettings read(Checked carrier) {
    if (!carrier.config().hasPath("domain-defaults")) return NONE;
    Checked defaults = carrier.part("domain-defaults");
    return new DomainSettings(
        Limits.read(defaults),
        named(carrier, defaults.config()),
        defaults.number("queue", 1, 1_000_000),
        defaults.number("remembered", 1, 1_000_000),
        defaults.time("backoff-min", Duration.ofMillis(1), Duration.ofHours(1)),
        defaults.time("backoff-max", Duration.ofMillis(1), Duration.ofHours(24)));
  }

  private static Map<String, Limits> named(Checked carrier, Config defaults) {
    Map<String, Limits> named = new HashMap<>();
    ConfigObject domains = carrier.config().getObject("domains");
    for (String domain : domains.keySet()) {
      String key = "domains." + ConfigUtil.quoteString(domain);
      if (domains.toConfig().getValue(ConfigUtil.quoteString(domain)).valueType()
          != ConfigValueType.OBJECT) {
        throw carrier.bad(key, "no object", "connections and per-second of one domain, in quotes");
      }
      Config own = carrier.config().getConfig(key);
      for (String word : own.root().keySet()) {
        if (!word.equals("connections") && !word.equals("per-second")) {
          throw carrier.bad(
              key, "with " + word, "connections and per-second; a domain stands in quotes");
        }
      }
      Checked full = new Checked(own.withFallback(defaults), carrier.path() + '.' + key);
      named.put(domain.toLowerCase(Locale.ROOT), Limits.read(full));
    }
    return named;
  }
}

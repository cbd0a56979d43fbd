package org.parley.core.conversation;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.metric.Histogram;
import kamon.metric.MeasurementUnit;
import kamon.tag.TagSet;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;

/** The metrics of conversations. No label names a person. */
final class Telemetry {
  private record ContactKey(Channel channel, String outcome, String reason) {}

  private static final ConcurrentHashMap<ContactKey, Counter> CONTACTS = new ConcurrentHashMap<>();
  private static final ConcurrentHashMap<Channel, Histogram> ACCEPTANCE = new ConcurrentHashMap<>();

  private Telemetry() {}

  /** One decision or outcome; reasons come from a fixed set of words. */
  static void contact(Channel channel, String outcome, String reason) {
    CONTACTS
        .computeIfAbsent(
            new ContactKey(channel, outcome, reason),
            k ->
                Kamon.counter("parley.contacts")
                    .withTags(
                        TagSet.builder()
                            .add("channel", channel.label())
                            .add("outcome", outcome)
                            .add("reason", reason)
                            .build()))
        .increment();
  }

  static void settled(Touch touch, Outcome outcome, Instant now) {
    String kind = outcome.kind().name().toLowerCase(Locale.ROOT);
    contact(touch.channel(), kind, outcome.reason().orElse("none"));
    if (outcome.kind() == Outcome.Kind.ACCEPTED) {
      accepted(touch.channel(), Duration.between(touch.grantedAt().orElse(now), now));
    }
  }

  private static void accepted(Channel channel, Duration sinceGrant) {
    ACCEPTANCE
        .computeIfAbsent(
            channel,
            c ->
                Kamon.histogram("parley.grant-to-acceptance", MeasurementUnit.time().milliseconds())
                    .withTag("channel", c.label()))
        .record(Math.max(0, sinceGrant.toMillis()));
  }
}

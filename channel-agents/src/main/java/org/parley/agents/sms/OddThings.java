package org.parley.agents.sms;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.tag.TagSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what a carrier should not do, and logs each kind once. */
final class OddThings {
  private static final Logger LOG = LoggerFactory.getLogger(OddThings.class);

  private final String carrier;
  private final ConcurrentMap<String, Counter> counters = new ConcurrentHashMap<>();

  OddThings(String carrier) {
    this.carrier = carrier;
  }

  /**
   * One more.
   *
   * @param kind a stable word of a small set, for the counter {@code parley.sms.odd}
   * @param what it was, without personal data
   */
  void saw(String kind, String what) {
    counters.computeIfAbsent(kind, k -> first(k, what)).increment();
  }

  private Counter first(String kind, String what) {
    LOG.warn("Carrier {} sent {}; from now on it is only counted as {}", carrier, what, kind);
    return Kamon.counter("parley.sms.odd")
        .withTags(TagSet.builder().add("carrier", carrier).add("kind", kind).build());
  }
}

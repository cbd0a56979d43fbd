package org.parley.agents.email.inbound;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import kamon.Kamon;
import kamon.metric.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what comes in, by words of our own, as {@code parley.inbound.email}. What strangers do
 * wrong is logged the first time only: they could fill a disk.
 */
final class InboundMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(InboundMetrics.class);

  private final ConcurrentMap<String, Counter> counters = new ConcurrentHashMap<>();
  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  void count(String what) {
    counters
        .computeIfAbsent(what, word -> Kamon.counter("parley.inbound.email").withTag("kind", word))
        .increment();
  }

  /** Counts something that should not be, and logs its first time. */
  void odd(String what) {
    count(what);
    if (logged.add(what)) {
      LOG.warn("Inbound email: {}. The next ones are only counted, in parley.inbound.email", what);
    }
  }
}

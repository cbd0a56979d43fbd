package org.parley.context;

import kamon.Kamon;
import kamon.metric.Counter;
import kamon.metric.Histogram;
import kamon.metric.MeasurementUnit;

/** What the near cache tells of itself: hits, misses, failed loads, and how old its answers are. */
final class CacheMetrics {
  private final Counter hits = reads("hit");
  private final Counter misses = reads("miss");
  private final Counter joined = reads("joined");
  private final Counter failures =
      Kamon.counter("parley.context.load-failures", "Loads of a context that failed.")
          .withoutTags();
  private final Histogram ageMillis =
      Kamon.histogram(
              "parley.context.age",
              "How old answers from the near cache were.",
              MeasurementUnit.time().milliseconds())
          .withoutTags();

  void hit(long answerAgeMillis) {
    hits.increment();
    ageMillis.record(answerAgeMillis);
  }

  void miss() {
    misses.increment();
  }

  /** A read that shares a load which another read began. */
  void joined() {
    joined.increment();
  }

  void failed() {
    failures.increment();
  }

  private static Counter reads(String result) {
    return Kamon.counter("parley.context.reads", "Reads of a customer's context by result.")
        .withTag("result", result);
  }
}

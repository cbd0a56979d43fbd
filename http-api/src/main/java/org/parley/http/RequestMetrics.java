package org.parley.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import kamon.Kamon;
import kamon.metric.Timer;
import kamon.tag.TagSet;

/** How often one endpoint answered, with which class of status, and how long it took. */
final class RequestMetrics {
  private static final int CLASSES = 6;

  private final TagSet tags;
  private final AtomicReferenceArray<Timer> byClass = new AtomicReferenceArray<>(CLASSES);

  RequestMetrics(String method, String path) {
    tags = TagSet.builder().add("method", method).add("route", path).build();
  }

  void answered(int status, long nanos) {
    int group = Math.min(status / 100, CLASSES - 1);
    Timer timer = byClass.get(group);
    if (timer == null) {
      timer =
          Kamon.timer("parley.http.requests", "Time until an answer was ready.")
              .withTags(tags.withTag("status", group + "xx"));
      byClass.set(group, timer);
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }
}

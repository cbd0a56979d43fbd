package org.parley.node;

import com.typesafe.config.Config;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import kamon.Kamon;
import kamon.metric.Gauge;
import kamon.metric.MeasurementUnit;
import kamon.module.Module;
import kamon.prometheus.PrometheusReporter;
import org.apache.pekko.actor.typed.ActorSystem;

/** The metrics of this process, in the form that Prometheus reads. One a process. */
final class Observability {
  private static final Duration HEAP_EVERY = Duration.ofMillis(250);

  private final PrometheusReporter reporter;
  private final Module.Registration registration;
  private long heapPeak;

  private Observability(PrometheusReporter reporter) {
    this.reporter = reporter;
    this.registration = Kamon.addReporter("parley-prometheus", reporter);
  }

  /** Starts collecting. */
  static Observability start(Config config, ActorSystem<?> system) {
    Kamon.init(config);
    Observability observability =
        new Observability(new PrometheusReporter("kamon.prometheus", config));
    Gauge heap =
        Kamon.gauge("parley.heap-peak", MeasurementUnit.information().bytes()).withoutTags();
    system
        .scheduler()
        .scheduleWithFixedDelay(
            Duration.ZERO,
            HEAP_EVERY,
            () -> observability.measure(heap),
            system.executionContext());
    return observability;
  }

  private void measure(Gauge heap) {
    long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    heapPeak = Math.max(heapPeak, used);
    heap.update((double) heapPeak);
  }

  /** What {@code /metrics} answers. */
  String scrape() {
    return reporter.scrapeData();
  }

  void stop() {
    registration.cancel();
  }
}

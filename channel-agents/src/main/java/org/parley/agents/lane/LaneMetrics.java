package org.parley.agents.lane;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.metric.Gauge;
import kamon.metric.Timer;
import kamon.tag.TagSet;
import org.parley.core.api.Outcome;

/** What a lane tells the operator. Labels are carrier, kind and reason: never an id. */
final class LaneMetrics {
  private final String carrier;
  private final Gauge depth;
  private final Gauge inFlight;
  private final Gauge breaker;
  private final Gauge ownPerSecond;
  private final Gauge domainsBackingOff;
  private final Gauge domainsKnown;
  private final Timer wireTime;
  private final Counter accepted;
  private final ConcurrentMap<String, Counter> others = new ConcurrentHashMap<>();

  LaneMetrics(String carrier) {
    this.carrier = carrier;
    this.depth = Kamon.gauge("parley.lane.depth").withTag("carrier", carrier);
    this.inFlight = Kamon.gauge("parley.lane.in-flight").withTag("carrier", carrier);
    this.breaker = Kamon.gauge("parley.lane.breaker").withTag("carrier", carrier);
    this.ownPerSecond = Kamon.gauge("parley.lane.own-per-second").withTag("carrier", carrier);
    this.domainsBackingOff =
        Kamon.gauge("parley.lane.domains-backing-off").withTag("carrier", carrier);
    this.domainsKnown = Kamon.gauge("parley.lane.domains-known").withTag("carrier", carrier);
    this.wireTime = Kamon.timer("parley.carrier.wire-time").withTag("carrier", carrier);
    this.accepted = counter("ACCEPTED", "none");
  }

  /** Counts one answer of the lane. */
  void answered(Outcome outcome) {
    if (outcome.kind() == Outcome.Kind.ACCEPTED) {
      accepted.increment();
      return;
    }
    String reason = outcome.reason().orElse("none");
    String kind = outcome.kind().name();
    others.computeIfAbsent(kind + ' ' + reason, ignored -> counter(kind, reason)).increment();
  }

  void wireTime(long nanos) {
    wireTime.record(nanos);
  }

  /** Sets what is looked at from time to time; a gauge per message would cost too much. */
  void state(int queued, int onWire, int breakerState) {
    depth.update(queued);
    inFlight.update(onWire);
    breaker.update(breakerState);
  }

  /**
   * What the node may start a second by itself while nobody lends the rate; 0 while somebody does.
   */
  void ownPerSecond(double perSecond) {
    ownPerSecond.update(perSecond);
  }

  /** How many receiving domains are left alone now, and how many are known. */
  void domains(int backingOff, int known) {
    domainsBackingOff.update(backingOff);
    domainsKnown.update(known);
  }

  private Counter counter(String kind, String reason) {
    return Kamon.counter("parley.carrier.outcomes")
        .withTags(
            TagSet.builder()
                .add("carrier", carrier)
                .add("kind", kind)
                .add("reason", reason)
                .build());
  }
}

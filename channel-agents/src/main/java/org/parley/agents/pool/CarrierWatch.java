package org.parley.agents.pool;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kamon.Kamon;
import kamon.metric.Gauge;
import org.parley.agents.lane.Lane;
import org.parley.agents.lane.LaneReport;
import org.parley.core.api.CarrierState;
import org.parley.core.api.Channel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator when a carrier's state changes, and when a channel has none left. */
final class CarrierWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CarrierWatch.class);

  private final Channel channel;
  private final List<Lane> lanes;
  private final Gauge usable;
  private final Map<String, CarrierState> seen = new HashMap<>();
  private boolean someLeft = true;

  CarrierWatch(Channel channel, List<Lane> lanes) {
    this.channel = channel;
    this.lanes = lanes;
    this.usable = Kamon.gauge("parley.agents.usable-carriers").withTag("channel", channel.label());
  }

  /** Looks at the lanes; it may come from several threads, one at a time. */
  synchronized void look() {
    int open = 0;
    for (Lane lane : lanes) {
      LaneReport report = lane.report();
      CarrierState state = report.here().state();
      if (state.isUsable()) open++;
      CarrierState before = seen.put(report.carrier(), state);
      if (state == (before == null ? CarrierState.CLOSED : before)) continue;
      LOG.warn(
          "Carrier {} of {}: {} ({})",
          report.carrier(),
          channel.label(),
          state.label(),
          report.here().why());
    }
    usable.update(open);
    if (lanes.isEmpty() || someLeft == open > 0) return;
    someLeft = open > 0;
    if (someLeft) LOG.warn("A carrier of {} is back: who waited for it is served", channel.label());
    else LOG.warn("No carrier of {} is left here: who has none elsewhere waits", channel.label());
  }
}

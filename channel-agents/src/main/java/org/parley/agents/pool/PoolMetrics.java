package org.parley.agents.pool;

import kamon.Kamon;
import kamon.metric.Gauge;
import org.parley.core.api.Channel;

/** What a pool tells the operator. */
final class PoolMetrics {
  private final Gauge instances;
  private final Gauge busy;
  private final Gauge waiting;

  PoolMetrics(Channel channel) {
    this.instances = Kamon.gauge("parley.agents.instances").withTag("channel", channel.label());
    this.busy = Kamon.gauge("parley.agents.busy").withTag("channel", channel.label());
    this.waiting = Kamon.gauge("parley.agents.waiting").withTag("channel", channel.label());
  }

  void state(int agents, int operations, int whoWait) {
    instances.update(agents);
    busy.update(operations);
    waiting.update(whoWait);
  }
}

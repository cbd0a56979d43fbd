package org.parley.core.spi;

import java.util.List;
import java.util.function.Function;
import org.parley.core.api.RenderedMessage;

/** Starts a node's agent pools, one a channel. */
@FunctionalInterface
public interface AgentPools {
  /**
   * Starts them.
   *
   * @param gate what a lane asks right before the wire
   * @param renderer fills in an attempt's template; throws when the template cannot be filled in
   */
  List<AgentPool> start(WireGate gate, Function<Attempt, RenderedMessage> renderer);
}

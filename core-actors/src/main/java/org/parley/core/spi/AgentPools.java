package org.parley.core.spi;

import java.util.List;

/** Starts a node's agent pools, one a channel. */
@FunctionalInterface
public interface AgentPools {
  /** Starts them. */
  List<AgentPool> start(AgentTools tools);
}

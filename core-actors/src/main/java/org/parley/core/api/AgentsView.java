package org.parley.core.api;

import java.time.Instant;
import java.util.Optional;

/**
 * The agents of one channel on one node.
 *
 * @param node the node's address in the cluster
 * @param instances how many agents there are now
 * @param operationsPerInstance how many operations one agent has under way at most
 * @param busy operations under way, from the grant to the durable outcome
 * @param places operations that may be under way, those of borrowed agents included; few or none
 *     while the channel's carriers take nothing, so that nobody is granted what cannot leave
 * @param borrowed places that other nodes' agents have lent to this node, or hold while they cannot
 *     be reached
 * @param waiting conversations that wait for a place
 */
public record AgentsView(
    String node,
    Channel channel,
    int instances,
    int min,
    int max,
    int operationsPerInstance,
    int busy,
    int places,
    int borrowed,
    int waiting,
    Optional<Resize> lastResize) {

  /**
   * The latest change of the number of agents.
   *
   * @param why in words
   */
  public record Resize(int from, int to, String why, Instant at) {}
}

package org.parley.core.api;

import java.time.Instant;
import java.util.List;

/**
 * A carrier over all nodes that use it.
 *
 * @param priority its place in the channel's failover chain; the lowest goes first
 * @param state the worst of its nodes
 * @param why the state in words
 * @param since when the state began
 * @param queue how many attempts wait for it
 * @param onWire how many attempts it has been asked and has not answered
 * @param perSecond how many attempts may start a second, on all nodes together
 */
public record CarrierView(
    String name,
    Channel channel,
    int priority,
    CarrierState state,
    String why,
    Instant since,
    int queue,
    int onWire,
    int perSecond,
    List<OnNode> nodes) {
  public CarrierView {
    nodes = List.copyOf(nodes);
  }

  /**
   * The carrier as one node sees it.
   *
   * @param node the node's address in the cluster
   * @param backOffs domains that are spared for a while, and until when, in words
   */
  public record OnNode(
      String node,
      CarrierState state,
      String why,
      Instant since,
      int queue,
      int onWire,
      List<String> backOffs) {
    public OnNode {
      backOffs = List.copyOf(backOffs);
    }
  }
}

package org.parley.core.api;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What those who run a cluster see of its agents and carriers, and what they may order. A node that
 * does not answer within a few seconds is left out.
 */
public interface Operators {
  /** The agents of every node, by node and channel. */
  CompletionStage<List<AgentsView>> agents();

  /** The carriers, by channel and priority. */
  CompletionStage<List<CarrierView>> carriers();

  /**
   * Orders something of a carrier on every node. The order stands until another one, also on nodes
   * that start later, and after all have ended. The same order again is fine.
   *
   * @return the carrier after it; fails with {@link RefusedException} when no node has this
   *     carrier, and as busy when the nodes follow the order but the database does not keep it
   */
  CompletionStage<CarrierView> order(String carrier, CarrierOrder order);
}

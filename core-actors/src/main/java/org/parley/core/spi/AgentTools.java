package org.parley.core.spi;

import java.time.InstantSource;
import java.util.function.Function;
import org.parley.core.api.RenderedMessage;

/**
 * What agents need of the engine.
 *
 * @param gate what a lane asks right before the wire
 * @param renderer fills in an attempt's template; throws when the template cannot be filled in
 * @param inbound where what comes back goes
 * @param submissions the index for receipts
 * @param orders what operators want of carriers
 * @param clock the time by which grants end, the same for all nodes
 */
public record AgentTools(
    WireGate gate,
    Function<Attempt, RenderedMessage> renderer,
    Inbound inbound,
    SubmissionStore submissions,
    CarrierOrderStore orders,
    InstantSource clock) {

  /** The same with another clock. */
  public AgentTools timedBy(InstantSource other) {
    return new AgentTools(gate, renderer, inbound, submissions, orders, other);
  }
}

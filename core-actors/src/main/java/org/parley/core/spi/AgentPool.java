package org.parley.core.spi;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;

/**
 * A node's agents for one channel. A conversation takes one of the {@link #places} before it
 * grants, and the place is given back once the outcome is durable; so what is granted and not
 * settled is bounded by the places, however slow the carriers are.
 */
public interface AgentPool {
  Channel channel();

  Places places();

  /**
   * Whether the channel's carriers take nothing at the moment, or only what tries them. The
   * audience of a campaign waits for a place then; what is woken comes again, so that it keeps
   * nobody from being woken for another channel.
   */
  default boolean isShut() {
    return places().capacity() == 0;
  }

  /** Until when it is shut, where its carriers say so. */
  default Optional<Instant> shutUntil() {
    return Optional.empty();
  }

  /**
   * Performs an attempt. The callback comes exactly once, on any thread, within the carrier's call
   * timeout, which only counts while the node runs, and the attempt's life; it must not block. A
   * pool that cannot take it says {@code NOT_SENT}.
   */
  void deliver(Attempt attempt, Consumer<Outcome> whenSettled);

  /**
   * Takes nothing more, and ends once nothing is under way and every outcome is durable, or after a
   * while that its settings say; what is under way then is {@code NOT_SENT} before the wire, {@code
   * UNKNOWN} on it. Asked again, it answers the same. By default there is nothing to wait for.
   */
  default CompletionStage<Done> drain() {
    return CompletableFuture.completedFuture(Done.done());
  }
}

package org.parley.context.api;

import java.util.concurrent.CompletionStage;

/** Answers what is known of a customer at this moment, fast and never much too old. */
public interface CustomerContexts {
  /**
   * The context of a customer. It is never older than the configured time to live, and never older
   * than the last write to that conversation on this node.
   *
   * @return fails as {@link org.parley.core.api.Parley#context} does, and with {@link
   *     org.parley.core.api.RefusedException} (busy) when too many loads are under way
   */
  CompletionStage<CachedContext> context(String customerId);

  /**
   * Makes the next answer for this customer a fresh one. Writes on this node call it by themselves;
   * whoever writes through this node to a conversation that lives on another one calls it too, so
   * that they read what they wrote.
   */
  void forget(String customerId);
}

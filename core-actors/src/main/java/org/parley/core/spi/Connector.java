package org.parley.core.spi;

import java.util.concurrent.CompletionStage;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;

/**
 * Speaks a carrier's protocol. It sends under the attempt's id, never twice for one call, and
 * always answers: a failure is an {@link Outcome}, not a failed future. It says {@code NOT_SENT}
 * only when the carrier certainly did not take the message, and {@code UNKNOWN} whenever it may
 * have.
 */
public interface Connector extends AutoCloseable {
  /** The carrier's name in the configuration. */
  String carrier();

  Channel channel();

  /** Sends one attempt. Call it for at most as many attempts at a time as it has connections. */
  CompletionStage<Outcome> send(Attempt attempt);

  /**
   * Does what the first attempt would wait for otherwise, such as opening a connection, and sends
   * nothing. Called once, before the first attempt; returns at once, and may fail without a word.
   */
  default void warmUp() {}

  /** Ends its connections; what is under way is answered. */
  @Override
  void close();
}

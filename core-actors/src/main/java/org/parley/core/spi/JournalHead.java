package org.parley.core.spi;

import java.util.concurrent.CompletionStage;

/**
 * How far the journal goes. An entity that has been taken over, or whose write was given up in
 * doubt, may have been written to after its present incarnation had read; only the journal knows.
 */
@FunctionalInterface
public interface JournalHead {
  /**
   * The number of the last event of a persistence id, 0 when there is none. It counts all that was
   * durable when it was asked. Fails when the journal does not answer.
   */
  CompletionStage<Long> last(String persistenceId);
}

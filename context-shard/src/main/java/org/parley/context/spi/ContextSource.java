package org.parley.context.spi;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.parley.core.api.CustomerContext;

/** Where context comes from, and who says when it has changed. */
public interface ContextSource {
  /** Asks for the context as it is now. Never blocks; a failure is a failed future. */
  CompletionStage<CustomerContext> context(String customerId);

  /**
   * Calls back with the customer's id after each change that this node makes, and before the change
   * is acknowledged to whoever asked for it. The callback is quick and does not fail.
   */
  AutoCloseable onChange(Consumer<String> listener);
}

package org.parley.context;

import com.github.benmanes.caffeine.cache.Ticker;
import com.typesafe.config.Config;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.parley.context.api.CustomerContexts;
import org.parley.context.spi.ContextSource;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.Parley;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The door of the module: starts the retrieval of customers' contexts on a node. */
public final class ContextShard {
  private static final Logger log = LoggerFactory.getLogger(ContextShard.class);

  private ContextShard() {}

  /**
   * Checks the settings under {@code parley.context} without starting anything.
   *
   * @throws IllegalArgumentException when one is out of bounds
   */
  public static void check(Config config) {
    CacheSettings unused = CacheSettings.from(config);
  }

  /**
   * Answers contexts from the live conversations through a near cache, until the actor system ends.
   *
   * @throws IllegalArgumentException when a setting under {@code parley.context} is out of bounds
   */
  public static CustomerContexts start(ActorSystem<?> system, Parley parley) {
    return start(system, new LiveConversations(parley));
  }

  /** Answers contexts from another source through the same near cache. */
  public static CustomerContexts start(ActorSystem<?> system, ContextSource source) {
    CacheSettings settings = CacheSettings.from(system.settings().config());
    NearCache cache = new NearCache(source, settings, new CacheMetrics(), Ticker.systemTicker());
    AutoCloseable listening = source.onChange(cache::forget);
    CompletionStage<Done> unused =
        system.getWhenTerminated().whenComplete((done, failure) -> close(listening));
    return cache;
  }

  private static void close(AutoCloseable listening) {
    try {
      listening.close();
    } catch (Exception e) {
      log.warn("a listener for conversation writes did not close", e);
    }
  }

  private record LiveConversations(Parley parley) implements ContextSource {
    @Override
    public CompletionStage<CustomerContext> context(String customerId) {
      return parley.context(customerId);
    }

    @Override
    public AutoCloseable onChange(Consumer<String> listener) {
      return parley.onConversationWrite(listener);
    }
  }
}

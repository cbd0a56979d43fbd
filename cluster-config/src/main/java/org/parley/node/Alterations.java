package org.parley.node;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.pekko.actor.typed.ActorSystem;
import org.parley.core.api.Parley;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Stores;

/**
 * Where a fault test takes hold of a node. Every other node runs with {@link #NONE}.
 *
 * @param system is given the actor system before it joins
 * @param stores stands between the engine and its stores
 * @param pools stands between conversations and each agent pool
 * @param engine is given the stores and the engine that has started
 */
record Alterations(
    Consumer<ActorSystem<?>> system,
    UnaryOperator<Stores> stores,
    UnaryOperator<AgentPool> pools,
    BiConsumer<Stores, Parley> engine) {

  /** No fault. */
  static final Alterations NONE =
      new Alterations(
          system -> {}, UnaryOperator.identity(), UnaryOperator.identity(), (stores, parley) -> {});
}

package org.parley.node;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.apache.pekko.management.javadsl.ReadinessCheckSetup;

/**
 * What Pekko Management tells of a node: its cluster's members, and whether it lives and is ready.
 */
final class Management {
  private static final Duration START = Duration.ofSeconds(10);

  private Management() {}

  /**
   * Its readiness, to be given to the actor system.
   *
   * @param notReady the reasons why the node must get no requests; empty when it may
   */
  static Setup readiness(Supplier<CompletionStage<List<String>>> notReady) {
    return ReadinessCheckSetup.create(
        system -> List.of(() -> notReady.get().thenApply(List::isEmpty)));
  }

  /** Listens where the settings say, if they do, until the actor system ends. */
  static void start(ActorSystem<?> system, NodeSettings settings) {
    if (settings.managementPort() == 0) return;
    try {
      var unused =
          PekkoManagement.get(system)
              .start()
              .toCompletableFuture()
              .orTimeout(START.toMillis(), TimeUnit.MILLISECONDS)
              .join();
    } catch (CompletionException e) {
      throw new NodeUnavailable(
          "Cannot listen on "
              + settings.host()
              + ':'
              + settings.managementPort()
              + ": see parley.cluster.management-port.",
          e);
    }
  }
}

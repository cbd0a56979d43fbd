package org.parley.core.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;

/**
 * Asks entities, wherever they are. A question is lost when its entity moves to another node at
 * that moment.
 */
final class Questions {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofMillis(500);

  private Questions() {}

  /** Asks once; fails when no answer comes within 10 s. */
  static <M, R> CompletionStage<R> once(EntityRef<M> entity, Function<ActorRef<R>, M> question) {
    return entity.ask(question::apply, LIMIT);
  }

  /**
   * For what may be asked twice: again when no answer comes within 500 ms, then after twice the
   * time, and so on; fails when none has come within 10 s in all.
   */
  static <M, R> CompletionStage<R> repeated(
      EntityRef<M> entity, Function<ActorRef<R>, M> question) {
    return repeated(entity, question, SOON, LIMIT);
  }

  private static <M, R> CompletionStage<R> repeated(
      EntityRef<M> entity, Function<ActorRef<R>, M> question, Duration soon, Duration left) {
    if (soon.compareTo(left) >= 0) return entity.ask(question::apply, left);
    return entity
        .ask(question::apply, soon)
        .exceptionallyCompose(
            failure ->
                isTimeout(failure)
                    ? repeated(entity, question, soon.multipliedBy(2), left.minus(soon))
                    : CompletableFuture.failedStage(failure));
  }

  private static boolean isTimeout(Throwable failure) {
    return failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException;
  }
}

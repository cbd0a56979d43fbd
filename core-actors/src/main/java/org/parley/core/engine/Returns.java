package org.parley.core.engine;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound;

/** Brings what comes back from carriers to the conversation it belongs to. */
final class Returns implements Inbound {
  @Override
  public CompletionStage<Taken> reply(Reply reply) {
    return CompletableFuture.completedFuture(Taken.UNMATCHED);
  }

  @Override
  public CompletionStage<Taken> receipt(Receipt receipt) {
    return CompletableFuture.completedFuture(Taken.UNMATCHED);
  }

  @Override
  public CompletionStage<Taken> bounce(Bounce bounce) {
    return CompletableFuture.completedFuture(Taken.UNMATCHED);
  }

  @Override
  public Optional<String> returnToken(Attempt attempt) {
    return Optional.empty();
  }
}

package org.parley.agents.email;

import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.parley.agents.Attempts;
import org.parley.core.api.Outcome;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;

/** Connectors as the tests need them. */
final class Connectors {
  private Connectors() {}

  static SmtpConnector to(int port, String settings) {
    return to(port, settings, Connectors::message);
  }

  static RenderedMessage message(Attempt attempt) {
    return Attempts.message("Hello", "A text.\n.\nwith a dot\n");
  }

  static SmtpConnector to(int port, String settings, Function<Attempt, RenderedMessage> renderer) {
    return to(port, settings, renderer, InstantSource.system(), ForkJoinPool.commonPool());
  }

  /** One that goes by a clock of the test's. */
  static SmtpConnector to(int port, String settings, InstantSource clock) {
    return to(
        port,
        settings,
        attempt -> Attempts.message("Hello", "A text."),
        clock,
        ForkJoinPool.commonPool());
  }

  /**
   * @param signing where signatures are made
   */
  static SmtpConnector to(
      int port, String settings, Function<Attempt, RenderedMessage> renderer, Executor signing) {
    return to(port, settings, renderer, InstantSource.system(), signing);
  }

  private static SmtpConnector to(
      int port,
      String settings,
      Function<Attempt, RenderedMessage> renderer,
      InstantSource clock,
      Executor signing) {
    return SmtpConnector.open(
        "main",
        Attempts.carrier(port, settings),
        Attempts.parley(),
        renderer,
        attempt -> Optional.empty(),
        clock,
        ForkJoinPool.commonPool(),
        signing);
  }

  /** Sends and waits for the answer. */
  static Outcome send(Connector connector, Attempt attempt) throws Exception {
    return connector.send(attempt).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}

package org.parley.agents.email;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.parley.agents.settings.Checked;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;

/**
 * Speaks SMTP (RFC 5321) with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, STARTTLS and AUTH over
 * connections of its own. A message is written and sent on the event loop of its connection, so it
 * costs one hop at most.
 */
public final class SmtpConnector implements Connector {
  private final Transmission.SmtpParts parts;

  /**
   * Reads a carrier's part of the configuration; it connects when it warms up or first sends.
   *
   * @param parley the part {@code parley} of the configuration
   * @param renderer fills in a template; what it throws is {@code REJECTED template}
   * @param returnToken signs the addresses that answers and bounces come to, where there is a
   *     domain for them
   * @param blocking where a host name may be looked up
   * @param signing where DKIM signatures are made
   */
  public static SmtpConnector open(
      String carrier,
      Checked config,
      Checked parley,
      Function<Attempt, RenderedMessage> renderer,
      Function<Attempt, Optional<String>> returnToken,
      InstantSource clock,
      Executor blocking,
      Executor signing) {
    return new SmtpConnector(
        SmtpSettings.read(carrier, config, parley),
        renderer,
        Returns.read(parley, returnToken),
        clock,
        blocking,
        signing);
  }

  /** Reads a carrier's settings, to find a bad one. */
  public static void check(String carrier, Checked config, Checked parley) {
    SmtpSettings unused = SmtpSettings.read(carrier, config, parley);
    Returns unusedReturns = Returns.read(parley, attempt -> Optional.empty());
  }

  SmtpConnector(
      SmtpSettings settings,
      Function<Attempt, RenderedMessage> renderer,
      Returns returns,
      InstantSource clock,
      Executor blocking,
      Executor signing) {
    this.parts =
        new Transmission.SmtpParts(
            settings.carrier(),
            settings,
            settings.sender().returnPath().toString(),
            new SmtpConnections(settings, blocking),
            new MailWriter(settings.sender(), clock),
            renderer,
            returns,
            settings.dkim().map(dkim -> new DkimSigner(dkim, signing)),
            clock);
  }

  @Override
  public String carrier() {
    return parts.carrier();
  }

  @Override
  public Channel channel() {
    return Channel.EMAIL;
  }

  @Override
  public CompletionStage<Outcome> send(Attempt attempt) {
    return Transmission.start(parts, attempt);
  }

  /**
   * An attempt at nobody, whose grant has ended, goes all the way to the wire and is not sent: who
   * comes first does not wait for what has yet to be loaded and connected.
   */
  @Override
  public void warmUp() {
    CustomerKey nobody = new CustomerKey("warm-up", "default", "nobody");
    StepKey step = new StepKey("warm-up", "warm-up");
    Instant ended = parts.clock().instant();
    var unused =
        send(
            new Attempt(
                AttemptId.of(nobody, step, 1),
                nobody,
                step,
                1,
                Channel.EMAIL,
                Category.MARKETING,
                "nobody@warm-up.invalid",
                Profile.EMPTY,
                Template.text("Hello", "Hello {{name}}"),
                Optional.empty(),
                ended,
                ended));
  }

  /** How many connections are open, for those who watch. */
  int openConnections() {
    return parts.connections().openCount();
  }

  @Override
  public void close() {
    parts.connections().close();
  }
}

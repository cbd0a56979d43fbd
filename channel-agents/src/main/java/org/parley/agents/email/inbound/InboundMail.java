package org.parley.agents.email.inbound;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.parley.agents.settings.Checked;
import org.parley.core.spi.AgentTools;

/** Takes email that comes back, by SMTP, out of a mailbox, or both, until the node shuts down. */
public final class InboundMail {
  private static final Duration TICK = Duration.ofSeconds(1);

  private final Optional<SmtpDoor> smtp;
  private final Optional<ImapDoor> imap;
  private final Cancellable ticks;

  private InboundMail(ActorSystem<?> system, Optional<SmtpDoor> smtp, Optional<ImapDoor> imap) {
    this.smtp = smtp;
    this.imap = imap;
    this.ticks =
        system
            .scheduler()
            .scheduleAtFixedRate(
                TICK, TICK, () -> smtp.ifPresent(SmtpDoor::tick), system.executionContext());
  }

  /**
   * Reads {@code parley.inbound.email} and starts what is enabled there. The coordinated shutdown
   * ends it before the node leaves the cluster; who is not answered by then comes again.
   *
   * @return what was started; empty when nothing is enabled
   * @throws com.typesafe.config.ConfigException when a value is not allowed
   * @throws IllegalStateException with a sentence for a person when it cannot listen
   */
  public static Optional<InboundMail> startIfEnabled(ActorSystem<?> system, AgentTools tools) {
    InboundSettings settings = read(system.settings().config());
    if (settings.smtp().isEmpty() && settings.imap().isEmpty()) return Optional.empty();
    InboundMetrics metrics = new InboundMetrics();
    Intake intake = new Intake(tools.inbound(), settings, metrics, InstantSource.system());
    Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    Optional<SmtpDoor> smtp =
        settings.smtp().map(own -> SmtpDoor.open(settings, own, intake, metrics));
    Optional<ImapDoor> imap =
        settings.imap().map(own -> ImapDoor.open(settings, own, intake, metrics));
    InboundMail mail = new InboundMail(system, smtp, imap);
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseServiceUnbind(),
            "parley-inbound-mail",
            () -> mail.stop(blocking));
    return Optional.of(mail);
  }

  /**
   * Checks the settings without starting anything.
   *
   * @throws com.typesafe.config.ConfigException when a value is not allowed
   */
  public static void check(Config config) {
    InboundSettings unused = read(config);
  }

  /** The port that SMTP is spoken on; empty when it is not enabled. */
  public Optional<Integer> smtpPort() {
    return smtp.map(SmtpDoor::port);
  }

  private static InboundSettings read(Config config) {
    return InboundSettings.read(Checked.at(config, "parley.inbound.email"));
  }

  private CompletionStage<Done> stop(Executor blocking) {
    ticks.cancel();
    return CompletableFuture.supplyAsync(
        () -> {
          smtp.ifPresent(SmtpDoor::close);
          imap.ifPresent(ImapDoor::close);
          return Done.getInstance();
        },
        blocking);
  }
}

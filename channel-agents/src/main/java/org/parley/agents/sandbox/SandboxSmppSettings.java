package org.parley.agents.sandbox;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * How a sandbox SMSC behaves.
 *
 * @param port 0 takes a free one
 * @param password that a bind must have; empty takes every one
 * @param fsync whether a ledger line is on the disk before the answer
 * @param inboxMessages how many of the newest segments are kept
 * @param threads that answer submits, of each session, and that deliver, of all
 */
public record SandboxSmppSettings(
    String host,
    int port,
    String password,
    Optional<Path> ledger,
    boolean fsync,
    SmppMischief mischief,
    long seed,
    int inboxMessages,
    int threads) {

  /** Reads {@code parley.sandbox.smpp}. */
  public static SandboxSmppSettings read(Config root) {
    Checked config = Checked.at(root, "parley.sandbox.smpp");
    Duration hour = Duration.ofHours(1);
    return new SandboxSmppSettings(
        config.text("host"),
        config.number("port", 0, 65_535),
        config.maybe("password").orElse(""),
        config.file("ledger"),
        config.flag("ledger-fsync"),
        new SmppMischief(
            config.time("delay", Duration.ZERO, hour),
            config.share("refuse-share"),
            config.share("throttle-share"),
            config.number("throttle-above-per-second", 0, 1_000_000),
            config.share("drop-before-share"),
            config.share("lost-response-share"),
            config.share("fail-share"),
            config.flag("receipts"),
            config.flag("receipt-first"),
            config.time("receipt-delay", Duration.ZERO, hour)),
        config.config().getLong("seed"),
        config.number("inbox-messages", 0, 100_000),
        config.number("threads", 1, 64));
  }
}

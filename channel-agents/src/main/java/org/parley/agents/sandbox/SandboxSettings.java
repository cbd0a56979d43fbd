package org.parley.agents.sandbox;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * How a sandbox behaves.
 *
 * @param port 0 takes a free one
 * @param fsync whether a ledger line is on the disk before the answer
 * @param inboxMessages how many of the newest messages are kept
 * @param inboxOctets how much of each
 * @param maxOctets the largest message
 */
public record SandboxSettings(
    String host,
    int port,
    Optional<Path> ledger,
    boolean fsync,
    Mischief mischief,
    long seed,
    int inboxMessages,
    int inboxOctets,
    int maxOctets,
    int threads) {

  /** Reads {@code parley.sandbox.smtp}. */
  public static SandboxSettings read(Config root) {
    Checked config = Checked.at(root, "parley.sandbox.smtp");
    return new SandboxSettings(
        config.text("host"),
        config.number("port", 0, 65_535),
        config.file("ledger"),
        config.flag("ledger-fsync"),
        new Mischief(
            config.time("delay", Duration.ZERO, Duration.ofHours(1)),
            config.share("refuse-share"),
            config.number("refuse-code", 400, 599),
            config.share("drop-before-dot-share"),
            config.share("drop-after-dot-share"),
            config.number("octets-per-second", 0, 1_000)),
        config.config().getLong("seed"),
        config.number("inbox-messages", 0, 100_000),
        config.number("inbox-octets", 1024, 1 << 20),
        config.number("max-octets", 1024, 1 << 30),
        config.number("threads", 1, 64));
  }
}

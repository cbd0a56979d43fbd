package org.parley.agents.email.inbound;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * Which mailbox is looked into, and how often.
 *
 * @param tls off, starttls or implicit
 * @param then seen, delete or move
 * @param batch how many mails one look takes
 * @param timeout for connecting and for each answer
 */
record ImapSettings(
    String host,
    int port,
    String tls,
    boolean tlsVerify,
    String username,
    String password,
    String folder,
    String then,
    String moveTo,
    Duration interval,
    int batch,
    Duration timeout,
    Duration backoffMin,
    Duration backoffMax) {

  static Optional<ImapSettings> read(Checked config) {
    Duration hour = Duration.ofHours(1);
    boolean enabled = config.flag("enabled");
    ImapSettings settings =
        new ImapSettings(
            config.text("host"),
            config.number("port", 1, 65_535),
            config.oneOf("tls", List.of("off", "starttls", "implicit")),
            config.flag("tls-verify"),
            enabled ? config.text("username") : "",
            config.config().getString("password"),
            config.text("folder"),
            config.oneOf("then", List.of("seen", "delete", "move")),
            config.text("move-to"),
            config.time("interval", Duration.ofMillis(100), hour),
            config.number("batch", 1, 10_000),
            config.time("timeout", Duration.ofMillis(100), Duration.ofMinutes(10)),
            config.time("backoff-min", Duration.ofMillis(10), hour),
            config.time("backoff-max", Duration.ofMillis(10), hour));
    return enabled ? Optional.of(settings) : Optional.empty();
  }

  /** It does not print the password. */
  @Override
  public String toString() {
    return "ImapSettings[" + host + ':' + port + ", " + folder + ']';
  }
}

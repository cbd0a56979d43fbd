package org.parley.agents.email;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * How a carrier is reached by SMTP.
 *
 * @param connections how many connections at most
 * @param connectTimeout for the connection, the greeting, EHLO, STARTTLS and AUTH together
 * @param commandTimeout for the replies to MAIL, RCPT and DATA
 * @param dataTimeout for the reply to the final dot
 * @param idleTimeout after this an unused connection is ended
 * @param messagesPerConnection after so many a connection is ended
 * @param backoffMin the first pause after a failed connection; it doubles
 * @param backoffMax the longest pause
 */
record SmtpSettings(
    String carrier,
    String host,
    int port,
    int connections,
    String heloName,
    TlsMode tls,
    boolean tlsVerify,
    Optional<Login> login,
    Duration connectTimeout,
    Duration commandTimeout,
    Duration dataTimeout,
    Duration idleTimeout,
    int messagesPerConnection,
    Duration backoffMin,
    Duration backoffMax,
    int eventLoopThreads,
    SenderSettings sender,
    Optional<DkimSettings> dkim) {

  /** Whether and how the connection is encrypted. */
  enum TlsMode {
    OFF,
    /** When the server offers STARTTLS (RFC 3207). */
    STARTTLS,
    /** STARTTLS, or no message. */
    REQUIRED,
    /** From the first octet (RFC 8314). */
    IMPLICIT
  }

  /** Who logs in; it does not print the password. */
  record Login(String username, String password) {
    @Override
    public String toString() {
      return "Login[" + username + ']';
    }
  }

  static SmtpSettings read(String carrier, Checked config, Checked parley) {
    TlsMode tls = tls(config);
    Optional<Login> login =
        config
            .maybe("username")
            .map(user -> new Login(user, config.config().getString("password")));
    boolean mayBeClear = tls == TlsMode.OFF || tls == TlsMode.STARTTLS;
    if (login.isPresent() && mayBeClear && !config.flag("allow-clear-login")) {
      throw config.bad(
          "tls",
          config.config().getString("tls"),
          "required or implicit with a username, or allow-clear-login = true");
    }
    Duration hour = Duration.ofHours(1);
    Duration tenMillis = Duration.ofMillis(10);
    return new SmtpSettings(
        carrier,
        config.text("host"),
        config.number("port", 1, 65_535),
        config.number("connections", 1, 1000),
        config.text("helo-name"),
        tls,
        config.flag("tls-verify"),
        login,
        config.time("connect-timeout", tenMillis, hour),
        config.time("command-timeout", tenMillis, hour),
        config.time("data-timeout", tenMillis, hour),
        config.time("idle-timeout", tenMillis, hour),
        config.number("messages-per-connection", 1, 1_000_000_000),
        config.time("backoff-min", Duration.ofMillis(1), hour),
        config.time("backoff-max", Duration.ofMillis(1), hour),
        config.number("event-loop-threads", 1, 64),
        SenderSettings.read(config, parley),
        DkimSettings.read(config.part("dkim")));
  }

  private static TlsMode tls(Checked config) {
    return switch (config.oneOf("tls", List.of("off", "starttls", "required", "implicit"))) {
      case "starttls" -> TlsMode.STARTTLS;
      case "required" -> TlsMode.REQUIRED;
      case "implicit" -> TlsMode.IMPLICIT;
      default -> TlsMode.OFF;
    };
  }
}

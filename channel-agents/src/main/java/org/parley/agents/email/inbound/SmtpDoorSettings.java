package org.parley.agents.email.inbound;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/**
 * Where the SMTP server listens and what it puts up with.
 *
 * @param name what it calls itself
 * @param connectionsPerSource of one address
 * @param idleTimeout how long a client may say nothing
 * @param sessionTimeout how long a connection may last
 */
record SmtpDoorSettings(
    String host,
    int port,
    String name,
    int connections,
    int connectionsPerSource,
    int maxOctets,
    int maxLineOctets,
    int maxRecipients,
    Duration idleTimeout,
    Duration sessionTimeout,
    Optional<Certificate> certificate) {

  /** Files in PEM form. */
  record Certificate(Path certificate, Path key) {}

  static Optional<SmtpDoorSettings> read(Checked config) {
    Duration shortest = Duration.ofMillis(100);
    Duration longest = Duration.ofHours(1);
    SmtpDoorSettings settings =
        new SmtpDoorSettings(
            config.text("host"),
            config.number("port", 0, 65_535),
            config.text("name"),
            config.number("connections", 1, 1000),
            config.number("connections-per-source", 1, 1000),
            config.number("max-octets", 1024, 1_073_741_824),
            config.number("max-line-octets", 1000, 1_048_576),
            config.number("max-recipients", 1, 100),
            config.time("idle-timeout", shortest, longest),
            config.time("session-timeout", shortest, longest),
            certificate(config.part("tls")));
    return config.flag("enabled") ? Optional.of(settings) : Optional.empty();
  }

  private static Optional<Certificate> certificate(Checked tls) {
    Optional<Path> certificate = tls.file("certificate-file");
    Optional<Path> key = tls.file("key-file");
    if (certificate.isPresent() != key.isPresent()) {
      String missing = certificate.isPresent() ? "key-file" : "certificate-file";
      throw tls.bad(missing, "an empty text", "a file, for the other one is set");
    }
    return certificate.map(file -> new Certificate(file, key.orElseThrow()));
  }
}

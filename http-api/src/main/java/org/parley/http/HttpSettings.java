package org.parley.http;

import com.typesafe.config.Config;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/**
 * How the HTTP interface listens and where its limits are, read once from {@code parley.http}. The
 * keys, their units and bounds are explained in this module's {@code reference.conf}.
 */
record HttpSettings(
    String host,
    int port,
    Optional<String> publicUrl,
    long maxBodyBytes,
    Duration requestTimeout,
    Duration bodyTimeout,
    Duration idleTimeout,
    Duration stopGrace,
    Duration retryAfter,
    int maxConnections,
    Keys keys,
    Imports imports,
    Events events) {
  private static final String PATH = "parley.http";
  private static final long GIB = 1L << 30;

  /** How API keys are remembered between looks into the database. */
  record Keys(
      Duration knownFor,
      Duration unknownFor,
      Duration knownInOutageFor,
      int maxRemembered,
      int maxLookups) {}

  /** Limits of audience uploads. */
  record Imports(
      int maxConcurrent,
      long maxBytes,
      long maxWireBytes,
      int maxRatio,
      Duration readTimeout,
      Duration timeout) {}

  /** Limits of the event streams. */
  record Events(int maxClients, Duration poll, Duration heartbeat) {}

  static HttpSettings from(Config root) {
    Reader http = new Reader(root.getConfig(PATH), PATH);
    Reader keys = http.in("api-keys");
    Reader imports = http.in("import");
    Reader events = http.in("events");
    return new HttpSettings(
        http.text("host"),
        (int) http.number("port", 0, 65_535),
        publicUrl(http.text("public-url")),
        http.bytes("max-body", 1 << 10, GIB),
        http.time("request-timeout", Duration.ofSeconds(1), Duration.ofSeconds(55)),
        http.time("body-timeout", Duration.ofMillis(100), Duration.ofMinutes(5)),
        http.time("idle-timeout", Duration.ofSeconds(1), Duration.ofHours(1)),
        http.time("stop-grace", Duration.ZERO, Duration.ofMinutes(10)),
        http.time("retry-after", Duration.ofSeconds(1), Duration.ofMinutes(10)),
        (int) http.number("max-connections", 1, 1_000_000),
        new Keys(
            keys.time("known-for", Duration.ZERO, Duration.ofHours(1)),
            keys.time("unknown-for", Duration.ZERO, Duration.ofHours(1)),
            keys.time("known-in-outage-for", Duration.ZERO, Duration.ofDays(1)),
            (int) keys.number("max-remembered", 1, 1_000_000),
            (int) keys.number("max-lookups", 1, 10_000)),
        new Imports(
            (int) imports.number("max-concurrent", 1, 100),
            imports.bytes("max-bytes", 1 << 10, 1024 * GIB),
            imports.bytes("max-wire-bytes", 1 << 10, 1024 * GIB),
            (int) imports.number("max-ratio", 2, 1032),
            imports.time("read-timeout", Duration.ofMillis(100), Duration.ofMinutes(10)),
            imports.time("timeout", Duration.ofSeconds(1), Duration.ofDays(1))),
        new Events(
            (int) events.number("max-clients", 1, 100_000),
            events.time("poll", Duration.ofMillis(20), Duration.ofMinutes(1)),
            events.time("heartbeat", Duration.ofMillis(100), Duration.ofMinutes(5))));
  }

  private static Optional<String> publicUrl(String value) {
    if (value.isEmpty()) return Optional.empty();
    String allowed = "an absolute http or https URL without a query, or empty";
    try {
      URI uri = new URI(value);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null && uri.getQuery() == null && uri.getFragment() == null) {
        return Optional.of(value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          PATH + ".public-url is " + value + "; allowed is " + allowed, e);
    }
    throw new IllegalArgumentException(
        PATH + ".public-url is " + value + "; allowed is " + allowed);
  }

  private record Reader(Config config, String path) {
    Reader in(String key) {
      return new Reader(config.getConfig(key), path + "." + key);
    }

    String text(String key) {
      return config.getString(key);
    }

    long number(String key, long least, long most) {
      return checked(key, config.getLong(key), least, most);
    }

    long bytes(String key, long least, long most) {
      return checked(key, config.getBytes(key), least, most);
    }

    Duration time(String key, Duration least, Duration most) {
      Duration value = config.getDuration(key);
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw outOfBounds(key, value, least, most);
      }
      return value;
    }

    private long checked(String key, long value, long least, long most) {
      if (value < least || value > most) throw outOfBounds(key, value, least, most);
      return value;
    }

    private IllegalArgumentException outOfBounds(
        String key, Object value, Object least, Object most) {
      return new IllegalArgumentException(
          path + "." + key + " is " + value + "; allowed is " + least + " to " + most);
    }
  }
}

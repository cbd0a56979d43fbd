package org.parley.agents.phone;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.parley.agents.phone.sip.SipEndpoint;
import org.parley.agents.settings.Checked;

/**
 * How a carrier is reached by SIP, and how a call goes.
 *
 * @param host of the carrier: a name or an address
 * @param endpoint our side
 * @param caller the user part of From: the number that is shown
 * @param domain the host part of From
 * @param ringTimeout from the INVITE until a call that nobody takes is taken back
 * @param maxCall from the answer until we hang up, whatever happens
 * @param answerWait how long keys are waited for, after the prompt and after each key
 * @param decisive keys that end the call at once
 * @param rtpPortMin the first port for sound; 0: any free one
 */
record SipSettings(
    String carrier,
    String host,
    int port,
    SipEndpoint.Settings endpoint,
    String caller,
    String domain,
    Optional<Login> login,
    Duration ringTimeout,
    Duration maxCall,
    Duration answerWait,
    String decisive,
    int rtpPortMin,
    int rtpPortMax) {
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9+._-]{1,64}");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:-]{1,255}");
  private static final Pattern KEYS = Pattern.compile("[0-9*#]{0,12}");

  /** Who logs in; it does not print the password. */
  record Login(String username, String password) {
    @Override
    public String toString() {
      return "Login[" + username + ']';
    }
  }

  static SipSettings read(String carrier, Checked config) {
    Duration ringTimeout = config.time("ring-timeout", Duration.ofMillis(100), minutes(5));
    Duration maxCall = config.time("max-call", Duration.ofMillis(100), minutes(20));
    Duration t1 = config.time("t1", Duration.ofMillis(10), Duration.ofSeconds(4));
    Duration needed = ringTimeout.plus(maxCall).plus(t1.multipliedBy(64));
    Duration callTimeout = config.time("call-timeout", Duration.ofMillis(100), minutes(30));
    if (callTimeout.compareTo(needed) < 0) {
      throw config.bad(
          "call-timeout",
          callTimeout.toString(),
          "at least ring-timeout, max-call and 64 times t1 together, which is " + needed);
    }
    int rtpPortMin = config.number("rtp-port-min", 0, 65_534);
    int rtpPortMax = config.number("rtp-port-max", 0, 65_535);
    int connections = config.number("connections", 1, 1000);
    if (rtpPortMin > 0 && evenPorts(rtpPortMin, rtpPortMax) < connections) {
      throw config.bad(
          "rtp-port-max",
          Integer.toString(rtpPortMax),
          "a port so far above rtp-port-min ("
              + rtpPortMin
              + ") that there is an even one for each of the "
              + connections
              + " connections");
    }
    String localHost = matching(config, "local-host", HOST, "an address of this host");
    String domain = config.maybe("domain").isPresent() ? config.text("domain") : localHost;
    if (!HOST.matcher(domain).matches()) throw config.bad("domain", domain, "a host name");
    return new SipSettings(
        carrier,
        matching(config, "host", HOST, "a host name or an address"),
        config.number("port", 1, 65_535),
        new SipEndpoint.Settings(
            carrier,
            config.oneOf("transport", List.of("udp", "tcp")).equals("tcp"),
            localHost,
            config.number("local-port", 0, 65_535),
            t1.toMillis(),
            (int) config.time("connect-timeout", Duration.ofMillis(10), minutes(5)).toMillis(),
            config.number("max-message-octets", 1024, 65_507)),
        matching(config, "caller", USER, "a number or a word of letters, digits and + . _ -"),
        domain,
        config
            .maybe("username")
            .map(user -> new Login(user, config.config().getString("password"))),
        ringTimeout,
        maxCall,
        config.time("answer-wait", Duration.ZERO, minutes(5)),
        matching(config, "decisive-digits", KEYS, "up to 12 of 0 to 9, * and #"),
        rtpPortMin,
        rtpPortMax);
  }

  /** RTP has an even port (RFC 3550, section 11). */
  int firstRtpPort() {
    return even(rtpPortMin);
  }

  /** How many calls can have one. */
  int rtpPorts() {
    return evenPorts(rtpPortMin, rtpPortMax);
  }

  private static int evenPorts(int min, int max) {
    return Math.max(0, Math.floorDiv(max - even(min), 2) + 1);
  }

  private static int even(int port) {
    return port + (port & 1);
  }

  private static Duration minutes(int minutes) {
    return Duration.ofMinutes(minutes);
  }

  private static String matching(Checked config, String key, Pattern allowed, String sentence) {
    String value = config.config().getString(key);
    if (!allowed.matcher(value).matches()) throw config.bad(key, value, sentence);
    return value;
  }
}

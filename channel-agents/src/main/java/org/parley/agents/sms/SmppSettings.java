package org.parley.agents.sms;

import java.time.Duration;
import java.util.List;
import org.parley.agents.settings.Checked;

/**
 * How a carrier is reached by SMPP.
 *
 * @param sessions how many transceiver binds are kept
 * @param window how many submits of a session may be without an answer
 * @param perSecond what the pace comes back to after the carrier throttled
 * @param responseTimeout for the answers to bind, submit, enquire_link and unbind
 * @param enquireEvery after this long without a word the link is tried
 * @param submitWait how long a message may wait for a session or for the pace
 * @param finishWithin how long after its first wait began the last segment may start
 * @param maxSegments longer messages are rejected
 * @param beyondGrant the carrier may go on trying for this long after the end of the grant
 * @param inboundWindow how many deliver_sm may wait for their answer
 * @param join how the segments of a person's message are joined
 */
record SmppSettings(
    String carrier,
    String host,
    int port,
    int sessions,
    int window,
    int perSecond,
    Bind bind,
    boolean tls,
    boolean tlsVerify,
    Duration connectTimeout,
    Duration responseTimeout,
    Duration enquireEvery,
    Duration submitWait,
    Duration finishWithin,
    Duration backoffMin,
    Duration backoffMax,
    SourceAddress from,
    String serviceType,
    Concatenation concatenation,
    int maxSegments,
    boolean receipts,
    Duration beyondGrant,
    ReceiptIds receiptIds,
    int maxPduOctets,
    int inboundWindow,
    Join join) {

  /** Who binds; it does not print the password. */
  record Bind(String systemId, String password, String systemType) {
    @Override
    public String toString() {
      return "Bind[" + systemId + ']';
    }
  }

  /** How a telephone learns which segments belong together. */
  enum Concatenation {
    /** A user data header before the text (3GPP TS 23.040, section 9.2.3.24.1). */
    UDH,
    /** The parameters sar_msg_ref_num, sar_segment_seqnum and sar_total_segments. */
    SAR
  }

  /**
   * How the segments of a person's message are joined.
   *
   * @param hold how long a segment's answer waits for the others
   * @param timeout after this long without the others it is taken as it is
   * @param messages how many may be incomplete at a time
   */
  record Join(Duration hold, Duration timeout, int messages) {}

  static SmppSettings read(String carrier, Checked config) {
    Duration hour = Duration.ofHours(1);
    Duration tenMillis = Duration.ofMillis(10);
    Duration answers = config.time("response-timeout", tenMillis, hour);
    Duration submitWait = config.time("submit-wait", tenMillis, hour);
    Duration lanes = config.time("call-timeout", Duration.ofMillis(100), Duration.ofMinutes(30));
    Duration finish = lanes.minus(answers);
    return new SmppSettings(
        carrier,
        config.text("host"),
        config.number("port", 1, 65_535),
        config.number("sessions", 1, 64),
        config.number("window", 1, 1000),
        config.number("per-second", 1, 1_000_000),
        new Bind(
            shortText(config, "system-id", 15),
            shortText(config, "password", 8),
            shortText(config, "system-type", 12)),
        config.flag("tls"),
        config.flag("tls-verify"),
        config.time("connect-timeout", tenMillis, hour),
        answers,
        config.time("enquire-every", tenMillis, hour),
        submitWait,
        finish.compareTo(submitWait) > 0 ? finish : submitWait,
        config.time("backoff-min", Duration.ofMillis(1), hour),
        config.time("backoff-max", Duration.ofMillis(1), hour),
        SourceAddress.read(config),
        shortText(config, "service-type", 5),
        config.oneOf("concatenation", List.of("udh", "sar")).equals("udh")
            ? Concatenation.UDH
            : Concatenation.SAR,
        config.number("max-segments", 1, 255),
        config.flag("receipts"),
        config.time("validity-beyond-grant", Duration.ZERO, Duration.ofDays(30)),
        ReceiptIds.read(config),
        config.number("max-pdu-octets", 1024, 1 << 20),
        config.number("inbound-window", 1, 100_000),
        new Join(
            config.time("join-hold", Duration.ZERO, Duration.ofMinutes(1)),
            config.time("join-timeout", tenMillis, Duration.ofHours(24)),
            config.number("join-messages", 1, 100_000)));
  }

  private static String shortText(Checked config, String key, int maxChars) {
    String value = config.config().getString(key);
    boolean ascii = value.chars().allMatch(c -> c > 0 && c < 0x80);
    if (value.length() > maxChars || !ascii) {
      throw config.bad(key, "something else", "at most " + maxChars + " ASCII characters");
    }
    return value;
  }
}

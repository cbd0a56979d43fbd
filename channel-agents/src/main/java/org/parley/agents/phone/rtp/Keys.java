package org.parley.agents.phone.rtp;

import java.util.function.IntConsumer;

/**
 * Hears keys in telephone-event packets (RFC 4733, section 2.5). One key comes in many packets with
 * one timestamp, the last of them three times over; it is told once, at the first of them that
 * arrives, so that neither a lost end nor a repeated one matters.
 */
final class Keys {
  private static final String SIGNS = "0123456789*#ABCD";

  private final IntConsumer pressed;
  private boolean any;
  private int ssrc;
  private int timestamp;

  /**
   * @param pressed told each key, as its sign
   */
  Keys(IntConsumer pressed) {
    this.pressed = pressed;
  }

  /** Takes the event of one packet. */
  void event(int fromSsrc, int atTimestamp, int event) {
    if (event < 0 || event >= SIGNS.length()) return;
    boolean newer = !any || fromSsrc != ssrc || atTimestamp - timestamp > 0;
    if (!newer) return;
    any = true;
    ssrc = fromSsrc;
    timestamp = atTimestamp;
    pressed.accept(SIGNS.charAt(event));
  }

  /** The event of a key; -1 when it is none. */
  static int code(char sign) {
    return SIGNS.indexOf(sign);
  }
}

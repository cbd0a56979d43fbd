package org.parley.agents.sms;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jsmpp.bean.OptionalParameters;

/**
 * What can be read of a request that the library does not parse, under the same header. Such a
 * request has to be answered: the carrier would deliver it again after every bind.
 */
final class Salvage {
  private static final int HEADER_OCTETS = 16;
  private static final int PARAMETER_HEADER_OCTETS = 4;

  private Salvage() {}

  /** The request with so many empty fields, of an octet each, for a body. */
  static byte[] blank(byte[] pdu, int fields) {
    return sized(Arrays.copyOf(Arrays.copyOf(pdu, HEADER_OCTETS), HEADER_OCTETS + fields));
  }

  /**
   * A deliver_sm (SMPP 3.4, section 4.6.1) without its two times, which mean nothing in it, and
   * without the optional parameters that do not parse.
   *
   * @throws IndexOutOfBoundsException when its mandatory part is not whole
   */
  static byte[] deliverSm(byte[] pdu) {
    int source = afterText(pdu, HEADER_OCTETS) + 2;
    int destination = afterText(pdu, source) + 2;
    int times = afterText(pdu, destination) + 3;
    int length = afterText(pdu, afterText(pdu, times)) + 4;
    int end = length + 1 + (pdu[length] & 0xff);
    ByteBuffer out = ByteBuffer.allocate(pdu.length);
    out.put(pdu, 0, times).put(new byte[2]).put(pdu, length - 4, end - length + 4);
    putParameters(ByteBuffer.wrap(pdu).position(end), out);
    return sized(Arrays.copyOf(out.array(), out.position()));
  }

  private static int afterText(byte[] pdu, int at) {
    int end = at;
    while (pdu[end] != 0) end++;
    return end + 1;
  }

  private static void putParameters(ByteBuffer in, ByteBuffer out) {
    while (in.remaining() >= PARAMETER_HEADER_OCTETS) {
      short tag = in.getShort();
      int length = in.getShort() & 0xffff;
      if (length > in.remaining()) return;
      byte[] value = new byte[length];
      in.get(value);
      if (parses(tag, value)) out.putShort(tag).putShort((short) length).put(value);
    }
  }

  private static boolean parses(short tag, byte[] value) {
    try {
      return OptionalParameters.deserialize(tag, value) != null;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static byte[] sized(byte[] pdu) {
    return ByteBuffer.wrap(pdu).putInt(pdu.length).array();
  }
}

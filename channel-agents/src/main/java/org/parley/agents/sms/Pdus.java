package org.parley.agents.sms;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jsmpp.bean.DeliverSm;
import org.jsmpp.bean.OptionalParameter;
import org.parley.core.api.GsmAlphabet;

/** What stands in a deliver_sm. */
final class Pdus {
  private static final int MESSAGE_PAYLOAD = 0x0424;
  private static final int INTERNATIONAL = 1;

  private Pdus() {}

  /** The value of an optional parameter (SMPP 3.4, section 5.3.2). */
  static Optional<byte[]> parameter(DeliverSm pdu, int tag) {
    OptionalParameter[] all = pdu.getOptionalParameters();
    if (all == null) return Optional.empty();
    for (OptionalParameter one : all) {
      if (one.tag == (short) tag) {
        byte[] whole = one.serialize();
        return Optional.of(Arrays.copyOfRange(whole, 4, whole.length));
      }
    }
    return Optional.empty();
  }

  /** The value of an optional parameter that is a whole number of one or two octets. */
  static Optional<Integer> number(DeliverSm pdu, int tag) {
    return parameter(pdu, tag)
        .filter(value -> value.length == 1 || value.length == 2)
        .map(
            value ->
                value.length == 1 ? value[0] & 0xff : (value[0] & 0xff) << 8 | (value[1] & 0xff));
  }

  /** The value of an optional parameter that is a text with a zero at its end. */
  static Optional<String> word(DeliverSm pdu, int tag) {
    return parameter(pdu, tag)
        .map(value -> new String(value, StandardCharsets.ISO_8859_1))
        .map(text -> text.indexOf(0) < 0 ? text : text.substring(0, text.indexOf(0)))
        .filter(text -> !text.isBlank());
  }

  /** The message's octets, where they stand. */
  static byte[] octets(DeliverSm pdu) {
    byte[] own = pdu.getShortMessage();
    if (own != null && own.length > 0) return own;
    return parameter(pdu, MESSAGE_PAYLOAD).orElse(new byte[0]);
  }

  /** Characters by data_coding (SMPP 3.4, section 5.2.19). */
  static String text(byte[] octets, int dataCoding) {
    return switch (dataCoding & 0xff) {
      case 1 -> new String(octets, StandardCharsets.US_ASCII);
      case 3 -> new String(octets, StandardCharsets.ISO_8859_1);
      case 8, 0x18, 0x19 -> new String(octets, StandardCharsets.UTF_16BE);
      default -> GsmAlphabet.decode(octets);
    };
  }

  /** An address as E.164 writes it, when it is a number of that kind. */
  static String number(String address, int ton) {
    if (address == null || address.startsWith("+")) return address == null ? "" : address;
    boolean international =
        ton == INTERNATIONAL ? address.matches("[0-9]+") : address.matches("[1-9][0-9]{9,14}");
    return international ? '+' + address : address;
  }
}

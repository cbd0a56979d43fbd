package org.parley.agents.sms;

import java.util.Arrays;
import java.util.Optional;
import org.jsmpp.bean.DeliverSm;

/**
 * A segment of a person's message, or all of it.
 *
 * @param reference what the segments of one message share
 * @param total how many there are, from 1
 * @param index which this is, from 1
 */
record Part(String from, String to, int reference, int total, int index, String text) {
  private static final int SAR_MSG_REF_NUM = 0x020c;
  private static final int SAR_TOTAL_SEGMENTS = 0x020e;
  private static final int SAR_SEGMENT_SEQNUM = 0x020f;
  private static final int UDHI = 0x40;

  /** Which message it belongs to. */
  record Key(String from, String to, int reference, int total) {}

  Key key() {
    return new Key(from, to, reference, total);
  }

  /** Reads a user data header (3GPP TS 23.040, section 9.2.3.24), else the sar parameters. */
  static Part of(DeliverSm pdu) {
    byte[] octets = Pdus.octets(pdu);
    Optional<Place> place = Optional.empty();
    boolean hasHeader = (pdu.getEsmClass() & UDHI) != 0 && octets.length > 0;
    if (hasHeader) {
      int end = Math.min(octets.length, (octets[0] & 0xff) + 1);
      place = place(octets, end);
      octets = Arrays.copyOfRange(octets, end, octets.length);
    }
    Place at = place.or(() -> sar(pdu)).filter(Place::makesSense).orElse(new Place(0, 1, 1));
    return new Part(
        Pdus.number(pdu.getSourceAddr(), pdu.getSourceAddrTon()),
        Pdus.number(pdu.getDestAddress(), pdu.getDestAddrTon()),
        at.reference,
        at.total,
        at.index,
        Pdus.text(octets, pdu.getDataCoding()));
  }

  private static Optional<Place> place(byte[] header, int end) {
    for (int i = 1; i + 1 < end; i += 2 + (header[i + 1] & 0xff)) {
      int length = header[i + 1] & 0xff;
      if (i + 2 + length > end) return Optional.empty();
      if (header[i] == 0 && length == 3) {
        return Optional.of(
            new Place(octet(header, i + 2), octet(header, i + 3), octet(header, i + 4)));
      }
      if (header[i] == 8 && length == 4) {
        int reference = octet(header, i + 2) << 8 | octet(header, i + 3);
        return Optional.of(new Place(reference, octet(header, i + 4), octet(header, i + 5)));
      }
    }
    return Optional.empty();
  }

  private static Optional<Place> sar(DeliverSm pdu) {
    Optional<Integer> reference = Pdus.number(pdu, SAR_MSG_REF_NUM);
    Optional<Integer> total = Pdus.number(pdu, SAR_TOTAL_SEGMENTS);
    Optional<Integer> index = Pdus.number(pdu, SAR_SEGMENT_SEQNUM);
    if (reference.isEmpty() || total.isEmpty() || index.isEmpty()) return Optional.empty();
    return Optional.of(new Place(reference.get(), total.get(), index.get()));
  }

  private static int octet(byte[] octets, int at) {
    return octets[at] & 0xff;
  }

  /** Where a segment stands in its message. */
  private record Place(int reference, int total, int index) {
    boolean makesSense() {
      return total >= 1 && index >= 1 && index <= total;
    }
  }
}

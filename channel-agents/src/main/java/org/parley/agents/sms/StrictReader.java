package org.parley.agents.sms;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import org.jsmpp.PDUReader;
import org.jsmpp.PDUStringException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.Command;
import org.jsmpp.util.DefaultDecomposer;
import org.jsmpp.util.PDUDecomposer;

/**
 * Reads PDUs (SMPP 3.4, section 3.2) from a carrier that is not trusted: a length that cannot be, a
 * PDU that stops halfway, and an answer that does not parse all end the connection, because nothing
 * after them can be believed. Of a request that does not parse it hands on what can be read. It
 * holds one PDU at a time.
 */
final class StrictReader implements PDUReader {
  private static final int HEADER_OCTETS = 16;
  private static final PDUDecomposer PARSER = new DefaultDecomposer();

  private final int maxOctets;
  private final OddThings odd;

  StrictReader(int maxOctets, OddThings odd) {
    this.maxOctets = maxOctets;
    this.odd = odd;
  }

  @Override
  public Command readPDUHeader(DataInputStream in) throws IOException {
    int first = in.read(); // may time out: then the link is tried
    if (first < 0) throw new EOFException("the carrier closed the connection");
    byte[] octets = new byte[HEADER_OCTETS];
    octets[0] = (byte) first;
    readAll(in, octets, 1);
    ByteBuffer buffer = ByteBuffer.wrap(octets);
    Command header = new Command();
    header.setCommandLength(buffer.getInt());
    header.setCommandId(buffer.getInt());
    header.setCommandStatus(buffer.getInt());
    header.setSequenceNumber(buffer.getInt());
    if (header.getCommandLength() < HEADER_OCTETS || header.getCommandLength() > maxOctets) {
      throw garbage("a PDU of an impossible length");
    }
    return header;
  }

  @Override
  public byte[] readPDU(DataInputStream in, Command header) throws IOException {
    return readPDU(
        in,
        header.getCommandLength(),
        header.getCommandId(),
        header.getCommandStatus(),
        header.getSequenceNumber());
  }

  @Override
  public byte[] readPDU(DataInputStream in, int length, int id, int status, int sequence)
      throws IOException {
    byte[] pdu = new byte[length];
    ByteBuffer.wrap(pdu).putInt(length).putInt(id).putInt(status).putInt(sequence);
    readAll(in, pdu, HEADER_OCTETS);
    return parses(id, pdu) ? pdu : readable(id, pdu);
  }

  private byte[] readable(int id, byte[] pdu) throws IOException {
    byte[] rest =
        switch (id) {
          case SMPPConstant.CID_DELIVER_SM -> deliverSm(pdu);
          case SMPPConstant.CID_DATA_SM -> Salvage.blank(pdu, 10);
          case SMPPConstant.CID_ALERT_NOTIFICATION -> Salvage.blank(pdu, 6);
          default -> throw garbage("an answer that does not parse");
        };
    odd.saw("malformed", "a request that does not parse");
    return rest;
  }

  private static byte[] deliverSm(byte[] pdu) {
    try {
      byte[] rest = Salvage.deliverSm(pdu);
      if (parses(SMPPConstant.CID_DELIVER_SM, rest)) return rest;
    } catch (IndexOutOfBoundsException e) {
      // Not even its mandatory part is there.
    }
    return Salvage.blank(pdu, 17);
  }

  private static boolean parses(int id, byte[] pdu) {
    try {
      parse(id, pdu);
      return true;
    } catch (PDUStringException | RuntimeException e) {
      return false;
    }
  }

  /** What the library would choke on later, when nobody can end the connection any more. */
  private static void parse(int id, byte[] pdu) throws PDUStringException {
    switch (id) {
      case SMPPConstant.CID_BIND_TRANSCEIVER_RESP -> PARSER.bindResp(pdu);
      case SMPPConstant.CID_SUBMIT_SM_RESP -> PARSER.submitSmResp(pdu);
      case SMPPConstant.CID_DELIVER_SM -> PARSER.deliverSm(pdu);
      case SMPPConstant.CID_DATA_SM -> PARSER.dataSm(pdu);
      case SMPPConstant.CID_ALERT_NOTIFICATION -> PARSER.alertNotification(pdu);
      default -> {} // without a body, or never asked for
    }
  }

  private void readAll(DataInputStream in, byte[] octets, int from) throws IOException {
    try {
      in.readFully(octets, from, octets.length - from);
    } catch (SocketTimeoutException | EOFException e) {
      throw garbage("half a PDU");
    }
  }

  private IOException garbage(String what) {
    odd.saw("garbage", what);
    return new IOException(what);
  }
}

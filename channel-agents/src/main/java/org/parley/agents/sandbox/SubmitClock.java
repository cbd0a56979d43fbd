package org.parley.agents.sandbox;

import java.io.DataInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jsmpp.DefaultPDUReader;
import org.jsmpp.InvalidCommandLengthException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.Command;

/** Reads a session, and notes when each submit_sm came off the wire: it may wait its turn after. */
final class SubmitClock extends DefaultPDUReader {
  private final Map<Integer, Instant> came = new ConcurrentHashMap<>();

  @Override
  public Command readPDUHeader(DataInputStream in)
      throws InvalidCommandLengthException, IOException {
    Command header = super.readPDUHeader(in);
    if (header.getCommandId() == SMPPConstant.CID_SUBMIT_SM) {
      came.put(header.getSequenceNumber(), Instant.now());
    }
    return header;
  }

  /** When a submit_sm came; asked once for each. */
  Instant came(int sequenceNumber) {
    Instant noted = came.remove(sequenceNumber);
    return noted == null ? Instant.now() : noted;
  }
}

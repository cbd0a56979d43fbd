package org.parley.agents.phone;

import org.parley.agents.phone.rtp.G711;
import org.parley.agents.phone.sip.Sdp;

/**
 * What is played, in both codecs: an octet a sample, 8000 a second.
 *
 * @param mu as PCMU
 * @param a as PCMA
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Prompt(byte[] mu, byte[] a) {
  static Prompt of(short[] samples) {
    return new Prompt(G711.mu(samples), G711.a(samples));
  }

  byte[] in(int codec) {
    return codec == Sdp.PCMA ? a : mu;
  }

  int octets() {
    return mu.length + a.length;
  }
}

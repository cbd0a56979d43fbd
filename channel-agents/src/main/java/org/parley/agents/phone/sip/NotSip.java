package org.parley.agents.phone.sip;

/** What came is not a SIP or SDP message that can be understood; the message says why. */
public final class NotSip extends Exception {
  private static final long serialVersionUID = 1L;

  public NotSip(String why) {
    super(why, null, false, false);
  }
}

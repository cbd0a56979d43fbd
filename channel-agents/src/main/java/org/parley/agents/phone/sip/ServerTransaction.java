package org.parley.agents.phone.sip;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request of the other side's until its final answer is certain (RFC 3261, section 17.2). What is
 * repeated gets the same answer again. The 2xx of an INVITE is repeated until {@link
 * #acknowledged()}.
 */
public final class ServerTransaction {
  private static final long T2_MILLIS = 4000;

  private final SipEndpoint endpoint;
  private final SipMessage request;
  private final String key;
  private final SipWire.Peer peer;
  private byte @Nullable [] last;
  private int status;
  private boolean acknowledged;

  ServerTransaction(SipEndpoint endpoint, SipMessage request, String key, SipWire.Peer peer) {
    this.endpoint = endpoint;
    this.request = request;
    this.key = key;
    this.peer = peer;
  }

  /** Who sent it, by which branch, and what (section 17.2.3). */
  static String key(SipMessage message, String method) {
    List<String> vias = message.all("Via");
    String via = vias.isEmpty() ? "" : vias.get(0);
    int parameters = via.indexOf(';');
    return (parameters < 0 ? via : via.substring(0, parameters))
        + ' '
        + message.branch()
        + ' '
        + method;
  }

  String key() {
    return key;
  }

  public SipMessage request() {
    return request;
  }

  /** The host the request came from. */
  public String from() {
    return peer.address().getAddress().getHostAddress();
  }

  boolean isAnswered() {
    return status >= 200;
  }

  /** Sends an answer; after a final one nothing more. */
  public void respond(SipMessage response) {
    if (isAnswered()) return;
    status = response.status();
    last = response.encode();
    repeat();
    if (!isAnswered()) return;
    boolean invite = request.method().equals("INVITE");
    long lifeMillis = 64 * endpoint.t1Millis();
    if (invite || !endpoint.reliable()) {
      endpoint.after(lifeMillis, () -> endpoint.remove(this));
    } else {
      endpoint.remove(this);
    }
    boolean repeats = invite && (status < 300 || !endpoint.reliable());
    if (repeats) repeatAfter(endpoint.t1Millis(), lifeMillis);
  }

  /** The ACK of its 2xx came. */
  public void acknowledged() {
    acknowledged = true;
  }

  /** Takes an ACK that belongs to a refusal; false when this was none. */
  boolean acknowledges() {
    if (status < 300) return false;
    acknowledged = true;
    return true;
  }

  void repeat() {
    byte[] octets = last;
    if (octets != null) endpoint.wire().answer(octets, peer);
  }

  private void repeatAfter(long millis, long leftMillis) {
    if (leftMillis <= 0) return;
    endpoint.after(
        millis,
        () -> {
          if (acknowledged) return;
          repeat();
          repeatAfter(Math.min(2 * millis, T2_MILLIS), leftMillis - millis);
        });
  }
}

package org.parley.agents.phone.sip;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What both sides of an answered call know of it (RFC 3261, section 12). */
public final class Dialog {
  private final String callId;
  private final String local;
  private final String remote;
  private final String remoteTag;
  private final String target;
  private final List<String> routes;
  private final SipMessage invite;
  private long sequence;

  private Dialog(
      String callId,
      String local,
      String remote,
      String remoteTag,
      String target,
      List<String> routes,
      SipMessage invite,
      long sequence) {
    this.callId = callId;
    this.local = local;
    this.remote = remote;
    this.remoteTag = remoteTag;
    this.target = target;
    this.routes = routes;
    this.invite = invite;
    this.sequence = sequence;
  }

  /** The caller's side, from the 2xx. Without a usable Contact the INVITE's target stays. */
  public static Dialog ofCaller(SipMessage invite, SipMessage ok) {
    List<String> routes = new ArrayList<>(ok.all("Record-Route"));
    Collections.reverse(routes);
    return new Dialog(
        invite.callId(),
        invite.first("From").orElse(""),
        ok.first("To").orElse(""),
        ok.toTag(),
        contact(ok).orElse(invite.uri()),
        routes,
        invite,
        invite.sequence());
  }

  /**
   * The callee's side, from the INVITE and our 2xx.
   *
   * @param answer with our tag
   */
  public static Dialog ofCallee(SipMessage invite, SipMessage answer) {
    return new Dialog(
        invite.callId(),
        answer.first("To").orElse(""),
        invite.first("From").orElse(""),
        invite.fromTag(),
        contact(invite).orElse(""),
        invite.all("Record-Route"),
        invite,
        0);
  }

  private static Optional<String> contact(SipMessage message) {
    return message.all("Contact").stream()
        .map(HeaderValue::uri)
        .filter(uri -> SipUri.parse(uri).isPresent() && uri.indexOf(' ') < 0)
        .findFirst();
  }

  /** The tag of the other side. */
  public String remoteTag() {
    return remoteTag;
  }

  /** Where requests go: the first route, or the other side's contact. */
  public Optional<SipUri> nextHop() {
    return SipUri.parse(routes.isEmpty() ? target : HeaderValue.uri(routes.get(0)));
  }

  /** The ACK of the 2xx, with the credentials of the INVITE (section 13.2.2.4). */
  public SipMessage.Builder ack() {
    return start("ACK", invite.sequence())
        .addAll("Authorization", invite.each("Authorization"))
        .addAll("Proxy-Authorization", invite.each("Proxy-Authorization"));
  }

  /** The target of a request. */
  public String target() {
    return target;
  }

  /** A new request, such as BYE. */
  public SipMessage.Builder request(String method) {
    return start(method, ++sequence);
  }

  private SipMessage.Builder start(String method, long number) {
    return SipMessage.request(method, target)
        .add("Max-Forwards", "70")
        .addAll("Route", routes)
        .add("From", local)
        .add("To", remote)
        .add("Call-ID", callId)
        .add("CSeq", number + " " + method);
  }
}

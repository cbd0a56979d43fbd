package org.parley.agents.phone.sip;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.parley.agents.phone.sip.SipEndpoint.Answers;
import org.parley.agents.phone.sip.SipEndpoint.Failure;

/**
 * A request of ours until its final answer, with the repetitions of RFC 3261, section 17.1, and the
 * {@code Accepted} state of RFC 6026. An INVITE that is refused is acknowledged here; a 2xx is
 * acknowledged by whoever sent the INVITE.
 */
public final class ClientTransaction {
  private static final long T2_MILLIS = 4000;
  private static final long T4_MILLIS = 5000;

  private enum State {
    CALLING,
    PROCEEDING,
    COMPLETED,
    ACCEPTED,
    TERMINATED
  }

  private final SipEndpoint endpoint;
  private final SipMessage request;
  private final String branch;
  private final InetSocketAddress target;
  private final Answers answers;
  private final BooleanSupplier maySend;
  private final boolean invite;
  private byte[] octets;
  private State state = State.CALLING;
  private @Nullable ScheduledFuture<?> timeout;

  ClientTransaction(
      SipEndpoint endpoint,
      SipMessage request,
      String branch,
      InetSocketAddress target,
      Answers answers,
      BooleanSupplier maySend) {
    this.endpoint = endpoint;
    this.request = request;
    this.branch = branch;
    this.target = target;
    this.answers = answers;
    this.maySend = maySend;
    this.invite = request.method().equals("INVITE");
    this.octets = request.encode();
  }

  static String key(String branch, String method) {
    return branch + ' ' + method;
  }

  String key() {
    return key(branch, request.method());
  }

  public SipMessage request() {
    return request;
  }

  /** Whether a final answer may still come. */
  public boolean isOpen() {
    return state == State.CALLING || state == State.PROCEEDING;
  }

  /** Takes back an INVITE that has had a provisional answer (section 9.1). */
  public void cancel() {
    if (state != State.PROCEEDING || !invite) return;
    ClientTransaction cancel =
        new ClientTransaction(
            endpoint, inSameTransaction("CANCEL", ""), branch, target, DEAF, () -> true);
    endpoint.add(cancel);
    cancel.start();
  }

  /** Waits for no answer any more. */
  public void abandon() {
    if (isOpen()) terminate();
  }

  void start() {
    endpoint.wire().send(octets, target, maySend, this::fail);
    if (!endpoint.reliable()) repeatAfter(endpoint.t1Millis());
    timeout = endpoint.timer(64 * endpoint.t1Millis(), this::timedOut);
  }

  private void repeatAfter(long millis) {
    endpoint.after(
        millis,
        () -> {
          boolean repeats = state == State.CALLING || (state == State.PROCEEDING && !invite);
          // A process that was frozen for longer than it may send wakes up in here.
          if (!repeats || !maySend.getAsBoolean()) return;
          endpoint.wire().send(octets, target, maySend, ignored -> {});
          long next = state == State.PROCEEDING ? T2_MILLIS : 2 * millis;
          repeatAfter(invite ? next : Math.min(next, T2_MILLIS));
        });
  }

  private void timedOut() {
    boolean waits = state == State.CALLING || (state == State.PROCEEDING && !invite);
    if (waits) fail(Failure.TIMEOUT);
  }

  void lost(InetSocketAddress lostTarget) {
    if (endpoint.reliable() && target.equals(lostTarget)) fail(Failure.LOST);
  }

  private void fail(Failure failure) {
    if (!isOpen()) return;
    terminate();
    answers.failed(failure);
  }

  void received(SipMessage response) {
    if (response.status() < 200) {
      if (!isOpen()) return;
      state = State.PROCEEDING;
      answers.answered(response);
    } else if (!invite) {
      if (!isOpen()) return;
      complete(endpoint.reliable() ? 0 : T4_MILLIS);
      answers.answered(response);
    } else if (response.status() < 300) {
      accepted(response);
    } else {
      refused(response);
    }
  }

  private void accepted(SipMessage response) {
    if (isOpen()) {
      state = State.ACCEPTED;
      stopTimeout();
      endpoint.after(64 * endpoint.t1Millis(), this::terminate);
    }
    if (state == State.ACCEPTED) answers.answered(response);
  }

  private void refused(SipMessage response) {
    boolean first = isOpen();
    if (!first && state != State.COMPLETED) return;
    if (first) octets = inSameTransaction("ACK", response.first("To").orElse("")).encode();
    if (first) complete(endpoint.reliable() ? 0 : 64 * endpoint.t1Millis());
    endpoint.wire().send(octets, target, () -> true, ignored -> {});
    if (first) answers.answered(response);
  }

  /** An ACK of a refusal or a CANCEL: the same target, branch, Call-ID, From and route. */
  private SipMessage inSameTransaction(String method, String to) {
    SipMessage.Builder out = SipMessage.request(method, request.uri());
    List<String> vias = request.all("Via");
    out.add("Via", vias.get(0)).add("Max-Forwards", "70");
    out.addAll("Route", request.all("Route"));
    out.add("From", request.first("From").orElse(""));
    out.add("To", to.isEmpty() ? request.first("To").orElse("") : to);
    out.add("Call-ID", request.callId());
    out.add("CSeq", request.sequence() + " " + method);
    return out.build();
  }

  private void complete(long keptMillis) {
    state = State.COMPLETED;
    stopTimeout();
    if (keptMillis == 0) {
      endpoint.remove(this);
    } else {
      endpoint.after(keptMillis, this::terminate);
    }
  }

  /** Else it would keep what is over for half a minute. */
  private void stopTimeout() {
    if (timeout != null) timeout.cancel(false);
    timeout = null;
  }

  private void terminate() {
    state = State.TERMINATED;
    stopTimeout();
    endpoint.remove(this);
  }

  /** What became of a CANCEL is of no interest: the INVITE's own answer follows. */
  private static final Answers DEAF =
      new Answers() {
        @Override
        public void answered(SipMessage response) {}

        @Override
        public void failed(Failure failure) {}
      };
}

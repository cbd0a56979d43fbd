package org.parley.agents.phone;

import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.parley.agents.phone.rtp.RtpStream;
import org.parley.agents.phone.sip.ClientTransaction;
import org.parley.agents.phone.sip.Dialog;
import org.parley.agents.phone.sip.Digest;
import org.parley.agents.phone.sip.HeaderValue;
import org.parley.agents.phone.sip.NotSip;
import org.parley.agents.phone.sip.Sdp;
import org.parley.agents.phone.sip.ServerTransaction;
import org.parley.agents.phone.sip.SipEndpoint;
import org.parley.agents.phone.sip.SipEndpoint.Failure;
import org.parley.agents.phone.sip.SipMessage;
import org.parley.agents.phone.sip.SipUri;
import org.parley.core.api.CallResult;
import org.parley.core.api.CallResult.EndedBy;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

/**
 * One call, from the INVITE to its outcome. Everything happens on the line's event loop. A
 * challenge and a redirect repeat the INVITE; nothing else does.
 */
final class Call implements SipEndpoint.Answers, RtpStream.Listener {
  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_CHALLENGES = 2;
  private static final int MAX_DIGITS = 32;

  private final CallLine line;
  private final SipSettings settings;
  private final Attempt attempt;
  private final Prompt prompt;
  private final String callId;
  private final String from;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final StringBuilder digits = new StringBuilder();
  private final Set<String> asked = new HashSet<>();

  private InetSocketAddress target;
  private String uri;
  private long sequence;
  private int challenges;
  private boolean alerted;
  private @Nullable RtpStream stream;
  private @Nullable ClientTransaction invite;
  private @Nullable Sdp early;
  private @Nullable Outcome givenUp;
  private @Nullable Answered answered;
  private @Nullable ServerTransaction renewal;
  private boolean played;
  private @Nullable ScheduledFuture<?> limit;
  private @Nullable ScheduledFuture<?> wait;

  /**
   * The call after its 2xx.
   *
   * @param hop where its requests go
   */
  private record Answered(
      Dialog dialog, InetSocketAddress hop, Sdp sound, long session, long sinceNanos) {}

  /**
   * @param target the carrier's address
   */
  Call(CallLine line, Attempt attempt, Prompt prompt, InetSocketAddress target) {
    this.line = line;
    this.settings = line.settings();
    this.attempt = attempt;
    this.prompt = prompt;
    this.target = target;
    this.callId = attempt.id().value() + '@' + settings.domain();
    this.uri = line.uri(attempt.address());
    String own = settings.caller() + '@' + SipUri.inUri(settings.domain());
    this.from = "<sip:" + own + ">;tag=" + line.endpoint().token();
    asked.add(uri);
  }

  String callId() {
    return callId;
  }

  /** Done once the call is over; it never fails. */
  CompletableFuture<Outcome> outcome() {
    return outcome;
  }

  void start() {
    if (line.calls().putIfAbsent(callId, this) != null) {
      outcome.complete(
          Outcome.unknown(settings.carrier(), "alreadyCalling", "the attempt is a call already"));
      return;
    }
    var unused =
        line.openStream(this)
            .whenComplete(
                (opened, failure) -> {
                  if (opened == null) {
                    end(notSent("noPort", "there is no free port for sound"));
                  } else {
                    stream = opened;
                    begin();
                  }
                });
  }

  private void begin() {
    if (outcome.isDone()) return;
    limit = after(settings.ringTimeout(), this::rangTooLong);
    invite(Optional.empty(), "");
  }

  private void invite(Optional<String> credentials, String header) {
    RtpStream sound = stream;
    if (sound == null) return;
    if (!mayRing()) {
      end(unlessAlerted(Outcome.notSent("expired")));
      return;
    }
    SipMessage.Builder request =
        SipMessage.request("INVITE", uri)
            .add("Max-Forwards", "70")
            .add("From", from)
            .add("To", '<' + uri + '>')
            .add("Call-ID", callId)
            .add("CSeq", ++sequence + " INVITE")
            .add("Contact", line.endpoint().contact(settings.caller()))
            .add("Allow", SipConnector.ALLOW)
            .add("User-Agent", "Parley");
    credentials.ifPresent(value -> request.add(header, value));
    request.body("application/sdp", Sdp.offer(sound.local(), session()));
    invite = line.endpoint().send(request, target, this, this::mayRing);
  }

  private boolean mayRing() {
    return !attempt.isExpired(System.nanoTime(), line.time().millis());
  }

  private long session() {
    return Integer.toUnsignedLong(callId.hashCode());
  }

  @Override
  public void answered(SipMessage response) {
    int status = response.status();
    if (status >= 200 && status < 300) {
      accepted(response);
    } else if (outcome.isDone()) {
      // Before a provisional answer the CANCEL must not leave (RFC 3261, section 9.1).
      if (status < 200) cancelInvite();
    } else if (status < 200) {
      provisional(response);
    } else if (givenUp != null) {
      end(status == 487 ? givenUp : verdict(response));
    } else if (status == 401 || status == 407) {
      challenged(response);
    } else if (status < 400) {
      redirected(response);
    } else {
      end(verdict(response));
    }
  }

  private Outcome verdict(SipMessage response) {
    return CallVerdicts.of(settings.carrier(), response.status(), response.phrase(), alerted);
  }

  /** Early media is not played to anybody, but its description stands in for one the 2xx lacks. */
  private void provisional(SipMessage response) {
    if (response.status() > 100) alerted = true;
    Sdp sound = sound(response);
    if (sound != null) early = sound;
    if (givenUp != null) cancelInvite();
  }

  private void cancelInvite() {
    ClientTransaction current = invite;
    if (current != null) current.cancel();
  }

  private static @Nullable Sdp sound(SipMessage message) {
    if (message.body().length == 0) return null;
    try {
      return Sdp.parse(message.body());
    } catch (NotSip e) {
      return null;
    }
  }

  private void challenged(SipMessage response) {
    boolean staleOnly = ++challenges > 1;
    Optional<String> credentials =
        challenges > MAX_CHALLENGES
            ? Optional.empty()
            : credentials(response, "INVITE", uri, staleOnly);
    if (credentials.isPresent()) invite(credentials, credentialsHeader(response));
    else end(verdict(response));
  }

  private static String credentialsHeader(SipMessage challenge) {
    return challenge.status() == 407 ? "Proxy-Authorization" : "Authorization";
  }

  /**
   * The answer to the first challenge that can be answered.
   *
   * @param staleOnly what was answered before is only answered again when its nonce was too old
   */
  private Optional<String> credentials(
      SipMessage response, String method, String target, boolean staleOnly) {
    if (settings.login().isEmpty()) return Optional.empty();
    SipSettings.Login login = settings.login().get();
    boolean proxy = response.status() == 407;
    for (String challenge : response.each(proxy ? "Proxy-Authenticate" : "WWW-Authenticate")) {
      boolean refused = staleOnly && !challenge.toLowerCase(Locale.ROOT).contains("stale=true");
      if (refused) continue;
      String nonce = line.endpoint().token();
      Optional<String> credentials =
          Digest.answer(challenge, login.username(), login.password(), method, target, nonce);
      if (credentials.isPresent()) return credentials;
    }
    return Optional.empty();
  }

  private void redirected(SipMessage response) {
    String detail = CallVerdicts.detail(response.status(), response.phrase());
    for (String contact : response.all("Contact")) {
      Optional<SipUri> next = SipUri.parse(HeaderValue.uri(contact));
      if (next.isEmpty() || !SipConnector.isUser(next.get().user())) continue;
      SipUri to = next.get();
      String nextUri = "sip:" + to.user() + '@' + SipUri.inUri(to.host()) + ':' + to.port();
      if (asked.size() > MAX_REDIRECTS || !asked.add(nextUri)) {
        end(rejected("redirectLoop", detail));
        return;
      }
      follow(to, nextUri);
      return;
    }
    end(rejected("badRedirect", detail));
  }

  private void follow(SipUri to, String nextUri) {
    var unused =
        line.resolve(to.host(), to.port())
            .whenCompleteAsync(
                (found, failure) -> {
                  if (outcome.isDone()) return;
                  if (givenUp != null || found == null) {
                    end(givenUp != null ? givenUp : rejected("badRedirect", "an unknown host"));
                    return;
                  }
                  target = found;
                  uri = nextUri;
                  challenges = 0;
                  invite(Optional.empty(), "");
                },
                line.loop());
  }

  /** A 2xx: the first, the same again because our ACK was lost, or another phone's (forking). */
  private void accepted(SipMessage response) {
    ClientTransaction current = invite;
    if (current == null) return;
    Answered known = answered;
    if (known != null && known.dialog().remoteTag().equals(response.toTag())) {
      line.endpoint().acknowledge(known.dialog().ack(), known.hop());
      return;
    }
    Dialog dialog = Dialog.ofCaller(current.request(), response);
    if (known != null || outcome.isDone()) {
      withHop(dialog, hop -> leave(dialog, hop));
      return;
    }
    Sdp own = sound(response);
    Sdp sound = own == null ? early : own;
    withHop(dialog, hop -> connect(dialog, hop, sound));
  }

  private void withHop(Dialog dialog, Consumer<InetSocketAddress> then) {
    InetSocketAddress otherwise = target;
    if (dialog.nextHop().isEmpty()) {
      then.accept(otherwise);
      return;
    }
    SipUri next = dialog.nextHop().get();
    var unused =
        line.resolve(next.host(), next.port())
            .whenComplete(
                (found, failure) -> {
                  InetSocketAddress hop = found == null ? otherwise : found;
                  if (line.loop().inEventLoop()) {
                    then.accept(hop);
                  } else {
                    line.loop().execute(() -> then.accept(hop));
                  }
                });
  }

  private void leave(Dialog dialog, InetSocketAddress hop) {
    line.endpoint().acknowledge(dialog.ack(), hop);
    bye(dialog, hop);
  }

  private void bye(Dialog dialog, InetSocketAddress hop) {
    ClientTransaction unused =
        line.endpoint().send(dialog.request("BYE"), hop, new Farewell(dialog, hop));
  }

  /** What is said to our BYE changes nothing, except that it is proved once who says it. */
  private final class Farewell implements SipEndpoint.Answers {
    private final Dialog dialog;
    private final InetSocketAddress hop;
    private boolean proved;

    Farewell(Dialog dialog, InetSocketAddress hop) {
      this.dialog = dialog;
      this.hop = hop;
    }

    @Override
    public void answered(SipMessage response) {
      boolean asks = response.status() == 401 || response.status() == 407;
      if (!asks || proved) return;
      proved = true;
      credentials(response, "BYE", dialog.target(), false)
          .ifPresent(given -> prove(response, given));
    }

    private void prove(SipMessage response, String credentials) {
      SipMessage.Builder bye = dialog.request("BYE").add(credentialsHeader(response), credentials);
      ClientTransaction unused = line.endpoint().send(bye, hop, this);
    }

    @Override
    public void failed(Failure failure) {}
  }

  private void connect(Dialog dialog, InetSocketAddress hop, @Nullable Sdp sound) {
    RtpStream own = stream;
    if (answered != null || outcome.isDone() || own == null) {
      if (answered == null) leave(dialog, hop);
      return;
    }
    if (givenUp != null || sound == null) {
      // The 2xx crossed our CANCEL, or it has no sound we can speak: somebody heard nothing.
      leave(dialog, hop);
      end(givenUp != null ? givenUp : rejected("noMedia", "no PCMU or PCMA over RTP"));
      return;
    }
    line.endpoint().acknowledge(dialog.ack(), hop);
    answered = new Answered(dialog, hop, sound, session(), System.nanoTime());
    cancel(limit);
    limit = after(settings.maxCall(), () -> hangUp(EndedBy.US));
    own.connect(sound.target(), sound.codec(), Sdp.OWN_EVENT_TYPE);
    own.play(prompt.in(sound.codec()));
  }

  @Override
  public void failed(Failure failure) {
    String carrier = settings.carrier();
    switch (failure) {
      case NO_CONNECTION ->
          end(
              unlessAlerted(
                  mayRing()
                      ? notSent("connectFailed", "the carrier cannot be reached")
                      : Outcome.notSent("expired")));
      case LOST -> end(Outcome.unknown(carrier, "connectionLost", "the connection broke"));
      case TIMEOUT -> end(Outcome.unknown(carrier, "noResponse", "nothing came back"));
    }
  }

  /** A phone that rang before a challenge or a redirect is not rung again. */
  private Outcome unlessAlerted(Outcome notSent) {
    return alerted ? rejected("noAnswer", "it rang, and the call could not go on") : notSent;
  }

  private void rangTooLong() {
    giveUp(
        alerted
            ? rejected("noAnswer", "nobody answered within " + settings.ringTimeout())
            : Outcome.unknown(
                settings.carrier(), "noResponse", "no answer within " + settings.ringTimeout()));
  }

  /** Takes the call back; the outcome is this one unless the other side says more. */
  private void giveUp(Outcome instead) {
    givenUp = instead;
    ClientTransaction current = invite;
    if (current != null) current.cancel();
    limit =
        after(
            Duration.ofMillis(64 * settings.endpoint().t1Millis()),
            () -> {
              if (current != null) current.abandon();
              end(instead);
            });
  }

  @Override
  public void pressed(char key) {
    boolean counts = (key >= '0' && key <= '9') || key == '*' || key == '#';
    if (answered == null || outcome.isDone() || !counts) return;
    if (digits.length() < MAX_DIGITS) digits.append(key);
    if (settings.decisive().indexOf(key) >= 0) {
      hangUp(EndedBy.US);
    } else if (played) {
      await();
    }
  }

  @Override
  public void played() {
    played = true;
    if (!outcome.isDone()) await();
  }

  private void await() {
    cancel(wait);
    wait = after(settings.answerWait(), () -> hangUp(EndedBy.US));
  }

  /** The other side hung up; its BYE has been answered. */
  void hungUp() {
    if (answered != null) end(result(answered, EndedBy.CUSTOMER));
  }

  /** Whether a request of this dialog is about this call. */
  boolean isWith(SipMessage request) {
    Answered known = answered;
    return known != null
        && known.dialog().remoteTag().equals(request.fromTag())
        && HeaderValue.param(from, "tag").orElse("").equals(request.toTag());
  }

  /**
   * The other side renews the call, or moves its sound: our description again, or nothing when it
   * offers no codec of this call.
   */
  Optional<byte[]> renewed(SipMessage request) {
    Answered known = answered;
    RtpStream own = stream;
    if (known == null || own == null) return Optional.empty();
    int codec = known.sound().codec();
    if (request.body().length > 0) {
      Sdp offer = sound(request);
      if (offer == null || offer.codec() != codec) return Optional.empty();
      own.connect(offer.target(), codec, Sdp.OWN_EVENT_TYPE);
    }
    return Optional.of(Sdp.answer(own.local(), known.session(), codec, Sdp.OWN_EVENT_TYPE));
  }

  /** Our 2xx to its renewal is repeated until the ACK. */
  void renewing(ServerTransaction transaction) {
    renewal = transaction;
  }

  void renewalAcknowledged() {
    if (renewal != null) renewal.acknowledged();
    renewal = null;
  }

  /** Ends the call now, whatever it does: the node goes down. */
  void stop() {
    if (outcome.isDone()) return;
    if (answered != null) {
      hangUp(EndedBy.NOBODY);
      return;
    }
    ClientTransaction current = invite;
    if (current == null) {
      end(Outcome.notSent("shuttingDown"));
      return;
    }
    current.cancel();
    end(Outcome.unknown(settings.carrier(), "shuttingDown", "the node went down with the call"));
  }

  private void hangUp(EndedBy by) {
    Answered known = answered;
    if (known == null || outcome.isDone()) return;
    bye(known.dialog(), known.hop());
    end(result(known, by));
  }

  private Outcome result(Answered call, EndedBy by) {
    Duration lasted = Duration.ofNanos(System.nanoTime() - call.sinceNanos());
    return Outcome.answered(
        settings.carrier(),
        callId,
        new CallResult(Duration.ofMillis(lasted.toMillis()), digits.toString(), by));
  }

  private Outcome rejected(String reason, String detail) {
    return Outcome.rejected(settings.carrier(), reason, detail);
  }

  private Outcome notSent(String reason, String detail) {
    return Outcome.notSent(settings.carrier(), reason, detail);
  }

  private void end(Outcome end) {
    if (outcome.isDone()) return;
    cancel(limit);
    cancel(wait);
    renewalAcknowledged();
    RtpStream own = stream;
    if (own != null) own.close();
    line.calls().remove(callId, this);
    outcome.complete(end);
  }

  private ScheduledFuture<?> after(Duration delay, Runnable task) {
    return line.loop().schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void cancel(@Nullable ScheduledFuture<?> timer) {
    if (timer != null) timer.cancel(false);
  }
}

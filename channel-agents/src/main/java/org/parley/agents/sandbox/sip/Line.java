package org.parley.agents.sandbox.sip;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.parley.agents.phone.rtp.RtpStream;
import org.parley.agents.phone.sip.Dialog;
import org.parley.agents.phone.sip.NotSip;
import org.parley.agents.phone.sip.Sdp;
import org.parley.agents.phone.sip.ServerTransaction;
import org.parley.agents.phone.sip.SipEndpoint;
import org.parley.agents.phone.sip.SipMessage;
import org.parley.agents.phone.sip.SipUri;

/** One call at the sandbox, from the callee's side. Everything happens on the event loop. */
final class Line implements RtpStream.Listener {
  private static final long MAX_MINUTES = 30;

  private final SandboxSip sandbox;
  private final SandboxSipSettings settings;
  private final EventLoop loop;
  private final ServerTransaction invite;
  private final String number;
  private final String tag;
  private final Instant at = Instant.now();
  private @Nullable RtpStream stream;
  private @Nullable Sdp offer;
  private @Nullable Dialog dialog;
  private boolean acknowledged;
  private @Nullable ScheduledFuture<?> forgotten;
  private String pressed = "";
  private String end = "open";

  Line(SandboxSip sandbox, EventLoop loop, ServerTransaction invite, String number) {
    this.sandbox = sandbox;
    this.settings = sandbox.settings();
    this.loop = loop;
    this.invite = invite;
    this.number = number;
    this.tag = sandbox.endpoint().token();
  }

  ServerTransaction invite() {
    return invite;
  }

  SandboxCall seen() {
    RtpStream own = stream;
    String id = invite.request().callId();
    int host = id.indexOf('@');
    return new SandboxCall(
        at,
        host < 0 ? id : id.substring(0, host),
        number,
        acknowledged,
        own == null ? 0 : own.received(),
        pressed,
        end);
  }

  /** Rings, and does what the number's last digits ask. */
  void ring() {
    String last = number.length() < 4 ? number : number.substring(number.length() - 4);
    switch (last) {
      case "0404" -> refuse(404, "Not Found");
      case "0480" -> refuse(480, "Temporarily Unavailable");
      case "0486" -> refuse(486, "Busy Here");
      case "0503" -> refuse(503, "Service Unavailable");
      case "0603" -> {
        say(180, "Ringing");
        after(settings.ring(), () -> refuse(603, "Decline"));
      }
      case "0302" -> redirect();
      case "0408", "0487" -> say(180, "Ringing");
      case "0183" -> openSound(() -> early());
      default -> {
        say(180, "Ringing");
        openSound(() -> after(settings.ring(), this::answer));
      }
    }
  }

  private void say(int status, String phrase) {
    invite.respond(
        SipMessage.response(invite.request(), status, phrase, tag)
            .add("Contact", sandbox.endpoint().contact(""))
            .build());
  }

  void refuse(int status, String phrase) {
    if (dialog != null || !end.equals("open")) return;
    say(status, phrase);
    ended(Integer.toString(status));
  }

  private void redirect() {
    String to = number.substring(0, number.length() - 4) + "1000";
    var at = sandbox.endpoint().local();
    invite.respond(
        SipMessage.response(invite.request(), 302, "Moved Temporarily", tag)
            .add(
                "Contact",
                "<sip:" + to + '@' + SipUri.inUri(settings.host()) + ':' + at.getPort() + '>')
            .build());
    ended("302");
  }

  private void openSound(Runnable then) {
    try {
      offer = Sdp.parse(invite.request().body());
    } catch (NotSip e) {
      refuse(488, "Not Acceptable Here");
      return;
    }
    var unused =
        RtpStream.open(sandbox.clock(), settings.host(), 0, this)
            .whenComplete(
                (opened, failure) -> {
                  if (opened == null || !end.equals("open")) {
                    if (opened != null) opened.close();
                    refuse(500, "No Port");
                    return;
                  }
                  stream = opened;
                  then.run();
                });
  }

  private void early() {
    respondWithSound(183, "Session Progress");
    after(settings.ring(), this::answer);
  }

  private SipMessage respondWithSound(int status, String phrase) {
    RtpStream own = stream;
    Sdp sound = offer;
    SipMessage.Builder response =
        SipMessage.response(invite.request(), status, phrase, tag)
            .add("Contact", sandbox.endpoint().contact(""));
    if (own != null && sound != null) {
      own.connect(sound.target(), sound.codec(), sound.eventType());
      response.body(
          "application/sdp", Sdp.answer(own.local(), 1, sound.codec(), sound.eventType()));
    }
    SipMessage built = response.build();
    invite.respond(built);
    return built;
  }

  /** Takes the phone up; a number that ends in 0487 does so at the very moment of the CANCEL. */
  void cancelled() {
    if (number.endsWith("0487") && end.equals("open")) {
      openSound(this::answer);
    } else {
      refuse(487, "Request Terminated");
    }
  }

  private void answer() {
    if (dialog != null || !end.equals("open")) return;
    dialog = Dialog.ofCallee(invite.request(), respondWithSound(200, "OK"));
    forgotten = loop.schedule(this::hangUp, MAX_MINUTES, TimeUnit.MINUTES);
  }

  /** The ACK came: the line stands. */
  void acknowledged() {
    invite.acknowledged();
    RtpStream own = stream;
    if (acknowledged || own == null) return;
    acknowledged = true;
    own.play(new byte[0]);
    String keys = keys();
    after(
        settings.pressAfter(),
        () -> {
          if (!end.equals("open")) return;
          pressed = keys;
          own.press(keys);
        });
    boolean hasty = number.endsWith("0199");
    Duration limit = hasty ? Duration.ofMillis(300) : settings.hangUpAfter();
    if (!limit.isZero()) after(limit, this::hangUp);
  }

  private String keys() {
    if (number.endsWith("0001")) return "1";
    if (number.endsWith("0002")) return "2";
    if (number.endsWith("0009")) return "9";
    return settings.press();
  }

  void hangUp() {
    Dialog known = dialog;
    if (known == null || !end.equals("open")) return;
    known
        .nextHop()
        .map(Line::address)
        .ifPresent(
            hop -> {
              var unused = sandbox.endpoint().send(known.request("BYE"), hop, DEAF);
            });
    ended("customer");
  }

  private static InetSocketAddress address(SipUri uri) {
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(uri.host());
    try {
      return octets == null
          ? new InetSocketAddress(InetAddress.getLoopbackAddress(), uri.port())
          : new InetSocketAddress(InetAddress.getByAddress(octets), uri.port());
    } catch (UnknownHostException e) {
      throw new AssertionError("the octets are an address", e);
    }
  }

  /** The caller hung up. */
  void hungUp() {
    if (end.equals("open")) ended("caller");
  }

  private void ended(String how) {
    end = how;
    if (forgotten != null) forgotten.cancel(false);
    sandbox.ended(this);
    RtpStream own = stream;
    if (own != null) own.close();
  }

  @Override
  public void pressed(char key) {}

  @Override
  public void played() {}

  private void after(Duration delay, Runnable task) {
    if (delay.isZero()) {
      task.run();
      return;
    }
    var unused = loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static final SipEndpoint.Answers DEAF =
      new SipEndpoint.Answers() {
        @Override
        public void answered(SipMessage response) {}

        @Override
        public void failed(SipEndpoint.Failure failure) {}
      };
}

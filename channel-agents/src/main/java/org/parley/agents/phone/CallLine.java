package org.parley.agents.phone;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.parley.agents.phone.rtp.MediaClock;
import org.parley.agents.phone.rtp.RtpStream;
import org.parley.agents.phone.sip.SipEndpoint;
import org.parley.agents.phone.sip.SipUri;

/**
 * What the calls of one carrier share. Except for {@link #resolve} everything happens on the event
 * loop.
 */
final class CallLine {
  /** A port that was closed stays taken until the loop looks at its sockets again. */
  private static final long FREED_MILLIS = 20;

  private final SipSettings settings;
  private final SipEndpoint endpoint;
  private final EventLoop loop;
  private final MediaClock clock;
  private final InstantSource time;
  private final Executor blocking;
  private final Map<String, Call> calls = new HashMap<>();
  private int nextPort;

  /**
   * @param blocking where names are looked up
   */
  CallLine(
      SipSettings settings,
      SipEndpoint endpoint,
      EventLoop loop,
      InstantSource time,
      Executor blocking) {
    this.settings = settings;
    this.endpoint = endpoint;
    this.loop = loop;
    this.clock = new MediaClock(loop);
    this.time = time;
    this.blocking = blocking;
    this.nextPort = settings.firstRtpPort();
  }

  SipSettings settings() {
    return settings;
  }

  SipEndpoint endpoint() {
    return endpoint;
  }

  EventLoop loop() {
    return loop;
  }

  InstantSource time() {
    return time;
  }

  Map<String, Call> calls() {
    return calls;
  }

  @Nullable Call call(String callId) {
    return calls.get(callId);
  }

  /** Opens a port for sound, from the configured range: any of it that is free. */
  CompletionStage<RtpStream> openStream(RtpStream.Listener listener) {
    if (settings.rtpPortMin() == 0) return open(0, listener);
    int all = settings.rtpPorts();
    return openOneOf(all, listener)
        .exceptionallyCompose(taken -> looked().thenCompose(ignored -> openOneOf(all, listener)));
  }

  private CompletionStage<RtpStream> openOneOf(int tries, RtpStream.Listener listener) {
    CompletionStage<RtpStream> opened = open(nextPort(), listener);
    if (tries <= 1) return opened;
    return opened.exceptionallyCompose(taken -> openOneOf(tries - 1, listener));
  }

  private CompletionStage<RtpStream> open(int port, RtpStream.Listener listener) {
    return RtpStream.open(clock, settings.endpoint().host(), port, listener);
  }

  private CompletionStage<Void> looked() {
    CompletableFuture<Void> looked = new CompletableFuture<>();
    var unused = loop.schedule(() -> looked.complete(null), FREED_MILLIS, TimeUnit.MILLISECONDS);
    return looked;
  }

  private int nextPort() {
    int port = nextPort > settings.rtpPortMax() ? settings.firstRtpPort() : nextPort;
    nextPort = port + 2;
    return port;
  }

  /** Where a host is; an address costs no look-up. The stage is done on any thread. */
  CompletionStage<InetSocketAddress> resolve(String host, int port) {
    byte[] octets = NetUtil.createByteArrayFromIpAddressString(host);
    if (octets == null) {
      return CompletableFuture.supplyAsync(() -> lookUp(host, port), blocking);
    }
    try {
      return CompletableFuture.completedFuture(
          new InetSocketAddress(InetAddress.getByAddress(octets), port));
    } catch (UnknownHostException e) {
      throw new AssertionError("the octets are an address", e);
    }
  }

  private static InetSocketAddress lookUp(String host, int port) {
    InetSocketAddress found = new InetSocketAddress(host, port);
    if (found.isUnresolved()) throw new IllegalArgumentException("the host is not known");
    return found;
  }

  /** The URI of a number at the carrier; it holds nothing but the digits and the plus sign. */
  String uri(String number) {
    return "sip:"
        + number
        + '@'
        + SipUri.inUri(settings.host())
        + ':'
        + settings.port()
        + ";user=phone";
  }
}

package org.parley.agents.phone;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.parley.agents.phone.sip.Sdp;
import org.parley.agents.phone.sip.ServerTransaction;
import org.parley.agents.phone.sip.SipEndpoint;
import org.parley.agents.phone.sip.SipMessage;

/** An exchange that says to each request exactly what a test wants. */
final class ScriptedExchange implements SipEndpoint.Handler, AutoCloseable {
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final SipEndpoint endpoint;
  private final Consumer<ServerTransaction> script;

  /** Every request that came, repetitions not counted, and the INVITE of every CANCEL. */
  final List<SipMessage> requests = new CopyOnWriteArrayList<>();

  final List<SipMessage> cancelled = new CopyOnWriteArrayList<>();

  /** The ACKs of 2xx. */
  final List<SipMessage> acks = new CopyOnWriteArrayList<>();

  /**
   * @param script is given every new request, on the exchange's event loop
   */
  ScriptedExchange(String transport, Consumer<ServerTransaction> script) {
    this.script = script;
    this.endpoint =
        SipEndpoint.open(
            loops.next(),
            new SipEndpoint.Settings(
                "scripted", transport.equals("tcp"), "127.0.0.1", 0, 500, 10_000, 16_384),
            this);
  }

  int port() {
    return endpoint.local().getPort();
  }

  /** The requests of a method, in order. */
  List<SipMessage> requests(String method) {
    return requests.stream().filter(request -> request.method().equals(method)).toList();
  }

  /** Says it, with a Contact that leads here unless the script has one of its own. */
  void say(ServerTransaction to, int status, String... headers) {
    SipMessage.Builder response = SipMessage.response(to.request(), status, "Scripted", "callee");
    for (int i = 0; i < headers.length; i += 2) response.add(headers[i], headers[i + 1]);
    to.respond(response.add("Contact", endpoint.contact("")).build());
  }

  /** Says yes, with sound that is heard nowhere where an INVITE asks for it. */
  void answer(ServerTransaction to, boolean sound) {
    SipMessage.Builder ok =
        SipMessage.response(to.request(), 200, "OK", "callee").add("Contact", endpoint.contact(""));
    InetSocketAddress nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    if (sound) ok.body("application/sdp", Sdp.offer(nowhere, 1));
    to.respond(ok.build());
  }

  /** Runs a task on the event loop, where answers are given. */
  void later(Runnable task) {
    loops.execute(task);
  }

  @Override
  public void request(SipMessage request, ServerTransaction transaction) {
    requests.add(request);
    script.accept(transaction);
  }

  @Override
  public void acknowledged(SipMessage ack) {
    acks.add(ack);
  }

  @Override
  public void cancelled(SipMessage invite, ServerTransaction transaction) {
    cancelled.add(invite);
    say(transaction, 487);
  }

  @Override
  public void close() {
    endpoint.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}

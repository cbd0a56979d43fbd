package org.parley.agents.phone.sip;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import kamon.Kamon;
import kamon.metric.Counter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One side of SIP: it listens, sends requests and hands on what comes, each request once, whatever
 * is repeated on the wire (RFC 3261, section 17). Except for opening and closing, everything is
 * called and told on its event loop.
 */
public final class SipEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SipEndpoint.class);
  private static final int MAX_SERVER_TRANSACTIONS = 50_000;

  private final EventLoop loop;
  private final Settings settings;
  private final Handler handler;
  private final SipWire wire;
  private final SecureRandom random = new SecureRandom();
  private final Counter refusedCounter;
  private final LongAdder refused = new LongAdder();
  private final AtomicBoolean complained = new AtomicBoolean();
  // Only on the loop.
  private final Map<String, ClientTransaction> clients = new HashMap<>();
  private final Map<String, ServerTransaction> servers = new HashMap<>();

  /**
   * How an endpoint behaves.
   *
   * @param name whose it is, for metrics and logs
   * @param tcp TCP, or UDP
   * @param host the address of this host it listens on, and says others shall use
   * @param port 0 takes a free one
   * @param t1Millis the estimate of a round trip, from which all other times follow: 500 by RFC
   *     3261, section 17.1.1.1
   * @param maxOctets the largest message taken
   */
  public record Settings(
      String name,
      boolean tcp,
      String host,
      int port,
      long t1Millis,
      int connectTimeoutMillis,
      int maxOctets) {}

  /** Why a request has no answer. */
  public enum Failure {
    /** It certainly did not leave this host. */
    NO_CONNECTION,
    /** The connection broke after it had left, or while it did. */
    LOST,
    /** Nothing came within 64 times T1. */
    TIMEOUT
  }

  /** Whoever sent a request. */
  public interface Answers {
    /** A response; for an INVITE a 2xx comes again for each repetition, and wants its ACK again. */
    void answered(SipMessage response);

    /** There will be no response. */
    void failed(Failure failure);
  }

  /** Whoever takes requests. */
  public interface Handler {
    /** A new request, neither ACK nor CANCEL; it must be answered. */
    void request(SipMessage request, ServerTransaction transaction);

    /** The ACK of a 2xx. */
    void acknowledged(SipMessage ack);

    /** The other side no longer wants its INVITE; the CANCEL has been answered. */
    void cancelled(SipMessage invite, ServerTransaction transaction);
  }

  private SipEndpoint(EventLoop loop, Settings settings, Handler handler) {
    this.loop = loop;
    this.settings = settings;
    this.handler = handler;
    this.refusedCounter = Kamon.counter("parley.sip.refused").withTag("carrier", settings.name());
    this.wire = new SipWire(loop, settings, new Incoming());
  }

  /**
   * Opens one; it listens when this returns.
   *
   * @throws java.io.UncheckedIOException when it cannot listen
   */
  public static SipEndpoint open(EventLoop loop, Settings settings, Handler handler) {
    return new SipEndpoint(loop, settings, handler);
  }

  /** Where it listens. */
  public InetSocketAddress local() {
    return wire.local();
  }

  /** How many things came that were no SIP, too large or too many. */
  public long refusedCount() {
    return refused.sum();
  }

  /** A random word for tags and nonces: 16 hexadecimal digits. */
  public String token() {
    byte[] octets = new byte[8];
    random.nextBytes(octets);
    return HexFormat.of().formatHex(octets);
  }

  /** The value of a Contact header that leads here. */
  public String contact(String user) {
    String transport = settings.tcp() ? ";transport=tcp" : "";
    return "<sip:" + (user.isEmpty() ? "" : user + '@') + hostPort() + transport + '>';
  }

  private String hostPort() {
    return SipUri.inUri(settings.host()) + ':' + local().getPort();
  }

  /** Sends a request in a transaction of its own; the Via is added here. */
  public ClientTransaction send(
      SipMessage.Builder request, InetSocketAddress target, Answers answers) {
    return send(request, target, answers, () -> true);
  }

  /**
   * The same, as long as it still may.
   *
   * @param maySend asked right before each time that the request leaves, repetitions too; one that
   *     never left has {@link Failure#NO_CONNECTION}
   */
  public ClientTransaction send(
      SipMessage.Builder request,
      InetSocketAddress target,
      Answers answers,
      BooleanSupplier maySend) {
    String branch = "z9hG4bK" + token();
    SipMessage message = request.top("Via", via(branch)).build();
    ClientTransaction transaction =
        new ClientTransaction(this, message, branch, target, answers, maySend);
    clients.put(transaction.key(), transaction);
    transaction.start();
    return transaction;
  }

  /** Sends the ACK of a 2xx, which has no transaction (section 13.2.2.4). */
  public void acknowledge(SipMessage.Builder ack, InetSocketAddress target) {
    wire.send(
        ack.top("Via", via("z9hG4bK" + token())).build().encode(),
        target,
        () -> true,
        ignored -> {});
  }

  private String via(String branch) {
    return "SIP/2.0/"
        + (settings.tcp() ? "TCP " : "UDP ")
        + hostPort()
        + ";branch="
        + branch
        + ";rport";
  }

  /** How many requests of ours have no final answer yet. */
  public int pending() {
    int pending = 0;
    for (ClientTransaction client : clients.values()) if (client.isOpen()) pending++;
    return pending;
  }

  @Override
  public void close() {
    wire.close();
  }

  boolean reliable() {
    return settings.tcp();
  }

  long t1Millis() {
    return settings.t1Millis();
  }

  SipWire wire() {
    return wire;
  }

  void after(long millis, Runnable task) {
    var unused = timer(millis, task);
  }

  ScheduledFuture<?> timer(long millis, Runnable task) {
    return loop.schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  void add(ClientTransaction client) {
    clients.put(client.key(), client);
  }

  void remove(ClientTransaction client) {
    clients.remove(client.key(), client);
  }

  void remove(ServerTransaction server) {
    servers.remove(server.key(), server);
  }

  private void refuse(String why) {
    refused.increment();
    refusedCounter.increment();
    if (complained.compareAndSet(false, true)) {
      LOG.warn(
          "Something that came to the SIP socket of {} was refused: {}. More of it is only counted.",
          settings.name(),
          why);
    }
  }

  /** Sorts what comes: to the transaction it belongs to, or to the handler. */
  private final class Incoming implements SipWire.Receiver {
    @Override
    public void received(SipMessage message, SipWire.Peer from) {
      try {
        if (message.isRequest()) {
          request(message, from);
        } else {
          ClientTransaction client =
              clients.get(ClientTransaction.key(message.branch(), message.sequenceMethod()));
          if (client != null) client.received(message);
        }
      } catch (RuntimeException e) {
        refuse("a " + e.getClass().getSimpleName() + " over it");
        LOG.debug("A message could not be handled", e);
      }
    }

    private void request(SipMessage message, SipWire.Peer from) {
      boolean secondary = message.method().equals("ACK") || message.method().equals("CANCEL");
      String key = ServerTransaction.key(message, secondary ? "INVITE" : message.method());
      ServerTransaction known = servers.get(key);
      if (message.method().equals("ACK")) {
        if (known == null || !known.acknowledges()) handler.acknowledged(message);
        return;
      }
      if (message.method().equals("CANCEL")) {
        cancel(message, from, known);
        return;
      }
      if (known != null) {
        known.repeat();
        return;
      }
      ServerTransaction transaction = new ServerTransaction(SipEndpoint.this, message, key, from);
      if (servers.size() >= MAX_SERVER_TRANSACTIONS) {
        refuse("too many requests at a time");
        return;
      }
      servers.put(key, transaction);
      handler.request(message, transaction);
    }

    private void cancel(SipMessage cancel, SipWire.Peer from, @Nullable ServerTransaction invite) {
      boolean open = invite != null && !invite.isAnswered();
      int status = invite == null ? 481 : 200;
      String phrase = invite == null ? "Call/Transaction Does Not Exist" : "OK";
      wire.answer(SipMessage.response(cancel, status, phrase, token()).build().encode(), from);
      if (open && invite != null) handler.cancelled(invite.request(), invite);
    }

    @Override
    public void refused(String why) {
      refuse(why);
    }

    @Override
    public void lost(InetSocketAddress target) {
      List<ClientTransaction> all = new ArrayList<>(clients.values());
      for (ClientTransaction client : all) client.lost(target);
    }
  }
}

package org.parley.agents.sandbox;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jsmpp.PDUStringException;
import org.jsmpp.SMPPConstant;
import org.jsmpp.bean.BindType;
import org.jsmpp.bean.InterfaceVersion;
import org.jsmpp.bean.SubmitSm;
import org.jsmpp.session.BindRequest;
import org.jsmpp.session.SMPPServerSession;
import org.jsmpp.session.connection.socket.SocketConnection;
import org.jspecify.annotations.Nullable;

/**
 * A real SMSC (SMPP 3.4) in the process, that takes every message, writes it down before it says
 * so, sends receipts and people's messages, and makes faults on demand. Numbers that begin with
 * +999, which no country has, ask for a fault by their last digit: see {@link Special}.
 */
public final class SandboxSmpp implements AutoCloseable {
  private static final int BIND_MILLIS = 5000;
  private static final int BACKLOG = 100;
  private static final int QUEUE = 2000;

  private final SandboxSmppSettings settings;
  private final ServerSocket server;
  private final Map<SMPPServerSession, SubmitClock> sessions = new ConcurrentHashMap<>();
  private final Set<SMPPServerSession> bound = ConcurrentHashMap.newKeySet();
  private final @Nullable Ledger ledger;
  private final ArrayDeque<SandboxSms> newestLast = new ArrayDeque<>();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong throttled = new AtomicLong();
  private final Random random;
  private final SmscDeliveries deliveries;
  private final SmscDesk desk;
  private volatile SmppMischief mischief;

  private SandboxSmpp(SandboxSmppSettings settings) throws IOException {
    this.settings = settings;
    this.mischief = settings.mischief();
    this.random = new Random(settings.seed());
    this.server =
        new ServerSocket(settings.port(), BACKLOG, InetAddress.getByName(settings.host()));
    this.ledger = settings.ledger().map(path -> new Ledger(path, settings.fsync())).orElse(null);
    this.deliveries = new SmscDeliveries(settings.threads(), bound);
    this.desk = new SmscDesk(this, deliveries);
  }

  /** Starts a server; it listens when this returns. */
  public static SandboxSmpp start(SandboxSmppSettings settings) {
    try {
      SandboxSmpp sandbox = new SandboxSmpp(settings);
      daemon(sandbox::acceptAll, "parley-sandbox-smpp");
      return sandbox;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the sandbox SMSC cannot listen on " + settings.host() + ':' + settings.port(), e);
    }
  }

  /** Starts a server when {@code parley.sandbox.smpp.enabled} says so. */
  public static Optional<SandboxSmpp> startIfEnabled(Config root) {
    if (!root.getBoolean("parley.sandbox.smpp.enabled")) return Optional.empty();
    return Optional.of(start(SandboxSmppSettings.read(root)));
  }

  /** The port it listens on. */
  public int port() {
    return server.getLocalPort();
  }

  /** The newest segments, newest first. */
  public List<SandboxSms> newest(int count) {
    synchronized (newestLast) {
      List<SandboxSms> newest = new ArrayList<>();
      Iterator<SandboxSms> backwards = newestLast.descendingIterator();
      while (newest.size() < count && backwards.hasNext()) newest.add(backwards.next());
      return newest;
    }
  }

  /** How many segments it took. */
  public long acceptedCount() {
    return accepted.get();
  }

  /** How many submits it throttled. */
  public long throttledCount() {
    return throttled.get();
  }

  /** How many receipts and people's messages were answered with success. */
  public long deliveredCount() {
    return deliveries.count();
  }

  /** How many sessions are bound. */
  public int sessions() {
    return bound.size();
  }

  /** What it does to those who send from now on. */
  public void behave(SmppMischief newMischief) {
    mischief = newMischief;
  }

  public SmppMischief mischief() {
    return mischief;
  }

  /**
   * A person writes. A long text comes in segments with a user data header.
   *
   * @param from the person's number, {@code +} and digits
   * @param to the number or short code that the person wrote to
   * @return done when the last segment was answered with success; what is refused comes again
   */
  public CompletableFuture<Void> says(String from, String to, String text) {
    return deliveries.says(from, to, text);
  }

  /** Drops every connection at once; new ones are taken. */
  public void dropConnections() {
    for (SMPPServerSession session : sessions.keySet()) session.close();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the sandbox SMSC cannot be closed", e);
    }
    deliveries.close();
    dropConnections();
    if (ledger != null) ledger.close();
  }

  /** Draws whether a fault of some share comes now. */
  boolean draws(double share) {
    if (share <= 0) return false;
    synchronized (random) {
      return random.nextDouble() < share;
    }
  }

  /** When a submit came off the wire; asked once for each. */
  Instant came(SubmitSm pdu, SMPPServerSession source) {
    SubmitClock clock = sessions.get(source);
    return clock == null ? Instant.now() : clock.came(pdu.getSequenceNumber());
  }

  /** Takes a segment: it is in the ledger when this returns. */
  void accept(SandboxSms sms) throws IOException {
    if (ledger != null) ledger.append(sms.json());
    accepted.incrementAndGet();
    synchronized (newestLast) {
      newestLast.addLast(sms);
      while (newestLast.size() > settings.inboxMessages()) newestLast.removeFirst();
    }
  }

  void throttledOne() {
    throttled.incrementAndGet();
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        client.setTcpNoDelay(true);
        daemon(() -> open(client), "parley-sandbox-smpp-bind");
      } catch (IOException e) {
        // It is closed, or this client went away.
      }
    }
  }

  private void open(Socket client) {
    SubmitClock clock = new SubmitClock();
    try {
      SMPPServerSession session =
          new SMPPServerSession(
              new SocketConnection(client),
              (now, before, source) -> {},
              desk,
              null,
              settings.threads(),
              QUEUE,
              desk.sender(),
              clock);
      sessions.put(session, clock);
      session.addSessionStateListener(
          (now, before, source) -> {
            if (now.isNotClosed()) return;
            sessions.remove(session);
            bound.remove(session);
          });
      bind(session, session.waitForBind(BIND_MILLIS));
    } catch (IOException | TimeoutException | PDUStringException | IllegalStateException e) {
      closeQuietly(client);
    }
  }

  private void bind(SMPPServerSession session, BindRequest request)
      throws IOException, PDUStringException {
    String password = settings.password();
    if (!password.isEmpty() && !password.equals(request.getPassword())) {
      request.reject(SMPPConstant.STAT_ESME_RINVPASWD);
      session.close();
      return;
    }
    request.accept("sandbox", InterfaceVersion.IF_34);
    if (!request.getBindType().equals(BindType.BIND_TX)) bound.add(session);
    if (!session.getSessionState().isBound()) bound.remove(session);
  }

  private static void closeQuietly(Socket client) {
    try {
      client.close();
    } catch (IOException e) {
      // It is as closed as it can be.
    }
  }

  private static void daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Runs a sandbox as a process of its own until it is killed; it prints its port in one line.
   * Every key of {@code parley.sandbox.smpp} is a switch: {@code --port 2775 --ledger FILE
   * --throttle-share 0.1 --lost-response-share 0.01 --receipt-delay 1s --seed 7 …}.
   */
  public static void main(String[] args) throws InterruptedException {
    Map<String, Object> overrides = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      boolean isSwitch = args[i].startsWith("--") && i + 1 < args.length;
      if (!isSwitch) {
        System.err.println("usage: SandboxSmpp [--port PORT] [--ledger FILE] [--KEY VALUE]…");
        System.exit(2);
      }
      String key = args[i].substring(2).toLowerCase(Locale.ROOT);
      overrides.put("parley.sandbox.smpp." + key, args[i + 1]);
    }
    Config config =
        ConfigFactory.parseMap(overrides, "command line").withFallback(ConfigFactory.load());
    SandboxSmpp sandbox = start(SandboxSmppSettings.read(config.resolve()));
    System.out.println("listening on " + sandbox.port());
    Thread.currentThread().join();
  }

  /** What a number that begins with +999 asks for by its last digit. */
  public enum Special {
    /** 1: refused as a bad address. */
    REFUSED,
    /** 2: answered after half a second. */
    SLOW,
    /** 3: taken, and the connection dropped without an answer. */
    VANISH,
    /** 4: throttled. */
    THROTTLED,
    /** 5: taken, and the receipt says that it could not be delivered. */
    FAILS,
    /** 6: taken, and never answered. */
    LOST_RESPONSE,
    /** 7: taken, and the person answers STOP. */
    STOPS;

    private static final String PREFIX = "+999";

    /** What a number asks for. */
    static Optional<Special> of(String number) {
      int digit = number.charAt(number.length() - 1) - '0';
      boolean asks = number.startsWith(PREFIX) && digit >= 1 && digit <= values().length;
      return asks ? Optional.of(values()[digit - 1]) : Optional.empty();
    }
  }
}

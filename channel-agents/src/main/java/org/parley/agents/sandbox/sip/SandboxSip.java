package org.parley.agents.sandbox.sip;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.parley.agents.phone.rtp.MediaClock;
import org.parley.agents.phone.sip.Digest;
import org.parley.agents.phone.sip.ServerTransaction;
import org.parley.agents.phone.sip.SipEndpoint;
import org.parley.agents.phone.sip.SipMessage;
import org.parley.agents.phone.sip.SipUri;
import org.parley.agents.sandbox.Ledger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real SIP and RTP endpoint that writes every call down before it rings, listens, presses keys
 * and hangs up, and makes faults on demand: by shares, and by the last four digits of the number.
 */
public final class SandboxSip implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxSip.class);
  private static final int MAX_LINES = 10_000;

  private final SandboxSipSettings settings;
  private final EventLoopGroup loops;
  private final EventLoop loop;
  private final MediaClock clock;
  private final SipEndpoint endpoint;
  private final @Nullable Ledger ledger;
  private final Random random;
  private final AtomicLong invited = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  // Only on the loop.
  private final Map<String, Line> lines = new HashMap<>();
  // Guarded by itself; the newest first.
  private final ArrayDeque<SandboxCall> newest = new ArrayDeque<>();

  private SandboxSip(SandboxSipSettings settings) {
    this.settings = settings;
    this.random = new Random(settings.seed());
    this.ledger = settings.ledger().map(path -> new Ledger(path, settings.fsync())).orElse(null);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("parley-sandbox-sip", true), NioIoHandler.newFactory());
    this.loop = loops.next();
    this.clock = new MediaClock(loop);
    SipEndpoint.Settings own =
        new SipEndpoint.Settings(
            "sandbox", settings.tcp(), settings.host(), settings.port(), 500, 10_000, 16_384);
    try {
      this.endpoint = SipEndpoint.open(loop, own, new Requests());
    } catch (RuntimeException e) {
      var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      if (ledger != null) ledger.close();
      throw e;
    }
  }

  /** Starts an endpoint; it listens when this returns. */
  public static SandboxSip start(SandboxSipSettings settings) {
    return new SandboxSip(settings);
  }

  /** Starts an endpoint when {@code parley.sandbox.sip.enabled} says so. */
  public static Optional<SandboxSip> startIfEnabled(Config root) {
    if (!root.getBoolean("parley.sandbox.sip.enabled")) return Optional.empty();
    return Optional.of(start(SandboxSipSettings.read(root)));
  }

  /** The port it listens on. */
  public int port() {
    return endpoint.local().getPort();
  }

  /** How many calls it was asked for, repeated messages and challenges not counted. */
  public long invitedCount() {
    return invited.get();
  }

  /** How many calls were answered, with the caller's ACK. */
  public long answeredCount() {
    return answered.get();
  }

  /** The newest calls that are over, newest first. */
  public List<SandboxCall> newest(int count) {
    synchronized (newest) {
      return newest.stream().limit(count).toList();
    }
  }

  @Override
  public void close() {
    endpoint.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    if (ledger != null) ledger.close();
  }

  SandboxSipSettings settings() {
    return settings;
  }

  SipEndpoint endpoint() {
    return endpoint;
  }

  MediaClock clock() {
    return clock;
  }

  private boolean draws(double share) {
    return share > 0 && random.nextDouble() < share;
  }

  void ended(Line line) {
    lines.remove(line.invite().request().callId(), line);
    SandboxCall call = line.seen();
    write("ended", call);
    synchronized (newest) {
      newest.addFirst(call);
      while (newest.size() > settings.calls()) newest.removeLast();
    }
  }

  /** False when it could not be written down. */
  private boolean write(String event, SandboxCall call) {
    if (ledger == null) return true;
    StringBuilder out = new StringBuilder(200).append("{\"at\":\"").append(call.at());
    out.append("\",\"event\":\"").append(event).append("\",\"attempt\":\"");
    Ledger.escape(call.attemptId(), out);
    out.append("\",\"recipient\":\"");
    Ledger.escape(call.number(), out);
    out.append("\",\"answered\":").append(call.answered());
    out.append(",\"packets\":").append(call.packets());
    out.append(",\"pressed\":\"");
    Ledger.escape(call.pressed(), out);
    out.append("\",\"end\":\"").append(call.end()).append("\"}\n");
    try {
      ledger.append(out.toString());
      return true;
    } catch (IOException e) {
      LOG.error("The telephone sandbox cannot write its ledger", e);
      return false;
    }
  }

  private final class Requests implements SipEndpoint.Handler {
    @Override
    public void request(SipMessage request, ServerTransaction transaction) {
      Line line = lines.get(request.callId());
      switch (request.method()) {
        case "INVITE" -> invite(request, transaction, line);
        case "BYE" -> {
          answer(transaction, line == null ? 481 : 200, line == null ? "No Such Call" : "OK");
          if (line != null) line.hungUp();
        }
        case "OPTIONS" -> answer(transaction, 200, "OK");
        default -> answer(transaction, 405, "Method Not Allowed");
      }
    }

    private void invite(SipMessage request, ServerTransaction transaction, @Nullable Line known) {
      String number = SipUri.parse(request.uri()).map(SipUri::user).orElse("");
      if (known != null || number.isEmpty()) {
        answer(transaction, number.isEmpty() ? 484 : 488, "Not Acceptable Here");
        return;
      }
      if (!knowsCaller(request)) {
        transaction.respond(
            SipMessage.response(request, 407, "Proxy Authentication Required", endpoint.token())
                .add("Proxy-Authenticate", CHALLENGE)
                .build());
        return;
      }
      Line line = new Line(SandboxSip.this, loop, transaction, number);
      if (lines.size() >= MAX_LINES || !write("invited", line.seen())) {
        answer(transaction, 503, "Service Unavailable");
        return;
      }
      lines.put(request.callId(), line);
      invited.incrementAndGet();
      if (number.endsWith("0999") || draws(settings.vanishShare())) return;
      transaction.respond(SipMessage.response(request, 100, "Trying", "").build());
      if (draws(settings.busyShare())) {
        line.refuse(486, "Busy Here");
      } else {
        line.ring();
      }
    }

    private static final String CHALLENGE =
        "Digest realm=\"sandbox\", nonce=\"5ca1ab1e\", algorithm=SHA-256, qop=\"auth\"";

    private boolean knowsCaller(SipMessage request) {
      if (settings.username().isEmpty()) return true;
      Map<String, String> given =
          Digest.fields(request.first("Proxy-Authorization").orElse("").replace("Digest ", ""));
      Map<String, String> wanted =
          Digest.fields(
              Digest.answer(
                      CHALLENGE,
                      settings.username().get(),
                      settings.password(),
                      request.method(),
                      request.uri(),
                      given.getOrDefault("cnonce", ""))
                  .orElse("")
                  .replace("Digest ", ""));
      return MessageDigest.isEqual(
          given.getOrDefault("response", "").getBytes(StandardCharsets.UTF_8),
          wanted.getOrDefault("response", "?").getBytes(StandardCharsets.UTF_8));
    }

    private void answer(ServerTransaction transaction, int status, String phrase) {
      transaction.respond(
          SipMessage.response(transaction.request(), status, phrase, endpoint.token()).build());
    }

    @Override
    public void acknowledged(SipMessage ack) {
      Line line = lines.get(ack.callId());
      if (line == null) return;
      if (!line.seen().answered()) answered.incrementAndGet();
      line.acknowledged();
    }

    @Override
    public void cancelled(SipMessage invite, ServerTransaction transaction) {
      Line line = lines.get(invite.callId());
      if (line != null && line.invite() == transaction) line.cancelled();
    }
  }

  /**
   * Runs a sandbox as a process of its own until it is killed; it prints its port in one line.
   * Every key of {@code parley.sandbox.sip} is a switch: {@code --port 5060 --ledger FILE
   * --busy-share 0.1 --ring 2s --press 1 …}.
   */
  public static void main(String[] args) throws InterruptedException {
    Map<String, Object> overrides = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      boolean isSwitch = args[i].startsWith("--") && i + 1 < args.length;
      if (!isSwitch) {
        System.err.println("usage: SandboxSip [--port PORT] [--ledger FILE] [--KEY VALUE]…");
        System.exit(2);
      }
      String key = args[i].substring(2).toLowerCase(Locale.ROOT);
      overrides.put("parley.sandbox.sip." + key, args[i + 1]);
    }
    Config config =
        ConfigFactory.parseMap(overrides, "command line").withFallback(ConfigFactory.load());
    SandboxSip sandbox = start(SandboxSipSettings.read(config.resolve()));
    System.out.println("listening on " + sandbox.port());
    Thread.currentThread().join();
  }
}

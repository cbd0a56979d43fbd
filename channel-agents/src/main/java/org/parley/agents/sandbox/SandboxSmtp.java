package org.parley.agents.sandbox;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A real SMTP server that takes every message, writes it down before it says so, and makes faults
 * on demand. It runs on its own event loop: a thread for each connection cost several times as
 * much.
 */
public final class SandboxSmtp implements AutoCloseable {
  private static final byte[] MESSAGE_ID = "\nmessage-id:".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_OCTETS = 16 * 1024;

  private final SandboxSettings settings;
  private final EventLoopGroup loops;
  private final Channel server;
  private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Inbox inbox;
  private final @Nullable Ledger ledger;
  private final AtomicLong accepted = new AtomicLong();
  private final Random random;
  private volatile Mischief mischief;

  private SandboxSmtp(SandboxSettings settings) {
    this.settings = settings;
    this.mischief = settings.mischief();
    this.random = new Random(settings.seed());
    this.inbox = new Inbox(settings.inboxMessages());
    this.ledger = settings.ledger().map(path -> new Ledger(path, settings.fsync())).orElse(null);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            settings.threads(),
            new DefaultThreadFactory("parley-sandbox-smtp", true),
            NioIoHandler.newFactory());
    this.server = bind();
  }

  /** Starts a server; it listens when this returns. */
  public static SandboxSmtp start(SandboxSettings settings) {
    return new SandboxSmtp(settings);
  }

  /** Starts a server when {@code parley.sandbox.smtp.enabled} says so. */
  public static Optional<SandboxSmtp> startIfEnabled(Config root) {
    if (!root.getBoolean("parley.sandbox.smtp.enabled")) return Optional.empty();
    return Optional.of(start(SandboxSettings.read(root)));
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** The newest messages, newest first. */
  public List<SandboxMessage> newest(int count) {
    return inbox.newest(count);
  }

  /** How many messages it took. */
  public long acceptedCount() {
    return accepted.get();
  }

  /** How many connections are open. */
  public int connections() {
    return clients.size();
  }

  /** What it does to those who send from now on. */
  public void behave(Mischief newMischief) {
    mischief = newMischief;
  }

  public Mischief mischief() {
    return mischief;
  }

  /** Drops every connection at once; new ones are taken. */
  public void dropConnections() {
    clients.close().awaitUninterruptibly();
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    clients.close().awaitUninterruptibly();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    if (ledger != null) ledger.close();
  }

  SandboxSettings settings() {
    return settings;
  }

  void opened(Channel client) {
    clients.add(client);
  }

  /** Draws whether a fault of some share comes now. */
  boolean draws(double share) {
    if (share <= 0) return false;
    synchronized (random) {
      return random.nextDouble() < share;
    }
  }

  /** Takes a message, one ledger line for each recipient. */
  void accept(Instant at, Instant begun, String sender, List<String> recipients, byte[] octets)
      throws IOException {
    String attemptId = attemptId(octets);
    String source =
        settings.inboxMessages() == 0
            ? ""
            : new String(
                octets, 0, Math.min(octets.length, settings.inboxOctets()), StandardCharsets.UTF_8);
    for (String recipient : recipients) {
      SandboxMessage message =
          new SandboxMessage(at, begun, attemptId, sender, recipient, octets.length, source);
      if (ledger != null) ledger.append(message);
      accepted.incrementAndGet();
      inbox.add(message);
    }
  }

  /** What stands before the at sign of the Message-ID; the line may have any case. */
  private static String attemptId(byte[] octets) {
    int limit = Math.min(octets.length, HEADER_OCTETS);
    for (int i = 0; i + MESSAGE_ID.length < limit; i++) {
      if (octets[i] != '\n' || !isMessageId(octets, i)) continue;
      int open = i + MESSAGE_ID.length;
      while (open < limit && octets[open] != '<') open++;
      int at = open;
      while (at < limit && octets[at] != '@' && octets[at] != '\n') at++;
      if (at >= limit || octets[at] != '@') return "";
      return new String(octets, open + 1, at - open - 1, StandardCharsets.UTF_8);
    }
    return "";
  }

  private static boolean isMessageId(byte[] octets, int from) {
    for (int j = 0; j < MESSAGE_ID.length; j++) {
      if (Character.toLowerCase(octets[from + j]) != MESSAGE_ID[j]) return false;
    }
    return true;
  }

  private Channel bind() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new SandboxSession(SandboxSmtp.this));
                  }
                });
    var bound = bootstrap.bind(settings.host(), settings.port()).awaitUninterruptibly();
    if (bound.isSuccess()) return bound.channel();
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    if (ledger != null) ledger.close();
    throw new UncheckedIOException(
        "the sandbox SMTP server cannot listen on " + settings.host() + ':' + settings.port(),
        new IOException(bound.cause()));
  }

  /**
   * Runs a sandbox as a process of its own until it is killed; it prints its port in one line.
   * Every key of {@code parley.sandbox.smtp} is a switch: {@code --port 2525 --ledger FILE
   * --refuse-share 0.1 --drop-after-dot-share 0.01 --delay 5ms --seed 7 …}.
   */
  public static void main(String[] args) throws InterruptedException {
    Map<String, Object> overrides = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      boolean isSwitch = args[i].startsWith("--") && i + 1 < args.length;
      if (!isSwitch) {
        System.err.println("usage: SandboxSmtp [--port PORT] [--ledger FILE] [--KEY VALUE]…");
        System.exit(2);
      }
      String key = args[i].substring(2).toLowerCase(Locale.ROOT);
      overrides.put("parley.sandbox.smtp." + key, args[i + 1]);
    }
    Config config =
        ConfigFactory.parseMap(overrides, "command line").withFallback(ConfigFactory.load());
    SandboxSmtp sandbox = start(SandboxSettings.read(config.resolve()));
    System.out.println("listening on " + sandbox.port());
    Thread.currentThread().join();
  }
}

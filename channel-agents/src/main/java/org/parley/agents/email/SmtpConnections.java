package org.parley.agents.email;

import com.hubspot.smtp.client.SmtpSessionFactory;
import com.hubspot.smtp.client.SmtpSessionFactoryConfig;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.smtp.SmtpRequests;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A carrier's connections: kept alive while they are used, ended when they were idle too long or
 * carried enough messages. After a failed connection nobody tries again before a pause, which
 * doubles and is jittered, so that a dead carrier is not hammered. One periodic sweep watches every
 * deadline, so a message needs no timer. Thread-safe.
 */
final class SmtpConnections {
  private static final long MAX_SWEEP_MILLIS = 250;
  private static final int MAX_DOUBLINGS = 20;

  private final SmtpSettings settings;
  private final EventLoopGroup loops;
  private final SmtpHandshake handshake;

  // Guarded by this.
  private final ArrayDeque<SmtpConnection> idle = new ArrayDeque<>();
  private final Set<SmtpConnection> all = new HashSet<>();
  private int open;
  private int failures;
  private long pauseUntilNanos = System.nanoTime();
  private boolean closing;

  SmtpConnections(SmtpSettings settings, Executor blocking) {
    this.settings = settings;
    this.loops =
        new MultiThreadIoEventLoopGroup(
            settings.eventLoopThreads(),
            new DefaultThreadFactory("parley-smtp-" + settings.carrier(), true),
            NioIoHandler.newFactory());
    ClientTls tls = ClientTls.of(settings);
    SmtpSessionFactory factory =
        new SmtpSessionFactory(
            SmtpSessionFactoryConfig.builder()
                .eventLoopGroup(loops)
                .executor(SmtpSessionFactoryConfig.DIRECT_EXECUTOR)
                .allocator(PooledByteBufAllocator.DEFAULT)
                .sslEngineSupplier(tls::newEngine)
                .build());
    this.handshake = new SmtpHandshake(settings, factory, tls, blocking);
    long sweepMillis =
        Math.min(
            MAX_SWEEP_MILLIS,
            Math.max(
                10,
                Math.min(settings.commandTimeout().toMillis(), settings.idleTimeout().toMillis())
                    / 4));
    var unused =
        loops
            .next()
            .scheduleAtFixedRate(this::sweep, sweepMillis, sweepMillis, TimeUnit.MILLISECONDS);
  }

  /** The connection that was used last, because its event loop is awake; null when none is idle. */
  synchronized @Nullable SmtpConnection takeIdle() {
    return idle.pollLast();
  }

  /** Opens a connection, unless there are enough or the last failure was just now. */
  CompletableFuture<SmtpConnection> connect() {
    synchronized (this) {
      if (closing) return cannot("shuttingDown", "the node is shutting down");
      if (open >= settings.connections()) {
        return cannot("noConnection", "all connections are in use");
      }
      if (failures > 0 && System.nanoTime() - pauseUntilNanos < 0) {
        return cannot("connectFailed", "pausing after a failed connection");
      }
      open++;
    }
    AtomicBoolean slot = new AtomicBoolean();
    return handshake
        .open(slot, this::adopt)
        .whenComplete((connection, failure) -> connected(slot, connection));
  }

  /** Takes a connection back after a transmission. */
  void give(SmtpConnection connection) {
    connection.noDeadline();
    connection.watch().expectSilence();
    boolean keep;
    synchronized (this) {
      keep =
          !closing
              && connection.isOpen()
              && connection.messages() < settings.messagesPerConnection();
      if (keep) {
        connection.idleSince(System.nanoTime());
        idle.addLast(connection);
      }
    }
    if (!keep) quit(connection);
  }

  /** Takes a connection out for good; it is closed by whoever says so, or closes itself. */
  void retire(SmtpConnection connection) {
    synchronized (this) {
      idle.remove(connection);
    }
    free(connection.slot());
  }

  /** Ends idle connections now, the others after their transmission. */
  void close() {
    List<SmtpConnection> unused;
    boolean none;
    synchronized (this) {
      closing = true;
      unused = new ArrayList<>(idle);
      idle.clear();
      none = all.isEmpty() && open == 0;
    }
    unused.forEach(this::quit);
    if (none) stop();
  }

  synchronized int openCount() {
    return open;
  }

  private void adopt(SmtpConnection connection) {
    synchronized (this) {
      all.add(connection);
    }
    var unused =
        connection.session().getCloseFuture().whenComplete((done, failure) -> forget(connection));
  }

  private void forget(SmtpConnection connection) {
    retire(connection);
    boolean last;
    synchronized (this) {
      all.remove(connection);
      last = closing && all.isEmpty() && open == 0;
    }
    if (last) stop();
  }

  private void free(AtomicBoolean slot) {
    if (!slot.compareAndSet(false, true)) return;
    synchronized (this) {
      open--;
    }
  }

  private void connected(AtomicBoolean slot, @Nullable SmtpConnection connection) {
    if (connection == null) free(slot);
    boolean last;
    synchronized (this) {
      if (connection != null) {
        failures = 0;
        return;
      }
      // Those that were tried side by side are one failure.
      if (failures == 0 || System.nanoTime() - pauseUntilNanos >= 0) {
        failures = Math.min(failures + 1, MAX_DOUBLINGS);
        pauseUntilNanos = System.nanoTime() + pauseNanos();
      }
      last = closing && all.isEmpty() && open == 0;
    }
    if (last) stop();
  }

  private long pauseNanos() {
    double doubled = (double) settings.backoffMin().toNanos() * Math.pow(2, failures - 1);
    double pause = Math.min(doubled, (double) settings.backoffMax().toNanos());
    return (long) (pause * (0.5 + ThreadLocalRandom.current().nextDouble() / 2));
  }

  private void quit(SmtpConnection connection) {
    retire(connection);
    if (!connection.isOpen()) return;
    connection.loop().execute(() -> sayQuit(connection));
  }

  private void sayQuit(SmtpConnection connection) {
    connection.mustAnswerWithin(settings.commandTimeout());
    connection.watch().expectReplies();
    var unused =
        connection
            .session()
            .send(SmtpRequests.quit())
            .whenComplete((reply, failure) -> connection.watch().close("quit"));
  }

  private void sweep() {
    long now = System.nanoTime();
    long idleNanos = settings.idleTimeout().toNanos();
    List<SmtpConnection> overdue = new ArrayList<>();
    List<SmtpConnection> unused = new ArrayList<>();
    synchronized (this) {
      for (SmtpConnection connection : all) {
        if (connection.isOverdue()) overdue.add(connection);
      }
      while (!idle.isEmpty() && now - idle.peekFirst().idleSinceNanos() > idleNanos) {
        unused.add(idle.removeFirst());
      }
    }
    for (SmtpConnection connection : overdue) connection.watch().close("timeout");
    unused.forEach(this::quit);
  }

  private void stop() {
    var unused = loops.shutdownGracefully(0, 5, TimeUnit.SECONDS);
  }

  private static CompletableFuture<SmtpConnection> cannot(String reason, String detail) {
    return CompletableFuture.failedFuture(new CannotConnect(reason, detail));
  }
}

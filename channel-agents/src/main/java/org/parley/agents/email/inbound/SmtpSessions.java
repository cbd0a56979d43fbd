package org.parley.agents.email.inbound;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.subethamail.smtp.server.Session;
import org.subethamail.smtp.server.SessionHandler;

/**
 * Who is connected: so many of one address, and each for so long only. A client that sends an octet
 * now and then would hold its connection for ever otherwise. Thread-safe.
 */
final class SmtpSessions implements SessionHandler {
  private final SmtpDoorSettings settings;
  private final InboundMetrics metrics;
  private final Map<Session, Connection> open = new HashMap<>();
  private final Map<InetAddress, Integer> bySource = new HashMap<>();

  /**
   * What a session talks over.
   *
   * @param socket without TLS, which it may come to have: an encrypted socket does not close before
   *     a write that is under way has ended, and that may be never
   */
  private record Connection(Socket socket, long sinceNanos) {}

  SmtpSessions(SmtpDoorSettings settings, InboundMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
  }

  @Override
  public synchronized SessionAcceptance accept(Session session) {
    InetAddress source = source(session);
    int others = bySource.getOrDefault(source, 0);
    if (others >= settings.connectionsPerSource()) {
      metrics.odd("tooManyConnections");
      return SessionAcceptance.failure(421, "4.7.0 too many connections from your address");
    }
    bySource.put(source, others + 1);
    open.put(session, new Connection(session.getSocket(), System.nanoTime()));
    return SessionAcceptance.success();
  }

  @Override
  public synchronized void onSessionEnd(Session session) {
    if (open.remove(session) == null) return;
    bySource.computeIfPresent(source(session), (a, count) -> count > 1 ? count - 1 : null);
  }

  /** Closes the connections that have lasted too long. */
  void endOld() {
    long now = System.nanoTime();
    long longest = settings.sessionTimeout().toNanos();
    for (Connection connection : connections()) {
      if (now - connection.sinceNanos <= longest) continue;
      metrics.odd("sessionTimeout");
      close(connection);
    }
  }

  /** Closes all connections. */
  void endAll() {
    connections().forEach(this::close);
  }

  private synchronized List<Connection> connections() {
    return List.copyOf(open.values());
  }

  private void close(Connection connection) {
    try {
      connection.socket.close();
    } catch (IOException e) {
      metrics.count("closeFailed");
    }
  }

  private static InetAddress source(Session session) {
    return session.getRemoteAddress().getAddress();
  }
}

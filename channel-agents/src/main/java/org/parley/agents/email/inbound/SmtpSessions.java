package org.parley.agents.email.inbound;

import java.io.IOException;
import java.net.InetAddress;
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
  private final Map<Session, Long> startedNanos = new HashMap<>();
  private final Map<InetAddress, Integer> bySource = new HashMap<>();

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
    startedNanos.put(session, System.nanoTime());
    return SessionAcceptance.success();
  }

  @Override
  public synchronized void onSessionEnd(Session session) {
    if (startedNanos.remove(session) == null) return;
    bySource.computeIfPresent(source(session), (a, count) -> count > 1 ? count - 1 : null);
  }

  /** Closes the connections that have lasted too long. */
  void endOld() {
    long longest = settings.sessionTimeout().toNanos();
    long now = System.nanoTime();
    List<Session> old;
    synchronized (this) {
      old =
          startedNanos.entrySet().stream()
              .filter(entry -> now - entry.getValue() > longest)
              .map(Map.Entry::getKey)
              .toList();
    }
    for (Session session : old) {
      metrics.odd("sessionTimeout");
      try {
        session.closeSocket();
      } catch (IOException e) {
        metrics.count("closeFailed");
      }
    }
  }

  private static InetAddress source(Session session) {
    return session.getRemoteAddress().getAddress();
  }
}

package org.parley.agents.email;

import com.hubspot.smtp.client.Extension;
import com.hubspot.smtp.client.SmtpSession;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.parley.core.spi.AwakeClock;

/** One open connection that has said EHLO. Used by one transmission at a time. */
final class SmtpConnection {
  private final SmtpSession session;
  private final WireWatch watch;
  private final AtomicBoolean slot;
  private final AwakeClock awake;
  private volatile long deadlineNanos = Long.MAX_VALUE;
  private volatile long idleSinceNanos;
  private int messages;
  private boolean needsReset;

  /**
   * @param slot false as long as the connection counts as one of the carrier's
   * @param awake measures the server's time to answer
   */
  SmtpConnection(SmtpSession session, WireWatch watch, AtomicBoolean slot, AwakeClock awake) {
    this.session = session;
    this.watch = watch;
    this.slot = slot;
    this.awake = awake;
  }

  AtomicBoolean slot() {
    return slot;
  }

  SmtpSession session() {
    return session;
  }

  WireWatch watch() {
    return watch;
  }

  EventLoop loop() {
    return watch.loop();
  }

  boolean isOpen() {
    return watch.isOpen();
  }

  boolean can(Extension extension) {
    return session.getEhloResponse().isSupported(extension);
  }

  /** The largest message the server takes, in octets (RFC 1870). */
  long maxOctets() {
    return session.getEhloResponse().getMaxMessageSize().orElse(Long.MAX_VALUE);
  }

  /** Within what time from now the server must have answered. */
  void mustAnswerWithin(Duration limit) {
    deadlineNanos = awake.getAsLong() + limit.toNanos();
  }

  void noDeadline() {
    deadlineNanos = Long.MAX_VALUE;
  }

  boolean isOverdue() {
    long deadline = deadlineNanos;
    return deadline != Long.MAX_VALUE && awake.getAsLong() - deadline > 0;
  }

  void idleSince(long nanos) {
    idleSinceNanos = nanos;
  }

  long idleSinceNanos() {
    return idleSinceNanos;
  }

  int countMessage() {
    return ++messages;
  }

  int messages() {
    return messages;
  }

  /** A refused transaction stands open on the server: the next one begins with RSET. */
  void needsReset(boolean needed) {
    needsReset = needed;
  }

  boolean needsReset() {
    return needsReset;
  }
}

package org.parley.agents.sms;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Ids for people's messages, which SMPP gives none. The same text of the same person gets a new id,
 * for people do answer "1" twice; but while an earlier one was not taken, and for some minutes
 * after it was, when the connection that its answer went out on is gone, it is the earlier one that
 * came again, and gets its id. Bounded; thread-safe.
 */
final class ReplyIds {
  private static final int REMEMBERED = 10_000;
  private static final Duration MAY_COME_AGAIN = Duration.ofMinutes(10);
  private static final int HASH_OCTETS = 16;

  // Guarded by this; oldest first.
  private final Map<String, Seen> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
          return size() > REMEMBERED;
        }
      };
  private int counter;

  /** The id of a message that came now. */
  synchronized String idOf(Part part, String text, int lostConnections, Instant now) {
    String content = hash(part, text);
    Seen before = seen.get(content);
    if (before != null && before.mayComeAgain(lostConnections, now)) return before.id;
    String id = content + '-' + now.toEpochMilli() + '-' + counter++;
    seen.remove(content);
    seen.put(content, new Seen(id, false, lostConnections, now));
    return id;
  }

  /** It is durable, and the carrier is told so. */
  synchronized void taken(Part part, String text, int lostConnections, Instant now) {
    seen.computeIfPresent(
        hash(part, text), (content, one) -> new Seen(one.id, true, lostConnections, now));
  }

  private static String hash(Part part, String text) {
    String content = part.from() + '\n' + part.to() + '\n' + part.total() + '\n' + text;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, HASH_OCTETS);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /**
   * A message that came.
   *
   * @param lostConnections how many connections had been lost by then
   */
  private record Seen(String id, boolean taken, int lostConnections, Instant at) {
    boolean mayComeAgain(int lostConnectionsNow, Instant now) {
      boolean recent = Duration.between(at, now).compareTo(MAY_COME_AGAIN) < 0;
      return recent && (!taken || lostConnectionsNow > lostConnections);
    }
  }
}

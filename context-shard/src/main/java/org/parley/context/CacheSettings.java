package org.parley.context;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How much context is kept and for how long, read once from {@code parley.context.cache}.
 *
 * @param ttl no answer is older than this; 0 keeps nothing
 * @param maxEntries customers kept at the same time
 * @param maxLoads customers that may be asked for at the same time
 */
record CacheSettings(Duration ttl, long maxEntries, int maxLoads) {
  private static final String PATH = "parley.context.cache";
  private static final Duration LONGEST_TTL = Duration.ofHours(1);
  private static final long MOST_ENTRIES = 10_000_000;
  private static final int MOST_LOADS = 1_000_000;

  static CacheSettings from(Config root) {
    Config config = root.getConfig(PATH);
    CacheSettings read =
        new CacheSettings(
            config.getDuration("ttl"), config.getLong("max-entries"), config.getInt("max-loads"));
    check("ttl", read.ttl, inRange(read.ttl), "0 s to 1 h");
    check("max-entries", read.maxEntries, within(read.maxEntries, MOST_ENTRIES), "1 to 10000000");
    check("max-loads", read.maxLoads, within(read.maxLoads, MOST_LOADS), "1 to 1000000");
    return read;
  }

  private static boolean inRange(Duration ttl) {
    return !ttl.isNegative() && ttl.compareTo(LONGEST_TTL) <= 0;
  }

  private static boolean within(long value, long most) {
    return value >= 1 && value <= most;
  }

  private static void check(String key, Object value, boolean good, String allowed) {
    if (good) return;
    throw new IllegalArgumentException(
        PATH + "." + key + " is " + value + "; allowed is " + allowed);
  }
}

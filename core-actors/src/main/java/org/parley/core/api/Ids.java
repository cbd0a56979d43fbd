package org.parley.core.api;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Ids of things that Parley makes. One made from a seed is the same every time. */
public final class Ids {
  private Ids() {}

  /** A new campaign's id. */
  public static String campaign() {
    return "cmp_" + compact(UUID.randomUUID());
  }

  /** The id that a seed, for instance an idempotency key, always gives. */
  public static String campaign(String seed) {
    return "cmp_" + compact(UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)));
  }

  /** The audience id that a seed always gives. */
  public static String audience(String seed) {
    return "aud_" + compact(UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)));
  }

  /** The message id that a seed always gives. */
  public static String message(String seed) {
    return "msg_" + compact(UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)));
  }

  private static String compact(UUID id) {
    return Long.toUnsignedString(id.getMostSignificantBits(), 36)
        + Long.toUnsignedString(id.getLeastSignificantBits(), 36);
  }
}

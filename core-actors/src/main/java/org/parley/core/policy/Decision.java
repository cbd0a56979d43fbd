package org.parley.core.policy;

import java.time.Instant;

/** What the rules say of one touch at one moment. */
public sealed interface Decision {

  /** It may go now. */
  record Send() implements Decision {}

  /** Not now; ask again then. */
  record Hold(String reason, Instant until) implements Decision {}

  /** Never. */
  record Refuse(String reason) implements Decision {}

  /** In one word: {@code send}, {@code hold:<reason>} or {@code refuse:<reason>}. */
  default String label() {
    if (this instanceof Hold hold) return "hold:" + hold.reason();
    if (this instanceof Refuse refuse) return "refuse:" + refuse.reason();
    return "send";
  }
}

package org.parley.core.api;

import java.time.Duration;

/**
 * What happened on the line after a call was answered.
 *
 * @param lasted from answer to end
 * @param digits the keys that were pressed, in order: 0 to 9, {@code *} and {@code #}; at most 32
 * @param endedBy who hung up
 */
public record CallResult(Duration lasted, String digits, EndedBy endedBy) {
  /** Who ended a call. */
  public enum EndedBy {
    /** Parley: a key had decided, or the time for an answer or for the call was over. */
    US("us"),
    CUSTOMER("customer"),
    /** The line broke, or the node went down with the call. */
    NOBODY("nobody");

    private final String label;

    EndedBy(String label) {
      this.label = label;
    }

    /** The name in the API and in tables; the journal has the constant's own. */
    public String label() {
      return label;
    }
  }
}

package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * A list of recipients.
 *
 * @param columns the attribute names of its members, which templates may use
 * @param accepted members in it
 * @param rejected rows that were refused at the last import
 */
public record Audience(
    String id,
    String name,
    Status status,
    List<String> columns,
    long accepted,
    long rejected,
    Instant createdAt) {
  public Audience {
    columns = List.copyOf(columns);
  }

  /** Where an audience stands. */
  public enum Status {
    /** No members yet. */
    @JsonProperty("empty")
    EMPTY,
    /** Members are imported; another import replaces them. */
    @JsonProperty("ready")
    READY,
    /** A campaign has started with it: it never changes again. */
    @JsonProperty("frozen")
    FROZEN
  }
}

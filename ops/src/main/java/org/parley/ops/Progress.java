package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far a campaign is, as a node reports it. At every moment {@code accepted = delivered + failed
 * + suppressed + unknown + pending}; {@link #addsUp} says whether that held.
 */
record Progress(
    String status,
    long accepted,
    long pending,
    long held,
    long delivered,
    long failed,
    long suppressed,
    long unknown,
    long version,
    Map<String, Long> reasons,
    Map<String, Map<String, Long>> steps,
    Optional<Instant> startedAt) {
  Progress {
    reasons = Map.copyOf(reasons);
    steps = Map.copyOf(steps);
  }

  static Progress of(JsonNode node) {
    Map<String, Long> reasons = counts(node.path("reasons"));
    Map<String, Map<String, Long>> steps = new TreeMap<>();
    node.path("steps").properties().forEach(e -> steps.put(e.getKey(), counts(e.getValue())));
    return new Progress(
        node.path("status").asText(""),
        node.path("accepted").asLong(),
        node.path("pending").asLong(),
        node.path("held").asLong(),
        node.path("delivered").asLong(),
        node.path("failed").asLong(),
        node.path("suppressed").asLong(),
        node.path("unknown").asLong(),
        node.path("version").asLong(),
        reasons,
        steps,
        instant(node.path("startedAt")));
  }

  private static Map<String, Long> counts(JsonNode node) {
    Map<String, Long> counts = new TreeMap<>();
    node.properties().forEach(e -> counts.put(e.getKey(), e.getValue().asLong()));
    return counts;
  }

  long settled() {
    return delivered + failed + suppressed + unknown;
  }

  boolean addsUp() {
    return accepted == settled() + pending;
  }

  boolean isFinal() {
    return status.equals("completed") || status.equals("cancelled");
  }

  /** Everybody has been started with, and nobody is under way. */
  boolean isSettled() {
    return accepted > 0 && pending == 0;
  }

  /** Those that are left wait for a time of day, a cap or a later step. */
  boolean onlyWaits() {
    return pending > 0 && pending == held;
  }

  /** How long after its start a moment is; zero when the start is not known. */
  Duration since(Instant moment) {
    return startedAt.map(start -> Duration.between(start, moment)).orElse(Duration.ZERO);
  }

  private static Optional<Instant> instant(JsonNode node) {
    if (node.isNumber()) {
      return Optional.of(Instant.ofEpochMilli(Math.round(node.asDouble() * 1000)));
    }
    try {
      return node.isTextual() ? Optional.of(Instant.parse(node.asText())) : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}

package org.parley.core.policy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.parley.core.api.CampaignDefinition.FrequencyCap;

/**
 * When marketing reached a customer, or may have: what frequency caps count. Immutable; it keeps
 * what the longest cap can see, and no more than the largest cap can count.
 */
public final class Contacts {
  /** The longest span of a cap. */
  public static final Duration MAX_SPAN = Duration.ofDays(30);

  /** The most messages a cap can allow. */
  public static final int MAX_MESSAGES = 100;

  public static final Contacts NONE = new Contacts(new long[0]);

  private final long[] millis;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  Contacts(long[] millis) {
    this.millis = millis.clone();
  }

  @JsonValue
  long[] millis() {
    return millis.clone();
  }

  /** One more; times come in ascending order. */
  public Contacts with(Instant at) {
    long oldest = at.minus(MAX_SPAN).toEpochMilli();
    int drop = 0;
    while (drop < millis.length && millis[drop] <= oldest) drop++;
    drop = Math.max(drop, millis.length + 1 - MAX_MESSAGES);
    long[] out = Arrays.copyOfRange(millis, drop, millis.length + 1);
    out[out.length - 1] = at.toEpochMilli();
    return new Contacts(out);
  }

  /** Takes one back that did not happen. */
  public Contacts without(Instant at) {
    int place = Arrays.binarySearch(millis, at.toEpochMilli());
    if (place < 0) return this;
    long[] out = new long[millis.length - 1];
    System.arraycopy(millis, 0, out, 0, place);
    System.arraycopy(millis, place + 1, out, place, out.length - place);
    return new Contacts(out);
  }

  /** When a cap allows the next message: now, or when enough contacts have left its span. */
  Instant allowedBy(FrequencyCap cap, Instant now) {
    long start = now.minus(cap.per()).toEpochMilli();
    int first = 0;
    while (first < millis.length && millis[first] <= start) first++;
    int counted = millis.length - first;
    if (counted < cap.messages()) return now;
    return Instant.ofEpochMilli(millis[first + counted - cap.messages()]).plus(cap.per());
  }

  /** The times, ascending. */
  public List<Instant> times() {
    return Arrays.stream(millis).mapToObj(Instant::ofEpochMilli).toList();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Contacts that && Arrays.equals(millis, that.millis);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(millis);
  }

  @Override
  public String toString() {
    return times().toString();
  }
}

package org.parley.persistence.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;

/**
 * The place behind the last row of a page, as it goes out and comes back: base64url of a small JSON
 * array. It names the kind of list it belongs to, so that one of another list is refused.
 *
 * @param values what the next page's rows must come after, in the order of the sort
 */
record Cursor(List<String> values) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_CHARS = 2_000;

  Cursor {
    values = List.copyOf(values);
  }

  static String write(String kind, Object... values) {
    String[] all = new String[values.length + 1];
    all[0] = kind;
    for (int i = 0; i < values.length; i++) all[i + 1] = String.valueOf(values[i]);
    try {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.writeValueAsBytes(all));
    } catch (IOException e) {
      throw new AssertionError("strings can always be written", e);
    }
  }

  /**
   * Reads a cursor back.
   *
   * @throws RefusedException when it was not made by {@link #write} for this kind of list
   */
  static Cursor read(String kind, int size, String text) {
    if (text.length() > MAX_CHARS) throw forged();
    String[] all;
    try {
      byte[] json = Base64.getUrlDecoder().decode(text.getBytes(StandardCharsets.US_ASCII));
      all = JSON.readValue(json, String[].class);
    } catch (IOException | IllegalArgumentException e) {
      throw forged();
    }
    if (all == null || all.length != size + 1 || !kind.equals(all[0])) throw forged();
    for (String value : all) {
      if (value == null || value.indexOf('\0') >= 0) throw forged();
    }
    return new Cursor(Arrays.asList(all).subList(1, all.length));
  }

  String text(int index) {
    return values.get(index);
  }

  long number(int index) {
    try {
      return Long.parseLong(values.get(index));
    } catch (NumberFormatException e) {
      throw forged();
    }
  }

  /** Of microseconds since 1970. */
  Instant time(int index) {
    Instant time = Instant.EPOCH.plus(number(index), ChronoUnit.MICROS);
    checkYear(time.atOffset(ZoneOffset.UTC).getYear());
    return time;
  }

  LocalDate date(int index) {
    try {
      LocalDate date = LocalDate.parse(values.get(index));
      checkYear(date.getYear());
      return date;
    } catch (java.time.DateTimeException e) {
      throw forged();
    }
  }

  /** PostgreSQL's times end before ours, and with an error. */
  private static void checkYear(int year) {
    if (year < 1 || year > 9999) throw forged();
  }

  private static RefusedException forged() {
    return new RefusedException(
        Refusal.invalid("cursor", "this cursor was not given out for this list", List.of()));
  }
}

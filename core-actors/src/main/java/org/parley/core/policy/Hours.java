package org.parley.core.policy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;

/** Daily hours, from inclusive to exclusive, that may cross midnight. */
record Hours(LocalTime from, LocalTime to) {

  /** Whether a moment lies within, on the clocks of a zone. */
  boolean contains(Instant moment, ZoneId zone) {
    LocalTime time = moment.atZone(zone).toLocalTime();
    return from.isBefore(to)
        ? !time.isBefore(from) && time.isBefore(to)
        : !time.isBefore(from) || time.isBefore(to);
  }

  /** The first moment from now on that lies within. */
  Instant nextStart(Instant now, ZoneId zone) {
    return contains(now, zone) ? now : next(from, now, zone);
  }

  /** The first moment from now on that lies outside. */
  Instant nextEnd(Instant now, ZoneId zone) {
    return contains(now, zone) ? next(to, now, zone) : now;
  }

  /** The next time the clocks of a zone show this; in a gap of daylight saving, the end of it. */
  private static Instant next(LocalTime time, Instant now, ZoneId zone) {
    LocalDate day = now.atZone(zone).toLocalDate();
    Instant today = day.atTime(time).atZone(zone).toInstant();
    return today.isAfter(now) ? today : day.plusDays(1).atTime(time).atZone(zone).toInstant();
  }
}

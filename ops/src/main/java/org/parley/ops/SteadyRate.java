package org.parley.ops;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How many a second came about in the middle of a course, without how it began and how it faded
 * out: between a tenth and nine tenths of all.
 */
final class SteadyRate {
  private record Look(Instant at, long count) {}

  private final List<Look> looks = new ArrayList<>();

  /** So many were there by then; looks come in their order. */
  void at(Instant at, long count) {
    looks.add(new Look(at, count));
  }

  /** Of moments at which one came each, in their order. */
  static SteadyRate of(List<Instant> moments) {
    SteadyRate rate = new SteadyRate();
    for (int i = 0; i < moments.size(); i++) rate.at(moments.get(i), i + 1L);
    return rate;
  }

  /** Empty when there were too few looks in the middle. */
  Optional<Double> perSecond() {
    if (looks.isEmpty()) return Optional.empty();
    long all = looks.get(looks.size() - 1).count;
    List<Look> middle =
        looks.stream().filter(l -> l.count * 10 >= all && l.count * 10 <= all * 9).toList();
    if (middle.size() < 2) return Optional.empty();
    Look first = middle.get(0);
    Look last = middle.get(middle.size() - 1);
    long nanos = Duration.between(first.at, last.at).toNanos();
    if (nanos <= 0 || last.count == first.count) return Optional.empty();
    return Optional.of((last.count - first.count) * 1e9 / nanos);
  }
}

package org.parley.core.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Rows that say "wake this entity at that time"; the durable form of every timer. */
public interface DueWorkStore {
  /**
   * Names one piece of due work. {@code entityType} is {@code conversation} or {@code campaign}.
   */
  record Key(String entityType, String entityId, String work) {}

  /**
   * A row that somebody has taken.
   *
   * @param due when it was due
   * @param leasedUntil until when it is theirs; whoever puts the row again ends that
   * @param ratePerSecond of its campaign; empty when it has none or is being cancelled
   */
  record Item(Key key, Instant due, Instant leasedUntil, Optional<Integer> ratePerSecond) {}

  /**
   * Takes rows that are due and hides them from others for a while (SKIP LOCKED): an equal share of
   * each campaign that has some, oldest first; what no campaign asks for counts as one more. It is
   * fewer than {@code limit} when one has less than its share. Rows of paused campaigns stay, and
   * of one that has a rate it is not more than a tenth of a second's worth, though at least one.
   *
   * @param passOver campaigns of which nothing is wanted now
   */
  CompletionStage<List<Item>> lease(Instant now, Duration lease, int limit, Set<String> passOver);

  /** Removes rows, unless they have been put again since they were taken, if to the same time. */
  CompletionStage<Void> finish(List<Item> items);
}

package org.parley.core.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Rows that say "wake this entity at that time"; the durable form of every timer. */
public interface DueWorkStore {
  /**
   * Names one piece of due work. {@code entityType} is {@code conversation} or {@code campaign}.
   */
  record Key(String entityType, String entityId, String work) {}

  /** A row and the time it was due when it was read. */
  record Item(Key key, Instant due) {}

  /**
   * Takes rows that are due, oldest first, and hides them from others for a while (SKIP LOCKED).
   * Rows of paused campaigns stay.
   */
  CompletionStage<List<Item>> lease(Instant now, Duration lease, int limit);

  /** Removes rows, unless they have been put to another time since they were read. */
  CompletionStage<Void> finish(List<Item> items);
}

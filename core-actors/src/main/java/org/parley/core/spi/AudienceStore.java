package org.parley.core.spi;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.Audience;
import org.parley.core.api.Page;
import org.parley.core.api.RefusedException;
import org.parley.core.api.Reject;

/**
 * Keeps audiences. The audience table is the durable queue of a campaign: members are read by slice
 * in the order of their positions, as often as needed.
 */
public interface AudienceStore {
  /** Into how many slices an audience is cut; fixed for ever. */
  int SLICES = 8;

  /** The slice of a customer; every store and run agrees on it. */
  static int slice(String customerId) {
    return Math.floorMod((customerId.hashCode() * 0x9E3779B9) >>> 7, SLICES);
  }

  /** Creates an empty audience, or answers the one with this id. */
  CompletionStage<Audience> create(String tenant, String audienceId, String name);

  CompletionStage<Optional<Audience>> find(String tenant, String audienceId);

  /**
   * Opens a replacement of the members. Blocking, as is the writer; call it on a thread that may
   * block.
   *
   * @throws RefusedException when the audience is frozen or unknown, or another import runs
   */
  AudienceWriter openWriter(String tenant, String audienceId);

  /** Members of a slice behind a position, in order. */
  CompletionStage<List<Member>> members(
      String audienceId, int slice, long afterPosition, int limit);

  /** How many members a slice has; 0 when that is not known, and then slices count as equal. */
  default CompletionStage<Long> count(String audienceId, int slice) {
    return CompletableFuture.completedFuture(0L);
  }

  CompletionStage<Page<Reject>> rejects(
      String tenant, String audienceId, Optional<String> cursor, int limit);

  /** Makes it unchangeable; again is fine. Empty when unknown or without members. */
  CompletionStage<Optional<Audience>> freeze(String tenant, String audienceId);
}

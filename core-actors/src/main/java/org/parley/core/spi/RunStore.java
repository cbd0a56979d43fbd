package org.parley.core.spi;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.CampaignStatus;

/** Keeps how far each slice of each campaign's audience is acknowledged. */
public interface RunStore {
  /**
   * One slice of a campaign that still has members to go through.
   *
   * @param cursor the last position up to which every member is acknowledged; 0 at the beginning
   */
  record SliceRun(
      String campaignId,
      String tenant,
      String audienceId,
      int slice,
      long cursor,
      CampaignStatus status,
      Optional<Integer> ratePerSecond) {}

  /** The unfinished runs of a slice whose campaign is running, paused or cancelling. */
  CompletionStage<List<SliceRun>> open(int slice);

  /** Moves a cursor forward; never back. */
  CompletionStage<Void> advance(String campaignId, int slice, long cursor, boolean finished);

  /** Campaigns in which every accepted recipient is finished but whose status is not final. */
  CompletionStage<List<String>> completed();
}

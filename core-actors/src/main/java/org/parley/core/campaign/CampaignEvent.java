package org.parley.core.campaign;

import java.time.Instant;
import org.parley.core.api.CampaignView;
import org.parley.core.spi.JournalRecord;

/** What is on disk for ever about a campaign. */
public sealed interface CampaignEvent extends JournalRecord {

  /** The campaign has become this. There are few of these, so each carries the whole. */
  record CampaignChanged(CampaignView campaign, Instant at) implements CampaignEvent {}
}

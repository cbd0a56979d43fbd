package org.parley.core.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.campaign.CampaignEvent.CampaignChanged;
import org.parley.core.spi.Change;
import org.parley.core.spi.DueWorkStore;

/** What a campaign's events change in the read tables. Pure. */
public final class CampaignFold {
  /** The work a scheduled campaign waits for. */
  static final String START = "start";

  private CampaignFold() {}

  /**
   * The changes of one event.
   *
   * @param entityId {@code <tenant>.<campaignId>}
   */
  public static List<Change> changes(String entityId, CampaignEvent event) {
    String tenant = entityId.substring(0, entityId.indexOf('.'));
    CampaignChanged changed = (CampaignChanged) event;
    CampaignView campaign = changed.campaign();
    List<Change> out = new ArrayList<>(2);
    out.add(new Change.CampaignChanged(tenant, campaign));
    DueWorkStore.Key start = new DueWorkStore.Key("campaign", entityId, START);
    if (campaign.status() == CampaignStatus.SCHEDULED) {
      campaign
          .definition()
          .schedule()
          .startAt()
          .ifPresent(at -> out.add(new Change.DuePut(start, Optional.empty(), at)));
    } else {
      out.add(new Change.DueDropped(start));
    }
    if (campaign.status() == CampaignStatus.RUNNING) {
      out.add(new Change.RunOpened(campaign.id()));
    }
    if (campaign.status() == CampaignStatus.CANCELLING) {
      out.add(new Change.DueAtOnce(campaign.id(), changed.at()));
    }
    return out;
  }
}

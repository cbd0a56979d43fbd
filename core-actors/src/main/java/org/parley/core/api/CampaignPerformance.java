package org.parley.core.api;

import java.time.Duration;
import java.util.Optional;

/** What came of a campaign: whom it reached and who answered, refreshed now and then. */
public record CampaignPerformance(
    String campaignId, long contacts, long responses, Optional<Duration> averageResponseTime) {}

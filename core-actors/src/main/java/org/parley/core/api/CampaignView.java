package org.parley.core.api;

import java.time.Instant;
import java.util.Optional;

/**
 * A campaign as it stands.
 *
 * @param version grows with every change; the entity tag
 * @param audienceSize known once started
 */
public record CampaignView(
    String id,
    long version,
    CampaignStatus status,
    CampaignDefinition definition,
    Optional<Long> audienceSize,
    Instant createdAt,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt) {}

package org.parley.core.api;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How far a campaign is. At every moment {@code accepted = delivered + failed + suppressed +
 * unknown + pending}.
 *
 * @param accepted recipients in the frozen audience
 * @param finished recipients for whom nothing more is planned
 * @param held of the pending ones, those that wait for a time
 * @param reasons how often each reason was given for a failed, suppressed or unknown recipient
 * @param steps for each step, how many touches stand in each {@link Communication.State}
 * @param version grows with every change; the id of a server-sent event
 */
public record CampaignProgress(
    String campaignId,
    CampaignStatus status,
    long accepted,
    long pending,
    long held,
    long delivered,
    long failed,
    long suppressed,
    long unknown,
    long finished,
    Map<String, Long> reasons,
    Map<String, Map<String, Long>> steps,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    long version) {}

package org.parley.core.campaign;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;

/**
 * What a node knows of the campaigns that have started: the definition, which no longer changes,
 * and the status, which is told at once and asked for again every few seconds. Bounded,
 * thread-safe.
 */
public final class CampaignBook {
  /**
   * What a look into the book gave.
   *
   * @param campaign empty when there is none by this id, or when nobody could say
   */
  public record Lookup(Optional<CampaignView> campaign) {}

  private record Entry(CampaignView campaign, Instant seenAt) {}

  private static final Duration FRESH = Duration.ofSeconds(5);
  private static final int MAX_CAMPAIGNS = 1_000;

  private final Cache<String, Entry> entries =
      Caffeine.newBuilder().maximumSize(MAX_CAMPAIGNS).build();
  private final ConcurrentHashMap<String, CompletionStage<Lookup>> loads =
      new ConcurrentHashMap<>();
  private final Function<String, CompletionStage<Optional<CampaignView>>> source;
  private final InstantSource clock;

  /**
   * @param source asks the campaign itself
   */
  public CampaignBook(
      Function<String, CompletionStage<Optional<CampaignView>>> source, InstantSource clock) {
    this.source = source;
    this.clock = clock;
  }

  /**
   * What is known now; null when it must be loaded first. Something older than a few seconds is
   * given out while it is asked for again.
   */
  public @Nullable CampaignView known(String campaignId) {
    Entry entry = entries.getIfPresent(campaignId);
    if (entry == null) return null;
    boolean old = entry.seenAt().plus(FRESH).isBefore(clock.instant());
    if (old && entry.campaign().status() != CampaignStatus.CANCELLED) {
      CompletionStage<Lookup> unused = load(campaignId);
    }
    return entry.campaign();
  }

  /** Asks the campaign; concurrent asks are one. Never fails: an empty lookup says to try later. */
  public CompletionStage<Lookup> load(String campaignId) {
    CompletionStage<Lookup> running = loads.get(campaignId);
    if (running != null) return running;
    CompletionStage<Lookup> load =
        source
            .apply(campaignId)
            .handle(
                (found, failure) -> {
                  if (found == null || failure != null) return new Lookup(Optional.empty());
                  found.ifPresent(this::tell);
                  return new Lookup(found);
                });
    loads.put(campaignId, load);
    // After the put, whenever it ends: what stayed here would answer for ever.
    CompletionStage<Lookup> unused =
        load.whenComplete((lookup, failure) -> loads.remove(campaignId, load));
    return load;
  }

  /** Learns what a campaign has just become; what is older than the known is ignored. */
  public void tell(CampaignView campaign) {
    boolean editable =
        campaign.status() == CampaignStatus.DRAFT || campaign.status() == CampaignStatus.SCHEDULED;
    if (editable) return;
    Entry fresh = new Entry(campaign, clock.instant());
    entries
        .asMap()
        .merge(
            campaign.id(),
            fresh,
            (old, update) ->
                update.campaign().version() >= old.campaign().version() ? update : old);
  }
}

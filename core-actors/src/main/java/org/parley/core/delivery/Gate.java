package org.parley.core.delivery;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.Address;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.WireGate;

/** The last look before the wire, from what this node knows without asking anyone. */
public final class Gate implements WireGate {
  private final CampaignBook book;
  private final OptOuts optOuts;
  private final Fence fence;
  private final InstantSource clock;
  private final LongSupplier nanoClock;

  /**
   * @param nanoClock {@code System.nanoTime}, or a test's
   */
  public Gate(
      CampaignBook book,
      OptOuts optOuts,
      Fence fence,
      InstantSource clock,
      LongSupplier nanoClock) {
    this.book = book;
    this.optOuts = optOuts;
    this.fence = fence;
    this.clock = clock;
    this.nanoClock = nanoClock;
  }

  @Override
  public Optional<String> stop(Attempt attempt) {
    if (attempt.isExpired(nanoClock.getAsLong(), clock.millis())) return Optional.of("expired");
    if (fence.stops(attempt.epoch())) return Optional.of("fenced");
    boolean marketing = attempt.category() == Category.MARKETING;
    if (marketing && optOuts.contains(attempt.customer(), attempt.channel())) {
      return Optional.of("optedOut");
    }
    if (attempt.key().isMessage()) return Optional.empty();
    CampaignView campaign = book.known(attempt.key().campaignId());
    if (campaign == null) return Optional.empty();
    return switch (campaign.status()) {
      case PAUSED -> Optional.of("paused");
      case CANCELLING, CANCELLED -> Optional.of("cancelled");
      case DRAFT, SCHEDULED, RUNNING, COMPLETED -> Optional.empty();
    };
  }

  @Override
  public void cameFrom(Address node, long epoch) {
    fence.cameFrom(node, epoch);
  }
}

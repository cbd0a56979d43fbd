package org.parley.core.delivery;

import java.time.InstantSource;
import java.util.Optional;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.campaign.CampaignBook;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.WireGate;

/** The last look before the wire, from what this node knows without asking anyone. */
public final class Gate implements WireGate {
  private final CampaignBook book;
  private final OptOuts optOuts;
  private final InstantSource clock;

  public Gate(CampaignBook book, OptOuts optOuts, InstantSource clock) {
    this.book = book;
    this.optOuts = optOuts;
    this.clock = clock;
  }

  @Override
  public Optional<String> stop(Attempt attempt) {
    if (clock.instant().isAfter(attempt.until())) return Optional.of("expired");
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
}

package org.parley.core.spi;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.CampaignPerformance;
import org.parley.core.api.CampaignProgress;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Communication;
import org.parley.core.api.Latency;
import org.parley.core.api.Page;

/** Reads what the journal folds into. A cursor that was not given out here is refused. */
public interface Reports {
  CompletionStage<Page<CampaignView>> campaigns(
      String tenant, Optional<CampaignStatus> status, Optional<String> cursor, int limit);

  CompletionStage<Optional<CampaignProgress>> progress(String tenant, String campaignId);

  CompletionStage<Latency> latency(String tenant, String campaignId);

  CompletionStage<Optional<CampaignPerformance>> performance(String tenant, String campaignId);

  CompletionStage<Page<Communication>> recipients(
      String tenant,
      String campaignId,
      Optional<Communication.State> state,
      Optional<String> cursor,
      int limit);

  /** Everything between the tenant and a customer, newest first. */
  CompletionStage<Page<Communication>> timeline(
      String tenant, String customerId, Optional<String> cursor, int limit);

  CompletionStage<Optional<Communication>> message(String tenant, String messageId);
}

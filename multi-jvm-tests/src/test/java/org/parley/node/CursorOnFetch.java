package org.parley.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.parley.core.api.Audience;
import org.parley.core.api.Page;
import org.parley.core.api.Reject;
import org.parley.core.spi.AddressBook;
import org.parley.core.spi.ApiKeyStore;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.CarrierOrderStore;
import org.parley.core.spi.DueWorkStore;
import org.parley.core.spi.EpochStore;
import org.parley.core.spi.IdempotencyStore;
import org.parley.core.spi.JournalHead;
import org.parley.core.spi.Member;
import org.parley.core.spi.Reports;
import org.parley.core.spi.RunStore;
import org.parley.core.spi.SecretStore;
import org.parley.core.spi.Stores;
import org.parley.core.spi.SubmissionStore;

/**
 * A break on purpose: a run's cursor moves when a page is read, and not when its members are
 * acknowledged. Whoever is read and not yet asked when the node dies is lost.
 */
record CursorOnFetch(Stores whole, BooleanSupplier isOn, Map<String, String> campaignByAudience)
    implements Stores {
  /** What has begun before the break goes on as it should. */
  private static final String WHOLE = "";

  CursorOnFetch(Stores whole, BooleanSupplier isOn) {
    this(whole, isOn, new ConcurrentHashMap<>());
  }

  @Override
  public RunStore runs() {
    return new RunStore() {
      @Override
      public CompletionStage<List<SliceRun>> open(int slice) {
        return whole
            .runs()
            .open(slice)
            .thenApply(
                runs -> {
                  boolean on = isOn.getAsBoolean();
                  runs.forEach(
                      r ->
                          campaignByAudience.putIfAbsent(
                              r.audienceId(), on ? r.campaignId() : WHOLE));
                  return runs;
                });
      }

      @Override
      public CompletionStage<Void> advance(
          String campaignId, int slice, long cursor, boolean finished) {
        return whole.runs().advance(campaignId, slice, cursor, finished);
      }

      @Override
      public CompletionStage<List<String>> completed() {
        return whole.runs().completed();
      }
    };
  }

  @Override
  public AudienceStore audiences() {
    AudienceStore real = whole.audiences();
    return new AudienceStore() {
      @Override
      public CompletionStage<List<Member>> members(
          String audienceId, int slice, long afterPosition, int limit) {
        return real.members(audienceId, slice, afterPosition, limit)
            .thenCompose(members -> fetched(audienceId, slice, members));
      }

      @Override
      public CompletionStage<Audience> create(String tenant, String audienceId, String name) {
        return real.create(tenant, audienceId, name);
      }

      @Override
      public CompletionStage<Optional<Audience>> find(String tenant, String audienceId) {
        return real.find(tenant, audienceId);
      }

      @Override
      public AudienceWriter openWriter(String tenant, String audienceId) {
        return real.openWriter(tenant, audienceId);
      }

      @Override
      public CompletionStage<Page<Reject>> rejects(
          String tenant, String audienceId, Optional<String> cursor, int limit) {
        return real.rejects(tenant, audienceId, cursor, limit);
      }

      @Override
      public CompletionStage<Optional<Audience>> freeze(String tenant, String audienceId) {
        return real.freeze(tenant, audienceId);
      }
    };
  }

  private CompletionStage<List<Member>> fetched(String audience, int slice, List<Member> members) {
    String campaign = campaignByAudience.getOrDefault(audience, WHOLE);
    if (members.isEmpty() || campaign.equals(WHOLE)) {
      return CompletableFuture.completedFuture(members);
    }
    long last = members.get(members.size() - 1).position();
    return whole.runs().advance(campaign, slice, last, false).thenApply(done -> members);
  }

  @Override
  public DueWorkStore dueWork() {
    return whole.dueWork();
  }

  @Override
  public Reports reports() {
    return whole.reports();
  }

  @Override
  public IdempotencyStore idempotency() {
    return whole.idempotency();
  }

  @Override
  public ApiKeyStore apiKeys() {
    return whole.apiKeys();
  }

  @Override
  public SecretStore secrets() {
    return whole.secrets();
  }

  @Override
  public EpochStore epochs() {
    return whole.epochs();
  }

  @Override
  public SubmissionStore submissions() {
    return whole.submissions();
  }

  @Override
  public CarrierOrderStore carrierOrders() {
    return whole.carrierOrders();
  }

  @Override
  public AddressBook addresses() {
    return whole.addresses();
  }

  @Override
  public JournalHead journal() {
    return whole.journal();
  }

  @Override
  public CompletionStage<Void> ping() {
    return whole.ping();
  }
}

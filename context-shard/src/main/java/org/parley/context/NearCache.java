package org.parley.context;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.parley.context.api.CachedContext;
import org.parley.context.api.CustomerContexts;
import org.parley.context.spi.ContextSource;
import org.parley.core.api.CustomerContext;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;

/**
 * Keeps contexts for a short time, never one that a write has overtaken.
 *
 * <p>A load that is under way is the only thing that may store an answer for its customer, and a
 * write takes that right away: both happen under the lock of the customer's entry in {@link
 * #loads}. So what was asked before a write is never stored after it, and who comes after a write
 * never joins a load that began before.
 */
final class NearCache implements CustomerContexts {
  private final ContextSource source;
  private final CacheSettings settings;
  private final CacheMetrics metrics;
  private final Ticker ticker;
  private final Cache<String, Kept> kept;
  private final ConcurrentHashMap<String, Load> loads = new ConcurrentHashMap<>();

  NearCache(ContextSource source, CacheSettings settings, CacheMetrics metrics, Ticker ticker) {
    this.source = source;
    this.settings = settings;
    this.metrics = metrics;
    this.ticker = ticker;
    this.kept =
        Caffeine.newBuilder()
            .maximumSize(settings.maxEntries())
            .expireAfterWrite(settings.ttl())
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public CompletionStage<CachedContext> context(String customerId) {
    Kept entry = kept.getIfPresent(customerId);
    if (entry != null) {
      long ageNanos = ticker.read() - entry.askedAtNanos;
      // Caffeine counts from the answer, we count from the question: a slow load is older than it
      // looks.
      if (ageNanos < settings.ttl().toNanos()) {
        metrics.hit(ageNanos / 1_000_000);
        return CompletableFuture.completedFuture(
            new CachedContext(entry.context, Duration.ofNanos(ageNanos), true));
      }
    }
    return load(customerId);
  }

  @Override
  public void forget(String customerId) {
    loads.compute(
        customerId,
        (id, load) -> {
          kept.invalidate(id);
          return null;
        });
  }

  private CompletionStage<CachedContext> load(String customerId) {
    Load running = loads.get(customerId);
    if (running == null && loads.mappingCount() >= settings.maxLoads()) {
      return CompletableFuture.failedFuture(
          new RefusedException(Refusal.busy("Too many contexts are being loaded; try again.")));
    }
    Load mine = new Load(ticker.read());
    Load load = loads.computeIfAbsent(customerId, id -> mine);
    if (load == mine) {
      metrics.miss();
      start(customerId, mine);
    } else {
      metrics.joined();
    }
    boolean joined = load != mine;
    return load.answer.thenApply(
        context ->
            new CachedContext(
                context, Duration.ofNanos(ticker.read() - load.askedAtNanos), joined));
  }

  private void start(String customerId, Load load) {
    CompletionStage<CustomerContext> asked;
    try {
      asked = source.context(customerId);
    } catch (RuntimeException e) {
      asked = CompletableFuture.failedFuture(e);
    }
    CompletionStage<CustomerContext> unused =
        asked.whenComplete((context, failure) -> settle(customerId, load, context, failure));
  }

  private void settle(
      String customerId,
      Load load,
      @Nullable CustomerContext context,
      @Nullable Throwable failure) {
    loads.computeIfPresent(
        customerId,
        (id, current) -> {
          if (current != load) return current;
          if (context != null) kept.put(id, new Kept(context, load.askedAtNanos));
          return null;
        });
    if (context != null) {
      load.answer.complete(context);
    } else {
      metrics.failed();
      load.answer.completeExceptionally(
          failure != null ? failure : new IllegalStateException("the source answered nothing"));
    }
  }

  private record Kept(CustomerContext context, long askedAtNanos) {}

  private static final class Load {
    private final long askedAtNanos;
    private final CompletableFuture<CustomerContext> answer = new CompletableFuture<>();

    Load(long askedAtNanos) {
      this.askedAtNanos = askedAtNanos;
    }
  }
}

package org.parley.http;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.jspecify.annotations.Nullable;
import org.parley.core.spi.ApiKeyStore;

/**
 * Tells whose request this is by its bearer key (RFC 6750). Keys are compared by their SHA-256, so
 * the time an answer takes says nothing about a key; what the store said is remembered for a while.
 * A key that was known goes on being so while the store does not answer, or not soon; it is asked
 * again some seconds later.
 */
final class ApiKeys {
  private static final String SCHEME = "Bearer ";
  private static final int MAX_KEY_CHARS = 256;

  /** How long a request whose key was known waits for the store. */
  private static final Duration PATIENCE = Duration.ofMillis(400);

  /** And how long until the store is asked again. */
  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final ApiKeyStore store;
  private final HttpSettings.Keys settings;
  private final AsyncCache<String, Found> found;
  private final Cache<String, String> confirmed;
  private final AtomicInteger lookups = new AtomicInteger();

  /**
   * What is known of a key.
   *
   * @param failure why nothing is; that is not remembered
   * @param before whether it is what the store said before, and not now
   */
  private record Found(Optional<String> tenant, @Nullable Throwable failure, boolean before) {}

  ApiKeys(ApiKeyStore store, HttpSettings.Keys settings) {
    this.store = store;
    this.settings = settings;
    this.found =
        Caffeine.newBuilder()
            .maximumSize(settings.maxRemembered())
            .expireAfter(Expiry.<String, Found>creating((key, answer) -> lifeOf(answer)))
            .executor(Runnable::run)
            .buildAsync();
    this.confirmed =
        Caffeine.newBuilder()
            .maximumSize(settings.maxRemembered())
            .expireAfterWrite(settings.knownInOutageFor())
            .executor(Runnable::run)
            .build();
  }

  private Duration lifeOf(Found answer) {
    if (answer.failure != null) return Duration.ZERO;
    if (answer.before) return AGAIN;
    return answer.tenant.isPresent() ? settings.knownFor() : settings.unknownFor();
  }

  /** The tenant of the request's key; fails with a 401 when there is none. */
  CompletionStage<String> tenant(HttpRequest request) {
    String key = bearer(request);
    return found.get(hash(key), (hash, executor) -> lookUp(hash, key)).thenApply(ApiKeys::tenant);
  }

  private static String tenant(Found answer) {
    if (answer.failure != null) throw new CompletionException(Problems.unwrap(answer.failure));
    return answer.tenant.orElseThrow(() -> Fault.unauthorized("This API key is not known."));
  }

  private CompletableFuture<Found> lookUp(String hash, String key) {
    String before = confirmed.getIfPresent(hash);
    CompletableFuture<Found> now = ask(hash, key);
    if (before == null) return now;
    Found known = new Found(Optional.of(before), null, true);
    return now.thenApply(said -> said.failure == null ? said : known)
        .completeOnTimeout(known, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private CompletableFuture<Found> ask(String hash, String key) {
    if (lookups.incrementAndGet() > settings.maxLookups()) {
      lookups.decrementAndGet();
      Fault busy = Fault.busy("Too many API keys are being looked up; try again.");
      return CompletableFuture.completedFuture(new Found(Optional.empty(), busy, false));
    }
    CompletionStage<Optional<String>> asked;
    try {
      asked = store.tenantOf(key);
    } catch (RuntimeException e) {
      asked = CompletableFuture.failedFuture(e);
    }
    return asked
        .handle(
            (tenant, failure) -> {
              lookups.decrementAndGet();
              if (failure != null) return new Found(Optional.empty(), failure, false);
              tenant.ifPresentOrElse(
                  known -> confirmed.put(hash, known), () -> confirmed.invalidate(hash));
              return new Found(tenant, null, false);
            })
        .toCompletableFuture();
  }

  private static String bearer(HttpRequest request) {
    Optional<String> header = request.getHeader("Authorization").map(HttpHeader::value);
    if (header.isEmpty() || !header.get().regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw Fault.unauthorized("An API key is needed: Authorization: Bearer <key>.");
    }
    String key = header.get().substring(SCHEME.length()).trim();
    if (key.isEmpty() || key.length() > MAX_KEY_CHARS) {
      throw Fault.unauthorized("This API key is not known.");
    }
    return key;
  }

  private static String hash(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return new String(digest, StandardCharsets.ISO_8859_1);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}

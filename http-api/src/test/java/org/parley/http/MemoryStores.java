package org.parley.http;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.parley.core.spi.AddressBook;
import org.parley.core.spi.ApiKeyStore;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.CarrierOrderStore;
import org.parley.core.spi.DueWorkStore;
import org.parley.core.spi.EpochStore;
import org.parley.core.spi.IdempotencyStore;
import org.parley.core.spi.JournalHead;
import org.parley.core.spi.Reports;
import org.parley.core.spi.RunStore;
import org.parley.core.spi.SecretStore;
import org.parley.core.spi.Stores;
import org.parley.core.spi.SubmissionStore;

/** The stores that the HTTP interface asks by itself, in memory. */
final class MemoryStores implements Stores {
  static final String KEY = "pk_test";

  final AtomicInteger keyLookups = new AtomicInteger();
  final Keys apiKeys = new Keys();
  final Remembered idempotency = new Remembered();

  /** When set, key lookups fail with it. */
  volatile @Nullable Throwable failure;

  @Override
  public AudienceStore audiences() {
    throw new UnsupportedOperationException("the engine's alone");
  }

  @Override
  public RunStore runs() {
    throw new UnsupportedOperationException("the engine's alone");
  }

  @Override
  public DueWorkStore dueWork() {
    throw new UnsupportedOperationException("the engine's alone");
  }

  @Override
  public JournalHead journal() {
    throw new UnsupportedOperationException("the engine's alone");
  }

  @Override
  public Reports reports() {
    throw new UnsupportedOperationException("the engine's alone");
  }

  @Override
  public IdempotencyStore idempotency() {
    return idempotency;
  }

  @Override
  public ApiKeyStore apiKeys() {
    return apiKeys;
  }

  @Override
  public SecretStore secrets() {
    throw new UnsupportedOperationException("the engine's alone");
  }

  @Override
  public EpochStore epochs() {
    throw new UnsupportedOperationException("the engine's alone");
  }

  @Override
  public CompletionStage<Void> ping() {
    return CompletableFuture.completedFuture(null);
  }

  final class Keys implements ApiKeyStore {
    @Override
    public CompletionStage<Optional<String>> createFirst(String tenant) {
      return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public CompletionStage<Optional<String>> tenantOf(String key) {
      keyLookups.incrementAndGet();
      Throwable broken = failure;
      if (broken != null) return CompletableFuture.failedFuture(broken);
      return CompletableFuture.completedFuture(
          key.equals(KEY) ? Optional.of("default") : Optional.empty());
    }
  }

  /** Keeps keys for ever. */
  static final class Remembered implements IdempotencyStore {
    private record Row(String fingerprint, Optional<Answer> answer) {}

    private final Map<String, Row> rows = new ConcurrentHashMap<>();

    private final Map<String, CompletableFuture<Boolean>> claims = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Boolean>> releases = new ConcurrentHashMap<>();

    /** Completes when a key is claimed for the first time. */
    CompletableFuture<Boolean> claimed(String key) {
      return claims
          .computeIfAbsent(key, k -> new CompletableFuture<>())
          .orTimeout(10, TimeUnit.SECONDS);
    }

    /** Completes when a key is given back. */
    CompletableFuture<Boolean> released(String key) {
      return releases
          .computeIfAbsent(key, k -> new CompletableFuture<>())
          .orTimeout(10, TimeUnit.SECONDS);
    }

    /** When true, answers are lost: a crash between doing and remembering. */
    volatile boolean forgetful;

    @Override
    public CompletionStage<Entry> claim(String scope, String key, String fingerprint) {
      Row mine = new Row(fingerprint, Optional.empty());
      Row row = rows.putIfAbsent(scope + key, mine);
      Entry entry;
      if (row == null) entry = new Fresh();
      else if (!row.fingerprint.equals(fingerprint)) entry = new Mismatch();
      else entry = row.answer.<Entry>map(Answered::new).orElseGet(Running::new);
      claims.computeIfAbsent(key, k -> new CompletableFuture<>()).complete(true);
      return CompletableFuture.completedFuture(entry);
    }

    @Override
    public CompletionStage<Void> answer(String scope, String key, Answer answer) {
      if (forgetful) {
        rows.remove(scope + key);
        return CompletableFuture.failedFuture(new IllegalStateException("crashed"));
      }
      rows.computeIfPresent(scope + key, (k, row) -> new Row(row.fingerprint, Optional.of(answer)));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> release(String scope, String key) {
      rows.remove(scope + key);
      releases.computeIfAbsent(key, k -> new CompletableFuture<>()).complete(true);
      return CompletableFuture.completedFuture(null);
    }
  }

  @Override
  public SubmissionStore submissions() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CarrierOrderStore carrierOrders() {
    throw new UnsupportedOperationException();
  }

  @Override
  public AddressBook addresses() {
    throw new UnsupportedOperationException();
  }
}

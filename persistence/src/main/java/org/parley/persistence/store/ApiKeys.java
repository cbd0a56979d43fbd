package org.parley.persistence.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.parley.core.spi.ApiKeyStore;

/**
 * API keys as SHA-256 hashes. A key has 256 random bits, so a fast hash is as good as a slow one. A
 * key that is taken away works on until its place in the cache expires.
 */
final class ApiKeys implements ApiKeyStore {
  private static final String PREFIX = "pk_";
  private static final int KEY_BYTES = 32;
  private static final int MAX_KEY_CHARS = 200;
  private final SecureRandom random = new SecureRandom();
  private final RequestPool pool;
  private final Cache<ByteBuffer, String> tenants;

  ApiKeys(RequestPool pool, StoreSettings settings) {
    this.pool = pool;
    tenants =
        Caffeine.newBuilder()
            .maximumSize(settings.apiKeyCacheSize())
            .expireAfterWrite(settings.apiKeyCacheTime())
            .build();
  }

  @Override
  public CompletionStage<Optional<String>> createFirst(String tenant) {
    byte[] secret = new byte[KEY_BYTES];
    random.nextBytes(secret);
    String key = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    return pool.transaction(
        c -> {
          try (PreparedStatement lock =
                  c.prepareStatement(
                      "SELECT pg_advisory_xact_lock(hashtextextended('parley.api-key.' || ?, 0))");
              PreparedStatement insert =
                  c.prepareStatement(
                      "INSERT INTO api_keys (hash, tenant) SELECT ?, ? WHERE NOT EXISTS"
                          + " (SELECT 1 FROM api_keys WHERE tenant = ?)")) {
            lock.setString(1, tenant);
            lock.execute();
            insert.setBytes(1, sha256(key));
            insert.setString(2, tenant);
            insert.setString(3, tenant);
            return insert.executeUpdate() == 1 ? Optional.of(key) : Optional.<String>empty();
          }
        });
  }

  @Override
  public CompletionStage<Optional<String>> tenantOf(String key) {
    if (!key.startsWith(PREFIX) || key.length() > MAX_KEY_CHARS) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    byte[] hash = sha256(key);
    Optional<String> known = Optional.ofNullable(tenants.getIfPresent(ByteBuffer.wrap(hash)));
    if (known.isPresent()) return CompletableFuture.completedFuture(known);
    return pool.query(
        c -> {
          try (PreparedStatement select =
              c.prepareStatement("SELECT tenant FROM api_keys WHERE hash = ?")) {
            select.setBytes(1, hash);
            try (ResultSet rows = select.executeQuery()) {
              if (!rows.next()) return Optional.empty();
              String tenant = rows.getString(1);
              tenants.put(ByteBuffer.wrap(hash), tenant);
              return Optional.of(tenant);
            }
          }
        });
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}

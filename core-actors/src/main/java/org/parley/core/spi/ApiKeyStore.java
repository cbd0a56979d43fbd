package org.parley.core.spi;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Keeps API keys as SHA-256 hashes; the keys themselves are told once and stored nowhere. */
public interface ApiKeyStore {
  /** Makes the tenant's first key, if it has none. */
  CompletionStage<Optional<String>> createFirst(String tenant);

  /** The tenant a key belongs to. */
  CompletionStage<Optional<String>> tenantOf(String key);
}

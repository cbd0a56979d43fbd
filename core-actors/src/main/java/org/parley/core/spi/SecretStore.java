package org.parley.core.spi;

import java.util.concurrent.CompletionStage;

/** Random secrets that all nodes share, made when first asked for. */
public interface SecretStore {
  /** The 32 bytes of this name. */
  CompletionStage<byte[]> secret(String name);
}

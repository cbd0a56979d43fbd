package org.parley.core.spi;

import java.util.concurrent.CompletionStage;

/** Remembers the first answer to each idempotency key, for a day. */
public interface IdempotencyStore {
  /** What is known of a key. */
  sealed interface Entry {}

  /** Never seen, or its first request was given up: the caller now holds it, for 60 s at most. */
  record Fresh() implements Entry {}

  /** The first request is still running. */
  record Running() implements Entry {}

  /** The same key came with another request. */
  record Mismatch() implements Entry {}

  /** The first answer. */
  record Answered(Answer answer) implements Entry {}

  /**
   * An answer as it went out.
   *
   * @param headers one {@code Name: value} a line, only those worth repeating
   */
  record Answer(int status, String contentType, String headers, String body) {}

  /**
   * Claims a key.
   *
   * @param scope tenant and route
   * @param fingerprint a hash of the request
   */
  CompletionStage<Entry> claim(String scope, String key, String fingerprint);

  CompletionStage<Void> answer(String scope, String key, Answer answer);

  /** Gives a key back after a failure, so that it may be tried again. */
  CompletionStage<Void> release(String scope, String key);
}

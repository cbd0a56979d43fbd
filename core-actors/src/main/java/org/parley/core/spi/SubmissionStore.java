package org.parley.core.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CustomerKey;

/**
 * The index by which receipts find their attempt, over all sessions, nodes and restarts of a
 * carrier. Writes are collected into batches.
 */
public interface SubmissionStore {
  /**
   * A message is about to go out. Durable before it may.
   *
   * @param reference our reference on the wire, 0 to 65535
   * @param to the person's number
   */
  record Submission(
      String carrier,
      AttemptId attempt,
      CustomerKey customer,
      int reference,
      String to,
      Instant at) {}

  /** Writes a submission; the same attempt again is fine. */
  CompletionStage<Void> submitting(Submission submission);

  /**
   * The carrier's id is known. Durable before the outcome is told.
   *
   * @return receipts that came before it, oldest first; the caller takes them as if they came now
   */
  CompletionStage<List<Inbound.Receipt>> accepted(
      String carrier, AttemptId attempt, String carrierRef);

  /**
   * The submission that a receipt is about: by the carrier's id; else by our reference and the
   * number; else the only one to that number whose id is not known. When there is none, the receipt
   * is kept for {@link #accepted}, in a way that one of the two always sees the other.
   */
  CompletionStage<Optional<Submission>> find(Inbound.Receipt receipt);

  /** Removes submissions and receipts older than this; true while there are more. */
  CompletionStage<Boolean> purge(Duration age);
}

package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sql.DataSource;
import kamon.Kamon;
import kamon.metric.Counter;
import org.parley.core.api.AttemptId;
import org.parley.core.spi.Inbound.Receipt;
import org.parley.core.spi.SubmissionStore;
import org.parley.persistence.Transaction;
import org.parley.persistence.journal.Batcher;
import org.parley.persistence.store.SubmissionTable.Named;

/**
 * Submissions, collected into batches: one thread and one commit under way for each of the three
 * things that can be asked. Futures are completed on these threads.
 *
 * <p>A receipt and the carrier's id that it names may come at the same moment and on two nodes. Who
 * brings one of them commits it first and then looks for the other, so at least one of the two
 * finds both; sometimes both do, and a receipt is taken twice, which does nothing.
 */
final class Submissions implements SubmissionStore, AutoCloseable {
  private static final Duration RETRY_DELAY = Duration.ofMillis(200);
  private static final int PURGE_ROWS = 10_000;

  private final DataSource connections;
  private final RequestPool pool;
  private final Duration retention;
  private final Batcher<Ask<Submission, Void>> submitting;
  private final Batcher<Ask<Named, List<Receipt>>> accepted;
  private final Batcher<Ask<Receipt, Optional<Submission>>> finding;
  private final Counter found = receipts("found");
  private final Counter kept = receipts("kept");

  private record Ask<I, O>(I what, CompletableFuture<O> answer) implements Batcher.Item {
    @Override
    public int weight() {
      return 1;
    }

    @Override
    public void fail(Throwable cause) {
      answer.completeExceptionally(cause);
    }
  }

  Submissions(RequestPool pool, DataSource connections, StoreSettings settings) {
    this.pool = pool;
    this.connections = connections;
    this.retention = settings.submissionRetention();
    submitting =
        new Batcher<>(
            limits("submitting", settings), connections, (c, batch, doubtful) -> submit(c, batch));
    accepted =
        new Batcher<>(
            limits("accepted", settings), connections, (c, batch, doubtful) -> accept(c, batch));
    finding =
        new Batcher<>(
            limits("receipts", settings), connections, (c, batch, doubtful) -> find(c, batch));
  }

  private static Counter receipts(String result) {
    return Kamon.counter("parley.stores.receipts").withTag("result", result);
  }

  private static Batcher.Limits limits(String name, StoreSettings settings) {
    return new Batcher.Limits(
        "stores",
        name,
        1,
        settings.submissionBatch(),
        settings.submissionQueue(),
        settings.submissionLinger(),
        settings.submissionGiveUp(),
        RETRY_DELAY);
  }

  @Override
  public CompletionStage<Void> submitting(Submission submission) {
    return ask(submitting, submission);
  }

  @Override
  public CompletionStage<List<Receipt>> accepted(
      String carrier, AttemptId attempt, String carrierRef) {
    if (carrierRef.isEmpty()) return CompletableFuture.completedFuture(List.of());
    return ask(accepted, new Named(new SubmissionTable.Id(carrier, carrierRef), attempt));
  }

  @Override
  public CompletionStage<Optional<Submission>> find(Receipt receipt) {
    return ask(finding, receipt);
  }

  private static <I, O> CompletionStage<O> ask(Batcher<Ask<I, O>> batcher, I what) {
    Ask<I, O> ask = new Ask<>(what, new CompletableFuture<>());
    batcher.add(ask);
    return ask.answer();
  }

  private static List<Ask<Submission, Void>> submit(Connection c, List<Ask<Submission, Void>> batch)
      throws SQLException {
    SubmissionTable.insert(c, whats(batch));
    for (Ask<Submission, Void> ask : batch) ask.answer().complete(null);
    return List.of();
  }

  private static List<Ask<Named, List<Receipt>>> accept(
      Connection c, List<Ask<Named, List<Receipt>>> batch) throws SQLException {
    List<Named> named = whats(batch);
    SubmissionTable.learn(c, named);
    Map<SubmissionTable.Id, List<Receipt>> early = SubmissionTable.kept(c, named);
    for (Ask<Named, List<Receipt>> ask : batch) {
      ask.answer().complete(List.copyOf(early.getOrDefault(ask.what().id(), List.of())));
    }
    return List.of();
  }

  private List<Ask<Receipt, Optional<Submission>>> find(
      Connection c, List<Ask<Receipt, Optional<Submission>>> batch) throws SQLException {
    List<Ask<Receipt, Optional<Submission>>> missing = tell(c, batch);
    if (missing.isEmpty()) return List.of();
    SubmissionTable.keep(c, whats(missing));
    missing = tell(c, missing);
    kept.increment(missing.size());
    for (Ask<Receipt, Optional<Submission>> ask : missing) ask.answer().complete(Optional.empty());
    return List.of();
  }

  /** Tells those whose submission is there, and answers the others. */
  private List<Ask<Receipt, Optional<Submission>>> tell(
      Connection c, List<Ask<Receipt, Optional<Submission>>> batch) throws SQLException {
    Map<Integer, Submission> known = SubmissionTable.find(c, whats(batch));
    found.increment(known.size());
    List<Ask<Receipt, Optional<Submission>>> missing = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Submission submission = known.get(i);
      if (submission == null) {
        missing.add(batch.get(i));
      } else {
        batch.get(i).answer().complete(Optional.of(submission));
      }
    }
    return missing;
  }

  private static <I, O> List<I> whats(List<Ask<I, O>> batch) {
    return batch.stream().map(Ask::what).toList();
  }

  @Override
  public CompletionStage<Boolean> purge(Duration age) {
    return pool.query(c -> purge(c, age) > 0);
  }

  private static int purge(Connection c, Duration age) throws SQLException {
    return Transaction.run(
        c,
        connection -> {
          Plans.byIndex(connection);
          return SubmissionTable.purge(connection, age.toMillis() / 1000.0, PURGE_ROWS);
        });
  }

  /** Removes what is older than it is kept, in short transactions. */
  int purge() throws SQLException {
    try (Connection c = connections.getConnection()) {
      int removed = 0;
      while (true) {
        int step = purge(c, retention);
        removed += step;
        if (step == 0 || Thread.currentThread().isInterrupted()) return removed;
      }
    }
  }

  /** Ends the threads, after at most some seconds for what is under way; what waits fails. */
  @Override
  public void close() {
    submitting.close();
    accepted.close();
    finding.close();
  }
}

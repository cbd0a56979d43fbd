package org.parley.agents;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.parley.core.api.AttemptId;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.AgentTools;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.CarrierOrderStore;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.SubmissionStore;
import org.parley.core.spi.WireGate;

/** What agents need, without an engine: it keeps what comes in. */
public final class Tools implements Inbound, SubmissionStore, CarrierOrderStore {
  public final List<Reply> replies = new CopyOnWriteArrayList<>();
  public final List<Receipt> receipts = new CopyOnWriteArrayList<>();
  public final List<Bounce> bounces = new CopyOnWriteArrayList<>();
  public final Map<AttemptId, Submission> submitted = new ConcurrentHashMap<>();
  public final Map<String, AttemptId> accepted = new ConcurrentHashMap<>();

  /** What is answered to everything that comes in. */
  public volatile CompletionStage<Taken> answer = CompletableFuture.completedFuture(Taken.RECORDED);

  private final Map<String, Standing> orders = new ConcurrentHashMap<>();
  private final List<Receipt> early = new ArrayList<>();

  /** Tools with a gate and a renderer. */
  public static AgentTools of(WireGate gate, Function<Attempt, RenderedMessage> renderer) {
    return new Tools().with(gate, renderer);
  }

  /** These tools with a gate and a renderer. */
  public AgentTools with(WireGate gate, Function<Attempt, RenderedMessage> renderer) {
    return new AgentTools(gate, renderer, this, this, this, InstantSource.system());
  }

  @Override
  public CompletionStage<Taken> reply(Reply reply) {
    replies.add(reply);
    return answer;
  }

  @Override
  public CompletionStage<Taken> receipt(Receipt receipt) {
    receipts.add(receipt);
    return answer;
  }

  @Override
  public CompletionStage<Taken> bounce(Bounce bounce) {
    bounces.add(bounce);
    return answer;
  }

  @Override
  public Optional<String> returnToken(Attempt attempt) {
    return Optional.of("t-" + attempt.id());
  }

  @Override
  public CompletionStage<Void> submitting(Submission submission) {
    submitted.put(submission.attempt(), submission);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized CompletionStage<List<Receipt>> accepted(
      String carrier, AttemptId attempt, String carrierRef) {
    accepted.put(carrierRef, attempt);
    List<Receipt> before = early.stream().filter(r -> r.carrierRef().equals(carrierRef)).toList();
    early.removeAll(before);
    return CompletableFuture.completedFuture(before);
  }

  @Override
  public synchronized CompletionStage<Optional<Submission>> find(Receipt receipt) {
    AttemptId attempt = accepted.get(receipt.carrierRef());
    if (attempt == null) early.add(receipt);
    return CompletableFuture.completedFuture(Optional.ofNullable(attempt).map(submitted::get));
  }

  @Override
  public CompletionStage<Void> keep(String carrier, Standing standing) {
    orders.put(carrier, standing);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Map<String, Standing>> standing() {
    return CompletableFuture.completedFuture(Map.copyOf(orders));
  }

  @Override
  public CompletionStage<Boolean> purge(Duration age) {
    return CompletableFuture.completedFuture(false);
  }
}

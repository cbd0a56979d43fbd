package org.parley.agents.lane;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;

/** A connector whose answers the test gives. */
public final class FakeCarrier implements Connector {
  private final String name;
  private final List<Attempt> sent = new ArrayList<>();
  private final Deque<CompletableFuture<Outcome>> open = new ArrayDeque<>();

  public FakeCarrier(String name) {
    this.name = name;
  }

  @Override
  public String carrier() {
    return name;
  }

  @Override
  public Channel channel() {
    return Channel.EMAIL;
  }

  @Override
  public synchronized CompletionStage<Outcome> send(Attempt attempt) {
    sent.add(attempt);
    CompletableFuture<Outcome> answer = new CompletableFuture<>();
    open.addLast(answer);
    return answer;
  }

  /** Everything that reached the wire, in order. */
  public synchronized List<Attempt> sent() {
    return List.copyOf(sent);
  }

  /** How many wait for an answer. */
  public synchronized int onWire() {
    return open.size();
  }

  /** Answers the one that waits longest. */
  public void answer(Outcome outcome) {
    CompletableFuture<Outcome> next;
    synchronized (this) {
      next = open.removeFirst();
    }
    next.complete(outcome);
  }

  public void accept() {
    answer(Outcome.accepted(name, java.util.Optional.empty()));
  }

  @Override
  public void close() {}
}

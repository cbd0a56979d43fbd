package org.parley.http;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.parley.core.api.AgentsView;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.CarrierState;
import org.parley.core.api.CarrierView;
import org.parley.core.api.Channel;
import org.parley.core.api.ClusterView;
import org.parley.core.api.Operators;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;

/** One node with one carrier, in memory. */
final class MemoryOperators implements Operators {
  private volatile CarrierState state = CarrierState.CLOSED;

  @Override
  public CompletionStage<List<AgentsView>> agents() {
    AgentsView.Resize grown =
        new AgentsView.Resize(3, 5, "more than 70 % busy for 30 s", MemoryParley.NOW);
    return CompletableFuture.completedFuture(
        List.of(
            new AgentsView(
                "node-1", Channel.EMAIL, 5, 3, 20, 100, 420, 500, 0, 7, Optional.of(grown)),
            new AgentsView("node-1", Channel.PHONE, 2, 2, 15, 20, 0, 40, 0, 0, Optional.empty())));
  }

  @Override
  public CompletionStage<List<CarrierView>> carriers() {
    return CompletableFuture.completedFuture(List.of(view()));
  }

  @Override
  public CompletionStage<CarrierView> order(String carrier, CarrierOrder order) {
    if (!carrier.equals("main")) {
      return CompletableFuture.failedFuture(
          new RefusedException(Refusal.notFound("carrierNotFound", "There is no such carrier.")));
    }
    state =
        switch (order) {
          case DRAIN -> CarrierState.DRAINED;
          case TRIP -> CarrierState.TRIPPED;
          case RESUME -> CarrierState.CLOSED;
        };
    return CompletableFuture.completedFuture(view());
  }

  /** Two nodes, of which one does not answer. */
  static ClusterView cluster() {
    ClusterView.Lease lease = new ClusterView.Lease("node-1", 7, MemoryParley.NOW);
    return new ClusterView(
        "node-1",
        Optional.of("node-1"),
        new ClusterView.SplitBrain("lease-majority", Optional.of(lease)),
        List.of(
            new ClusterView.Member(
                "node-1",
                List.of("conversation", "http"),
                "up",
                true,
                List.of(),
                "0.1.0",
                Optional.of(MemoryParley.NOW),
                Optional.of(128),
                Optional.of(1000)),
            new ClusterView.Member(
                "node-2",
                List.of("conversation"),
                "up",
                false,
                List.of("node-1"),
                "0.1.0",
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
  }

  private CarrierView view() {
    return new CarrierView(
        "main",
        Channel.EMAIL,
        1,
        state,
        "in words",
        MemoryParley.NOW,
        3,
        2,
        1000,
        List.of(
            new CarrierView.OnNode(
                "node-1",
                state,
                "in words",
                MemoryParley.NOW,
                3,
                2,
                List.of("example.com until 10:00"))));
  }
}

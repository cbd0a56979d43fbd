package org.parley.agents.operations;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.japi.function.Function;
import org.jspecify.annotations.Nullable;
import org.parley.agents.lane.LaneReport;
import org.parley.core.api.AgentsView;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.CarrierState;
import org.parley.core.api.CarrierView;
import org.parley.core.api.Operators;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.spi.CarrierOrderStore;
import org.parley.core.spi.CarrierOrderStore.Standing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the desks of all nodes. */
public final class ClusterOperators implements Operators {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterOperators.class);
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final ActorSystem<?> system;
  private final CarrierOrderStore orders;
  private final InstantSource clock;

  public ClusterOperators(ActorSystem<?> system, CarrierOrderStore orders, InstantSource clock) {
    this.system = system;
    this.orders = orders;
    this.clock = clock;
  }

  @Override
  public CompletionStage<List<AgentsView>> agents() {
    return ask(Orders.Describe::new)
        .thenApply(
            all ->
                all.stream()
                    .flatMap(description -> description.agents().stream())
                    .sorted(
                        Comparator.comparing(AgentsView::node).thenComparing(AgentsView::channel))
                    .toList());
  }

  @Override
  public CompletionStage<List<CarrierView>> carriers() {
    return ask(Orders.Describe::new).thenApply(ClusterOperators::merge);
  }

  @Override
  public CompletionStage<CarrierView> order(String carrier, CarrierOrder order) {
    // Only a carrier that exists has orders, so the orders cannot grow without bounds.
    return carriers()
        .thenApply(all -> find(all, carrier))
        .thenCompose(
            known -> {
              Standing standing = new Standing(order, after(known));
              // Side by side: a carrier is also stopped while the database is away.
              CompletionStage<Void> kept = orders.keep(carrier, standing);
              return ask(replyTo -> new Orders.Follow(carrier, order, standing.at(), replyTo))
                  .thenCompose(all -> kept.handle((done, failure) -> unlessLost(all, failure)));
            })
        .thenApply(all -> find(merge(all), carrier));
  }

  private static <T> T unlessLost(T answer, @Nullable Throwable failure) {
    if (failure == null) return answer;
    LOG.warn("An operator's order for a carrier is not kept: {}", failure.getMessage());
    throw new RefusedException(
        Refusal.busy(
            "the nodes follow the order, but the database does not keep it now, and nodes that"
                + " start later may not know it: give it again"));
  }

  /** Now, and later than the order before it, whatever the clock of the node that took that one. */
  private Instant after(CarrierView carrier) {
    Instant at = clock.instant();
    for (CarrierView.OnNode node : carrier.nodes()) {
      if (!node.since().isBefore(at)) at = node.since().plusMillis(1);
    }
    return at;
  }

  private static CarrierView find(List<CarrierView> carriers, String name) {
    return carriers.stream()
        .filter(carrier -> carrier.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new RefusedException(
                    Refusal.notFound(
                        "carrierNotFound",
                        carriers.isEmpty()
                            ? "No node has a carrier."
                            : "There is no such carrier; there are "
                                + String.join(
                                    ", ", carriers.stream().map(CarrierView::name).toList())
                                + ".")));
  }

  private static List<CarrierView> merge(List<Orders.Description> descriptions) {
    Map<String, List<CarrierView.OnNode>> nodes = new TreeMap<>();
    Map<String, LaneReport> first = new TreeMap<>();
    for (Orders.Description description : descriptions) {
      for (LaneReport lane : description.carriers()) {
        first.putIfAbsent(lane.carrier(), lane);
        nodes
            .computeIfAbsent(lane.carrier(), ignored -> new ArrayList<>())
            .add(named(lane.here(), description.node()));
      }
    }
    return first.values().stream()
        .sorted(Comparator.comparing(LaneReport::channel).thenComparing(LaneReport::priority))
        .map(lane -> view(lane, nodes.getOrDefault(lane.carrier(), List.of())))
        .toList();
  }

  private static CarrierView view(LaneReport lane, List<CarrierView.OnNode> nodes) {
    CarrierView.OnNode worst = lane.here();
    int queue = 0;
    int onWire = 0;
    for (CarrierView.OnNode node : nodes) {
      if (node.state().compareTo(worst.state()) > 0) worst = node;
      queue += node.queue();
      onWire += node.onWire();
    }
    CarrierState state = worst.state();
    long so = nodes.stream().filter(node -> node.state() == state).count();
    String where = so == nodes.size() ? "" : ", on " + so + " of " + nodes.size() + " nodes";
    return new CarrierView(
        lane.carrier(),
        lane.channel(),
        lane.priority(),
        state,
        worst.why() + where,
        worst.since(),
        queue,
        onWire,
        lane.perSecond(),
        nodes);
  }

  private static CarrierView.OnNode named(CarrierView.OnNode here, String node) {
    return new CarrierView.OnNode(
        node, here.state(), here.why(), here.since(), here.queue(), here.onWire(), here.backOffs());
  }

  /** Asks every node's desk; those that do not answer in time are left out. */
  private CompletionStage<List<Orders.Description>> ask(
      Function<ActorRef<Orders.Description>, Orders.Ask> question) {
    CompletionStage<Receptionist.Listing> listing =
        AskPattern.ask(
            system.receptionist(),
            replyTo -> Receptionist.find(Orders.key(), replyTo),
            PATIENCE,
            system.scheduler());
    return listing.thenCompose(
        found -> {
          List<CompletableFuture<List<Orders.Description>>> answers = new ArrayList<>();
          for (ActorRef<Orders.Ask> desk : found.getServiceInstances(Orders.key())) {
            CompletionStage<Orders.Description> answer =
                AskPattern.ask(desk, question, PATIENCE, system.scheduler());
            answers.add(
                answer
                    .handle(
                        (description, failure) ->
                            failure == null ? List.of(description) : List.<Orders.Description>of())
                    .toCompletableFuture());
          }
          return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
              .thenApply(
                  done -> answers.stream().flatMap(answer -> answer.join().stream()).toList());
        });
  }
}

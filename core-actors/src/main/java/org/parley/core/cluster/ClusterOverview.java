package org.parley.core.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.typed.Cluster;
import org.parley.core.api.ClusterView;
import org.parley.core.cluster.ClusterDesk.Describe;
import org.parley.core.cluster.ClusterDesk.Description;

/** Puts together what this node sees of the cluster and what the others say of themselves. */
public final class ClusterOverview implements Supplier<CompletionStage<ClusterView>> {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Comparator<Member> OLDEST_FIRST =
      Comparator.comparing(Member::dataCenter)
          .thenComparing((a, b) -> a.equals(b) ? 0 : a.isOlderThan(b) ? -1 : 1);

  private final ActorSystem<?> system;
  private final Supplier<CompletionStage<Optional<ClusterView.Lease>>> lease;
  private final String strategy;

  /**
   * An overview from this node.
   *
   * @param lease reads the lease of the split brain resolver; a failure counts as none
   */
  public ClusterOverview(
      ActorSystem<?> system, Supplier<CompletionStage<Optional<ClusterView.Lease>>> lease) {
    this.system = system;
    this.lease = lease;
    this.strategy =
        system.settings().config().getString("pekko.cluster.split-brain-resolver.active-strategy");
  }

  /** The cluster now. It never fails, and takes seconds only when a node does not answer. */
  @Override
  public CompletionStage<ClusterView> get() {
    return lease().thenCombine(descriptions(), this::view);
  }

  private CompletionStage<Optional<ClusterView.Lease>> lease() {
    return lease
        .get()
        .toCompletableFuture()
        .copy()
        .completeOnTimeout(Optional.empty(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(failure -> Optional.empty());
  }

  private ClusterView view(Optional<ClusterView.Lease> held, List<Description> descriptions) {
    Map<String, Description> byNode = new HashMap<>();
    for (Description description : descriptions) byNode.put(description.node(), description);
    CurrentClusterState state = Cluster.get(system).state();
    return new ClusterView(
        system.address().toString(),
        Optional.ofNullable(state.getLeader()).map(Address::toString),
        new ClusterView.SplitBrain(strategy, held),
        StreamSupport.stream(state.getMembers().spliterator(), false)
            .sorted(OLDEST_FIRST)
            .map(member -> view(member, state, byNode))
            .toList());
  }

  private static ClusterView.Member view(
      Member member, CurrentClusterState state, Map<String, Description> byNode) {
    String address = member.address().toString();
    Optional<Description> itself = Optional.ofNullable(byNode.get(address));
    Optional<Held> held = itself.flatMap(Description::held);
    return new ClusterView.Member(
        address,
        roles(member),
        status(member),
        !state.getUnreachable().contains(member),
        byNode.values().stream()
            .filter(other -> other.unreachable().contains(address))
            .map(Description::node)
            .sorted()
            .toList(),
        member.appVersion().version(),
        itself.map(Description::startedAt),
        held.map(Held::shards),
        held.map(Held::conversations));
  }

  /** Those that an operator has given; the data centre that Pekko adds is none. */
  private static List<String> roles(Member member) {
    return List.copyOf(new TreeSet<>(member.getRoles())).stream()
        .filter(role -> !role.startsWith("dc-"))
        .toList();
  }

  private static String status(Member member) {
    String name = member.status().toString();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  /** Asks every node's desk; those that do not answer in time are left out. */
  private CompletionStage<List<Description>> descriptions() {
    CompletionStage<Receptionist.Listing> listing =
        AskPattern.ask(
            system.receptionist(),
            replyTo -> Receptionist.find(ClusterDesk.key(), replyTo),
            PATIENCE,
            system.scheduler());
    return listing
        .thenCompose(
            found -> {
              List<CompletableFuture<List<Description>>> answers = new ArrayList<>();
              for (ActorRef<Describe> desk : found.getServiceInstances(ClusterDesk.key())) {
                CompletionStage<Description> answer =
                    AskPattern.ask(desk, Describe::new, PATIENCE, system.scheduler());
                answers.add(
                    answer
                        .handle(
                            (description, failure) ->
                                failure == null ? List.of(description) : List.<Description>of())
                        .toCompletableFuture());
              }
              return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                  .thenApply(
                      done -> answers.stream().flatMap(answer -> answer.join().stream()).toList());
            })
        .exceptionally(failure -> List.of());
  }
}

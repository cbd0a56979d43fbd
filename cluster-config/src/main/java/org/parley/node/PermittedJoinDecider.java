package org.parley.node;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.dispatch.Dispatchers;
import org.apache.pekko.management.cluster.bootstrap.ClusterBootstrapSettings;
import org.apache.pekko.management.cluster.bootstrap.JoinDecision;
import org.apache.pekko.management.cluster.bootstrap.JoinOtherSeedNodes;
import org.apache.pekko.management.cluster.bootstrap.JoinSelf;
import org.apache.pekko.management.cluster.bootstrap.KeepProbing;
import org.apache.pekko.management.cluster.bootstrap.LowestAddressJoinDecider;
import org.apache.pekko.management.cluster.bootstrap.SeedNodesInformation;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;

/**
 * What a node does that looks for others by discovery. When it found no cluster and is the one to
 * begin one, it asks the database first: discovery may see a part of the nodes only, and two
 * clusters must never work on one database.
 */
final class PermittedJoinDecider extends LowestAddressJoinDecider {
  private final ActorSystem system;

  /** Made by Cluster Bootstrap, which knows this class by its configuration. */
  PermittedJoinDecider(ActorSystem system, ClusterBootstrapSettings settings) {
    super(system, settings);
    this.system = system;
  }

  /** The database's word, to be given to the actor system. */
  static final class Permission extends Setup {
    private final Supplier<Optional<List<String>>> seeds;

    /**
     * @param seeds whom to join, as {@code HOST:PORT}: the node alone when it may begin a cluster;
     *     empty when that is not clear yet; may block
     */
    Permission(Supplier<Optional<List<String>>> seeds) {
      this.seeds = seeds;
    }
  }

  @Override
  public Future<JoinDecision> decide(SeedNodesInformation info) {
    ExecutionContext blocking =
        system.dispatchers().lookup(Dispatchers.DefaultBlockingDispatcherId());
    return super.decide(info)
        .map(found -> found.equals(JoinSelf.getInstance()) ? permitted() : found, blocking);
  }

  private JoinDecision permitted() {
    Address self = Cluster.get(system).selfAddress();
    Permission permission = system.settings().setup().get(Permission.class).orElseThrow();
    Optional<List<String>> seeds = permission.seeds.get();
    if (seeds.isEmpty()) return KeepProbing.getInstance();
    String prefix = self.protocol() + "://" + self.system() + '@';
    List<Address> addresses =
        seeds.orElseThrow().stream()
            .map(seed -> AddressFromURIString.parse(prefix + seed))
            .toList();
    return addresses.equals(List.of(self))
        ? JoinSelf.getInstance()
        : new JoinOtherSeedNodes(addresses.stream().collect(Collectors.toSet()));
  }
}

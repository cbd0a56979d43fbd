package org.parley.core.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.pattern.Patterns;
import scala.concurrent.duration.FiniteDuration;

/**
 * How the conversations are spread over the nodes, seen from one of them.
 *
 * @param own how many shards it holds
 * @param all how many there are
 * @param nodes that may hold some, this one among them
 */
public record Share(int own, int all, int nodes) {
  /**
   * That of this node, once its shard region is started; never fails.
   *
   * @param patience how long the nodes may take
   * @return empty when the coordinator does not know this node yet, or has not answered
   */
  public static CompletionStage<Optional<Share>> of(ActorSystem<?> system, Duration patience) {
    FiniteDuration each = FiniteDuration.create(patience.toMillis(), TimeUnit.MILLISECONDS);
    return Patterns.ask(
            Held.region(system), new ShardRegion.GetClusterShardingStats(each), patience)
        .handle(
            (answer, failure) ->
                answer instanceof ShardRegion.ClusterShardingStats stats
                    ? of(system, stats.getRegions())
                    : Optional.empty());
  }

  private static Optional<Share> of(
      ActorSystem<?> system, Map<Address, ShardRegion.ShardRegionStats> regions) {
    ShardRegion.ShardRegionStats own = regions.get(Cluster.get(system).selfMember().address());
    if (own == null) return Optional.empty();
    int all = regions.values().stream().mapToInt(Share::shards).sum();
    return Optional.of(new Share(shards(own), all, regions.size()));
  }

  private static int shards(ShardRegion.ShardRegionStats region) {
    return region.getStats().size() + region.getFailed().size();
  }

  /** Whether it has its part, rounded down: no more move to it then. */
  public boolean isFair() {
    return own >= all / nodes;
  }
}

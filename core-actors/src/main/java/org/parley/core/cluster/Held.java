package org.parley.core.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.sharding.ClusterSharding;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.pattern.Patterns;
import org.parley.core.conversation.Conversation;

/** How many shards and conversations a node holds. */
public record Held(int shards, int conversations) {
  /**
   * What this node holds, once its shard region is started; never fails.
   *
   * @param patience how long its shards may take; one that is just moving does not answer
   * @return empty when not all of them have answered
   */
  public static CompletionStage<Optional<Held>> by(ActorSystem<?> system, Duration patience) {
    return Patterns.ask(region(system), ShardRegion.getRegionStatsInstance(), patience)
        .handle(
            (answer, failure) ->
                answer instanceof ShardRegion.ShardRegionStats stats
                    ? of(stats)
                    : Optional.empty());
  }

  static ActorRef region(ActorSystem<?> system) {
    return ClusterSharding.get(Adapter.toClassic(system)).shardRegion(Conversation.TYPE.name());
  }

  private static Optional<Held> of(ShardRegion.ShardRegionStats stats) {
    if (!stats.getFailed().isEmpty()) return Optional.empty();
    int conversations = 0;
    for (Object inShard : stats.getStats().values()) {
      conversations += ((Number) inShard).intValue();
    }
    return Optional.of(new Held(stats.getStats().size(), conversations));
  }
}

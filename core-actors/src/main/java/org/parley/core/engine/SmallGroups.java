package org.parley.core.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.cluster.sharding.ShardCoordinator.ShardAllocationStrategy;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Set;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Moves the shards of conversations from node to node in small groups, one group after the other,
 * so that a conversation is silent for as long as its own group takes and not for as long as all.
 * Every single move is written down by the coordinator, in turn; a node that left with all its
 * shards at once was silent for seconds. A node that is about to leave is emptied first, and gets
 * nothing any more; otherwise the cluster's own strategy says what moves.
 *
 * <p>Once a node has come, groups begin with one shard and double: each move waits for all nodes,
 * and what a JVM does for the first time takes it several times as long. They are halved when one
 * took too long, unless a node leaves, which has a limited time for all its shards.
 */
final class SmallGroups implements ShardAllocationStrategy {
  /** A shard of the group before that has no new home by then is not waited for. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** For a group; its conversations are silent meanwhile. */
  private static final Duration TOO_LONG = Duration.ofMillis(750);

  private final ShardAllocationStrategy otherwise;
  private final int most;
  private final Predicate<ActorRef> leaving;
  private final LongSupplier nanoClock;
  private java.util.Set<ActorRef> regions = java.util.Set.of();
  private int size = 1;
  private Collection<String> group = java.util.Set.of();
  private long sinceNanos;

  /**
   * @param otherwise says what moves while no node leaves, also in groups
   * @param most how many shards move at a time
   * @param leaving whether the node of a region is about to leave
   */
  SmallGroups(
      ShardAllocationStrategy otherwise,
      int most,
      Predicate<ActorRef> leaving,
      LongSupplier nanoClock) {
    this.otherwise = otherwise;
    this.most = most;
    this.leaving = leaving;
    this.nanoClock = nanoClock;
  }

  @Override
  public Future<ActorRef> allocateShard(
      ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> now) {
    Map<ActorRef, IndexedSeq<String>> staying = staying(now);
    return otherwise.allocateShard(requester, shard, staying.isEmpty() ? now : staying);
  }

  @Override
  public Future<Set<String>> rebalance(
      Map<ActorRef, IndexedSeq<String>> now, Set<String> inProgress) {
    if (!inProgress.isEmpty() || !isSettled(now))
      return Future.successful(setOf(java.util.Set.of()));
    long tookNanos = nanoClock.getAsLong() - sinceNanos;
    boolean grown = hasGrown(now);
    Map<ActorRef, IndexedSeq<String>> staying = staying(now);
    Collection<String> leave =
        staying.isEmpty()
            ? java.util.Set.of()
            : CollectionConverters.asJava(now).entrySet().stream()
                .filter(region -> leaving.test(region.getKey()))
                .flatMap(region -> CollectionConverters.asJava(region.getValue()).stream())
                .toList();
    if (grown) size = 1;
    else if (!group.isEmpty()) size = next(leave.isEmpty() && tookNanos > TOO_LONG.toNanos());
    Future<Set<String>> toMove =
        leave.isEmpty()
            ? otherwise.rebalance(staying, inProgress)
            : Future.successful(setOf(leave));
    boolean isKnown = toMove.value().isDefined() && toMove.value().get().isSuccess();
    return isKnown
        ? Future.successful(begin(CollectionConverters.asJava(toMove.value().get().get())))
        : toMove;
  }

  private int next(boolean tooLong) {
    return tooLong ? Math.max(1, size / 2) : Math.min(most, 2 * size);
  }

  /** The next group, of what is to move. */
  private Set<String> begin(Collection<String> toMove) {
    group = toMove.stream().limit(size).toList();
    sinceNanos = nanoClock.getAsLong();
    return setOf(group);
  }

  private boolean hasGrown(Map<ActorRef, IndexedSeq<String>> now) {
    java.util.Set<ActorRef> before = regions;
    regions = java.util.Set.copyOf(CollectionConverters.asJava(now).keySet());
    return !before.containsAll(regions);
  }

  private boolean isSettled(Map<ActorRef, IndexedSeq<String>> now) {
    long placed =
        CollectionConverters.asJava(now).values().stream()
            .flatMap(shards -> CollectionConverters.asJava(shards).stream())
            .filter(group::contains)
            .count();
    return placed == group.size() || nanoClock.getAsLong() - sinceNanos > PATIENCE.toNanos();
  }

  private Map<ActorRef, IndexedSeq<String>> staying(Map<ActorRef, IndexedSeq<String>> now) {
    java.util.Map<ActorRef, IndexedSeq<String>> staying =
        new HashMap<>(CollectionConverters.asJava(now));
    staying.keySet().removeIf(leaving);
    return Map.from(CollectionConverters.asScala(staying));
  }

  private static Set<String> setOf(Collection<String> shards) {
    return CollectionConverters.asScala(shards).toSet();
  }
}

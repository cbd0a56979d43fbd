package org.parley.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.sharding.ShardCoordinator.ShardAllocationStrategy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Map;
import scala.collection.immutable.Set;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

class SmallGroupsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final ActorRef LEAVER = region();
  private static final ActorRef STAYER = region();
  private static final int MOST = 4;

  private final java.util.Map<ActorRef, List<String>> placed = new HashMap<>();
  private final java.util.Set<ActorRef> leaving = new HashSet<>();
  private final Usual usual = new Usual();
  private long nowNanos;
  private final SmallGroups groups =
      new SmallGroups(usual, MOST, leaving::contains, () -> nowNanos);

  private static ActorRef region() {
    return Adapter.toClassic(KIT.createTestProbe().getRef());
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  /** Takes the first region there is, and moves what it is told to. */
  private static final class Usual implements ShardAllocationStrategy {
    private java.util.Set<String> moves = java.util.Set.of();

    @Override
    public Future<ActorRef> allocateShard(
        ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> now) {
      return Future.successful(now.keysIterator().next());
    }

    @Override
    public Future<Set<String>> rebalance(
        Map<ActorRef, IndexedSeq<String>> now, Set<String> inProgress) {
      return Future.successful(CollectionConverters.asScala(moves).toSet());
    }
  }

  private void twoNodes(int shards) {
    List<String> all = IntStream.range(0, shards).mapToObj(i -> "s" + i).toList();
    placed.put(LEAVER, new ArrayList<>(all));
    placed.put(STAYER, new ArrayList<>());
  }

  private List<String> at(ActorRef region) {
    return placed.getOrDefault(region, List.of());
  }

  private Map<ActorRef, IndexedSeq<String>> now() {
    java.util.Map<ActorRef, IndexedSeq<String>> now = new HashMap<>();
    placed.forEach(
        (region, shards) -> now.put(region, CollectionConverters.asScala(shards).toIndexedSeq()));
    return Map.from(CollectionConverters.asScala(now));
  }

  private java.util.Set<String> moves(String... inProgress) {
    Set<String> busy = CollectionConverters.asScala(List.of(inProgress)).toSet();
    return CollectionConverters.asJava(groups.rebalance(now(), busy).value().get().get());
  }

  private ActorRef home(String shard) {
    return groups.allocateShard(STAYER, shard, now()).value().get().get();
  }

  @Test
  void aNodeThatLeavesIsEmptiedGroupByGroup() {
    twoNodes(10);
    leaving.add(LEAVER);
    List<Integer> sizes = new ArrayList<>();
    while (!at(LEAVER).isEmpty()) {
      java.util.Set<String> group = moves();
      sizes.add(group.size());
      at(LEAVER).removeAll(group);
      assertThat(moves()).as("while a group has no home").isEmpty();
      assertThat(moves(group.iterator().next())).as("while one moves").isEmpty();
      for (String shard : group) at(home(shard)).add(shard);
    }
    assertThat(sizes).as("with a node that is new").containsExactly(1, 2, 4, 3);
    assertThat(at(STAYER)).hasSize(10);
  }

  @Test
  void aNodeThatLeavesGetsNothingAnyMore() {
    twoNodes(0);
    leaving.add(LEAVER);
    assertThat(home("s0")).isEqualTo(STAYER);
    leaving.add(STAYER);
    assertThat(home("s0")).as("with nobody who stays").isIn(LEAVER, STAYER);
    assertThat(moves()).isEmpty();
  }

  @Test
  void aShardThatFindsNoHomeHoldsTheOthersBackForSecondsOnly() {
    twoNodes(10);
    leaving.add(LEAVER);
    java.util.Set<String> lost = moves();
    at(LEAVER).removeAll(lost);
    assertThat(moves()).isEmpty();
    nowNanos += Duration.ofSeconds(3).toNanos();
    assertThat(moves()).isNotEmpty().doesNotContainAnyElementsOf(lost);
  }

  @Test
  void whileNobodyLeavesTheUsualStrategySaysWhatMovesAlsoInGroups() {
    twoNodes(10);
    usual.moves = java.util.Set.of("s1");
    assertThat(moves()).containsExactly("s1");
    at(LEAVER).remove("s1");
    usual.moves = java.util.Set.of("s2", "s3");
    assertThat(moves()).as("while s1 has no home").isEmpty();
    at(STAYER).add("s1");
    assertThat(moves()).containsExactlyInAnyOrder("s2", "s3");
  }

  @Test
  void groupsAreHalvedWhenOneTookTooLongButNotWhileANodeLeaves() {
    twoNodes(10);
    usual.moves = java.util.Set.copyOf(at(LEAVER));
    for (int size : new int[] {1, 2, MOST}) assertThat(moves()).hasSize(size);
    for (int size : new int[] {MOST / 2, 1, 1}) {
      nowNanos += Duration.ofSeconds(1).toNanos();
      assertThat(moves()).hasSize(size);
    }
    nowNanos += Duration.ofMillis(500).toNanos();
    assertThat(moves()).hasSize(2);
    leaving.add(LEAVER);
    nowNanos += Duration.ofSeconds(1).toNanos();
    assertThat(moves()).hasSize(MOST);
  }

  @Test
  void whenANodeHasComeGroupsBeginWithOneShardAgain() {
    twoNodes(10);
    usual.moves = java.util.Set.copyOf(at(LEAVER));
    assertThat(moves()).hasSize(1);
    assertThat(moves()).hasSize(2);
    assertThat(moves()).hasSize(MOST);
    assertThat(moves()).hasSize(MOST);
    placed.put(region(), new ArrayList<>());
    assertThat(moves()).hasSize(1);
    placed.remove(STAYER);
    assertThat(moves()).as("a node that has gone changes nothing").hasSize(2);
  }
}

package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes as the database knows them; each with a pool and a heartbeat of its own. */
class NodesIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Config config =
      ConfigFactory.parseString(
              "parley.nodes { heartbeat = 100ms, stale-after = 1s, timeout = 2s, put-out-after = 9s }")
          .withFallback(TestDatabase.freshConfig(TestDatabase.shared()));
  private final Database one = Database.open(config);
  private final Database two = Database.open(config);
  private final AtomicInteger putOut = new AtomicInteger();

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  private Nodes enter(Database database, String address, long uid) {
    Nodes nodes = Persistence.nodes(database);
    nodes.enter("parley", address, uid, "1.2.3", putOut::incrementAndGet);
    return nodes;
  }

  @Test
  void nodesSeeEachOtherFromTheirStartToTheirEnd() {
    Nodes first = enter(one, "a:1", 1);
    Nodes second = enter(two, "b:2", 2);
    assertThat(first.known()).extracting(Nodes.Known::address).containsExactly("a:1", "b:2");
    Nodes.Known seen = first.others().get(0);
    assertThat(seen.address()).isEqualTo("b:2");
    assertThat(seen.version()).isEqualTo("1.2.3");
    assertThat(seen.connected()).isTrue();
    assertThat(seen.member()).isFalse();
    second.joined();
    assertThat(first.others().get(0).member()).isTrue();
    await().atMost(LIMIT).until(() -> first.others().get(0).lastSeen().isAfter(seen.lastSeen()));
    two.close();
    assertThat(first.others()).isEmpty();
    assertThat(putOut).hasValue(0);
  }

  @Test
  void aNodeOfAnotherClusterIsRefusedWithBothNames() {
    enter(one, "a:1", 1);
    assertThatThrownBy(
            () -> Persistence.nodes(two).enter("other", "b:2", 2, "1", putOut::incrementAndGet))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining("\"parley\"")
        .hasMessageContaining("\"other\"")
        .hasMessageContaining("parley.cluster.name");
    assertThat(Persistence.nodes(one).others()).isEmpty();
  }

  @Test
  void ofManyThatWantToBeginAClusterAtOnceOneMay() {
    List<Nodes> nodes = List.of(enter(one, "a:1", 1), enter(two, "b:2", 2));
    List<CompletableFuture<Boolean>> answers =
        Stream.concat(nodes.stream(), nodes.stream())
            .map(node -> CompletableFuture.supplyAsync(node::mayForm))
            .toList();
    boolean first = answers.get(0).join() || answers.get(2).join();
    boolean second = answers.get(1).join() || answers.get(3).join();
    assertThat(first ^ second).as("first %s, second %s", first, second).isTrue();
    Nodes former = first ? nodes.get(0) : nodes.get(1);
    Nodes other = first ? nodes.get(1) : nodes.get(0);
    former.joined();
    assertThat(other.mayForm()).as("while one is a member").isFalse();
    former.close();
    assertThat(other.mayForm()).as("after its end").isTrue();
  }

  @Test
  void aNodeThatWasCalledDeadHearsOfItAndIsNoMember() {
    Nodes frozen = enter(one, "a:1", 1);
    Nodes other = enter(two, "b:2", 2);
    frozen.joined();
    // It lives and says so ten times a second: somebody must look and remove between two of them.
    await().atMost(LIMIT).until(() -> other.removeDead(other.others().get(0)));
    await().atMost(LIMIT).untilAsserted(() -> assertThat(putOut).hasValue(1));
    assertThatThrownBy(frozen::joined)
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining("put this one out");
    assertThat(other.mayForm()).isTrue();
  }

  @Test
  void aNodeThatCrashedStartsAgainAtItsAddressAndOneThatLivesElsewhereKeepsIt() {
    // One whose heart would have to beat meanwhile could miss a second of it.
    TestDatabase.execute(
        one,
        "INSERT INTO nodes VALUES ('a:1', 1, 'member', '1', pg_backend_pid(),"
            + " clock_timestamp(), clock_timestamp() + interval '1 hour')");
    assertThatThrownBy(() -> enter(two, "a:1", 2))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining("a:1")
        .hasMessageContaining("parley.cluster.host");
    TestDatabase.execute(two, "UPDATE nodes SET session = -1");
    Nodes again = enter(two, "a:1", 3);
    assertThat(again.others()).isEmpty();
    assertThat(again.mayForm()).isTrue();
  }

  /** Both watch, and the table lets one of them do it. */
  @Test
  void aMemberThatTheDatabaseHearsNothingOfIsPutOutOnce() {
    Nodes first = enter(one, "a:1", 1);
    Nodes second = enter(two, "b:2", 2);
    TestDatabase.execute(
        one,
        "INSERT INTO nodes VALUES ('c:3', 3, 'member', '1', pg_backend_pid(),"
            + " clock_timestamp(), clock_timestamp() + interval '1 hour')");
    Set<Long> up = ConcurrentHashMap.newKeySet();
    up.addAll(Set.of(1L, 2L, 3L));
    List<Long> out = new CopyOnWriteArrayList<>();
    for (Nodes nodes : List.of(first, second)) {
      nodes.joined();
      nodes.watch(
          new Nodes.Members() {
            @Override
            public Set<Long> up() {
              return Set.copyOf(up);
            }

            @Override
            public void putOut(long uid) {
              out.add(uid);
              up.remove(uid);
            }
          });
    }
    await().atMost(LIMIT).untilAsserted(() -> assertThat(out).containsExactly(3L));
    assertThat(first.known()).extracting(Nodes.Known::address).containsExactly("a:1", "b:2");
    assertThat(putOut).hasValue(0);
  }

  @Test
  void theDatabaseAwayIsSaidInOneSentenceAndPutsNobodyOut() {
    Nodes first = enter(one, "a:1", 1);
    enter(two, "b:2", 2);
    TestDatabase.execute(two, "ALTER TABLE nodes RENAME TO gone");
    assertThatThrownBy(first::others)
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining("does not tell which nodes run");
    TestDatabase.execute(two, "ALTER TABLE gone RENAME TO nodes");
    Nodes.Known seen = first.others().get(0);
    await().atMost(LIMIT).until(() -> first.others().get(0).lastSeen().isAfter(seen.lastSeen()));
    assertThat(putOut).hasValue(0);
  }
}

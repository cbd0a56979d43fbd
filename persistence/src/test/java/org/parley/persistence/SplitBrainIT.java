package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.remote.RemoteActorRefProvider;
import org.apache.pekko.remote.transport.ThrottlerTransportAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two nodes at a time, the real split brain resolver, a real database. */
@SuppressWarnings("deprecation") // the way to cut a connection has no other name in Artery
class SplitBrainIT {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  private final Config databaseConfig = TestDatabase.freshConfig(TestDatabase.shared());
  private final List<SplitNode> started = new ArrayList<>();
  private final SplitNode one = new SplitNode("127.0.0.1");
  private final SplitNode two = new SplitNode("127.0.0.2");

  /** A node as far as the cluster goes. */
  private final class SplitNode implements AutoCloseable {
    final Database database = Database.open(databaseConfig);
    final AtomicInteger putOut = new AtomicInteger();
    final ActorSystem<Void> system;
    final Cluster cluster;

    SplitNode(String host) {
      Config config =
          ConfigFactory.parseString(
                  """
                  pekko {
                    loglevel = WARNING
                    actor.provider = cluster
                    cluster.jmx.enabled = off
                    remote.artery.canonical { hostname = "%s", port = 0 }
                    remote.artery.advanced.test-mode = on
                    # Its end is no farewell: to the others it is a crash.
                    coordinated-shutdown.run-by-actor-system-terminate = off
                    coordinated-shutdown.run-by-jvm-shutdown-hook = off
                    cluster {
                      downing-provider-class = "org.apache.pekko.cluster.sbr.SplitBrainResolverProvider"
                      failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s }
                      split-brain-resolver {
                        active-strategy = lease-majority
                        stable-after = 1s
                        down-all-when-unstable = off
                        lease-majority {
                          lease-implementation = "parley.lease"
                          acquire-lease-delay-for-minority = 500ms
                          release-after = 1s
                        }
                      }
                    }
                  }
                  """
                      .formatted(host))
              .withFallback(databaseConfig);
      system =
          ActorSystem.create(
              Behaviors.empty(), "split", Persistence.config(database, config.resolve()));
      cluster = Cluster.get(system);
      started.add(this);
    }

    Address address() {
      return cluster.selfMember().address();
    }

    void join(SplitNode first) {
      Nodes nodes = Persistence.nodes(database);
      nodes.enter(
          "split",
          address().getHost().orElseThrow() + ':' + address().getPort().orElseThrow(),
          cluster.selfMember().uniqueAddress().longUid(),
          "1",
          () -> {
            putOut.incrementAndGet();
            cluster.manager().tell(new Down(address()));
          });
      cluster.manager().tell(new Join(first.address()));
      await().atMost(LIMIT).until(() -> cluster.selfMember().status().equals(MemberStatus.up()));
      nodes.joined();
    }

    boolean hasEnded() {
      return system.getWhenTerminated().toCompletableFuture().isDone();
    }

    List<Member> members() {
      List<Member> members = new ArrayList<>();
      cluster.state().getMembers().forEach(members::add);
      return members;
    }

    void cutOff(SplitNode other) {
      RemoteActorRefProvider provider =
          (RemoteActorRefProvider) ((ExtendedActorSystem) system.classicSystem()).provider();
      var unused =
          provider
              .transport()
              .managementCommand(
                  new ThrottlerTransportAdapter.SetThrottle(
                      other.address(), bothWays(), ThrottlerTransportAdapter.Blackhole$.MODULE$));
    }

    /** An object of Scala that Java has no name for. */
    private ThrottlerTransportAdapter.Direction bothWays() {
      try {
        String name = ThrottlerTransportAdapter.Direction.class.getName() + "$Both$";
        return (ThrottlerTransportAdapter.Direction)
            Class.forName(name).getField("MODULE$").get(null);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      system.terminate();
      var unused = system.getWhenTerminated().toCompletableFuture().join();
      database.close();
    }
  }

  @BeforeEach
  void formOneCluster() {
    one.join(one);
    two.join(one);
  }

  @AfterEach
  void end() {
    started.forEach(SplitNode::close);
  }

  @Test
  void eitherOfTwoNodesLivesWhenTheOtherDies() {
    // A holder that died in the middle of a decision is waited for.
    TestDatabase.execute(
        one.database,
        "INSERT INTO leases VALUES"
            + " ('split-pekko-sbr', 'dead', 7, clock_timestamp() + interval '6 seconds')");
    dies(two, one);
    assertThat(TestDatabase.count(one.database, "SELECT epoch FROM leases")).isEqualTo(8);
    SplitNode three = new SplitNode("127.0.0.3");
    three.join(one);
    dies(one, three);
  }

  private static void dies(SplitNode victim, SplitNode survivor) {
    victim.system.terminate();
    await().atMost(LIMIT).until(() -> survivor.members().size() == 1);
    assertThat(survivor.hasEnded()).isFalse();
    assertThat(survivor.cluster.selfMember().status()).isEqualTo(MemberStatus.up());
    assertThat(Persistence.nodes(survivor.database).others()).isEmpty();
  }

  @Test
  void ofTwoHalvesThatDoNotSeeEachOtherExactlyOneLives() {
    one.cutOff(two);
    two.cutOff(one);
    await().atMost(LIMIT).until(() -> one.hasEnded() || two.hasEnded());
    SplitNode survivor = one.hasEnded() ? two : one;
    await().atMost(LIMIT).until(() -> survivor.members().size() == 1);
    assertThat(survivor.hasEnded()).isFalse();
    assertThat(Persistence.nodes(survivor.database).others()).isEmpty();
    assertThat(survivor.putOut).hasValue(0);
  }
}

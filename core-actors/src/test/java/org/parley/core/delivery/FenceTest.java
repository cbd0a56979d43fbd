package org.parley.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class FenceTest {
  private static final Address ONE = Address.apply("pekko", "parley", "10.0.0.1", 7355);
  private static final Address TWO = Address.apply("pekko", "parley", "10.0.0.2", 7355);

  private final Fence fence = new Fence(3);

  @Test
  void aLifeEndsWithItsNodesMembership() {
    fence.cameFrom(ONE, 1);
    fence.cameFrom(TWO, 2);
    fence.left(ONE);
    assertThat(fence.stops(1)).isTrue();
    assertThat(fence.stops(2)).as("of another node").isFalse();
    assertThat(fence.stops(3)).as("our own").isFalse();
  }

  @Test
  void whatComesFromANodeThatIsGoneBelongsToALifeThatHasEnded() {
    fence.left(ONE);
    fence.cameFrom(ONE, 1);
    assertThat(fence.stops(1)).isTrue();
  }

  @Test
  void aNodeThatComesBackHasANewLife() {
    fence.cameFrom(ONE, 1);
    fence.left(ONE);
    fence.joined(ONE);
    fence.cameFrom(ONE, 4);
    assertThat(fence.stops(1)).isTrue();
    assertThat(fence.stops(4)).isFalse();
    fence.cameFrom(ONE, 2);
    assertThat(fence.stops(2)).as("late from a life in between").isTrue();
    assertThat(fence.stops(4)).isFalse();
  }

  @Test
  void aNodeOfAnEarlierReleaseHasNoEpochAndIsNeverFenced() {
    fence.cameFrom(ONE, 0);
    fence.left(ONE);
    fence.cameFrom(ONE, 0);
    assertThat(fence.stops(0)).isFalse();
  }

  @Test
  void itRemembersABoundedNumberOfLives() {
    for (int i = 1; i <= 2 * Fence.REMEMBERED; i++) {
      fence.cameFrom(Address.apply("pekko", "parley", "node-" + i, 7355), 10L + i);
      fence.left(Address.apply("pekko", "parley", "node-" + i, 7355));
    }
    assertThat(fence.stops(11)).as("long ago").isFalse();
    assertThat(fence.stops(10L + 2 * Fence.REMEMBERED)).isTrue();
  }

  @Test
  void aNodeThatIsDownedSendsNothingFromThenOn() {
    ActorTestKit kit =
        ActorTestKit.create(
            ConfigFactory.parseString(
                    """
                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.jmx.enabled = off
                    pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                    pekko.coordinated-shutdown.exit-jvm = off
                    pekko.loglevel = ERROR
                    """)
                .withFallback(ConfigFactory.load()));
    try {
      Cluster cluster = Cluster.get(kit.system());
      cluster.manager().tell(new Join(cluster.selfMember().address()));
      kit.spawn(fence.watch());
      Awaitility.await("it is up")
          .until(() -> cluster.selfMember().status().equals(MemberStatus.up()));
      assertThat(fence.stops(3)).isFalse();
      cluster.manager().tell(new Down(cluster.selfMember().address()));
      Awaitility.await("it is fenced").until(() -> fence.stops(3));
    } finally {
      kit.shutdownTestKit();
    }
  }
}

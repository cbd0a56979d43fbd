package org.parley.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.Engine;
import org.parley.core.api.ClusterView;
import org.parley.core.api.ConversationAsk;
import org.parley.core.api.ConversationMessage;
import org.parley.core.conversation.Conversation;

/** Two nodes in this JVM, with conversations that only exist. */
class ClusterOverviewTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int CUSTOMERS = 20;
  private static final ClusterView.Lease LEASE =
      new ClusterView.Lease("first", 3, Instant.parse("2026-11-24T10:00:00Z"));

  private final List<ActorSystem<Void>> nodes = new ArrayList<>();
  private final AtomicInteger woken = new AtomicInteger();

  @AfterEach
  void stop() {
    nodes.forEach(ActorSystem::terminate);
    nodes.forEach(ClusterOverviewTest::awaitEnd);
  }

  @Test
  void itTellsWhatEveryNodeHoldsAndWhoIsOutOfReach() {
    ActorSystem<Void> first = node("conversation");
    ActorSystem<Void> second = node("conversation");
    for (int i = 0; i < CUSTOMERS; i++) {
      ClusterSharding.get(first)
          .entityRefFor(Conversation.TYPE, "main.default.c-" + i)
          .tell(new ConversationAsk.GetCustomer(first.ignoreRef()));
    }
    Supplier<CompletionStage<ClusterView>> overview =
        Engine.cluster(first, () -> CompletableFuture.completedFuture(Optional.of(LEASE)));

    ClusterView whole =
        Awaitility.await()
            .atMost(PATIENCE)
            .until(() -> now(overview), ClusterOverviewTest::isWhole);
    assertThat(whole.self()).isEqualTo(first.address().toString());
    assertThat(whole.leader()).isPresent();
    assertThat(whole.splitBrain().lease()).contains(LEASE);
    assertThat(whole.members())
        .extracting(ClusterView.Member::address)
        .containsExactly(first.address().toString(), second.address().toString());
    assertThat(whole.members())
        .allSatisfy(
            member -> {
              assertThat(member.status()).isEqualTo("up");
              assertThat(member.roles()).containsExactly("conversation");
              assertThat(member.startedAt()).isPresent();
              assertThat(member.shards()).hasValueSatisfying(n -> assertThat(n).isPositive());
            });

    second.terminate();
    awaitEnd(second);
    ClusterView.Member lost =
        Awaitility.await()
            .atMost(PATIENCE)
            .until(
                () -> now(overview).members().get(1),
                member -> !member.unreachableFrom().isEmpty());
    assertThat(lost.unreachableFrom()).containsExactly(first.address().toString());
    assertThat(lost.shards()).isEmpty();
    assertThat(lost.conversations()).isEmpty();
    Awaitility.await().atMost(PATIENCE).until(() -> !now(overview).members().get(1).reachable());
  }

  @Test
  void aNodeKeepsNoMoreConversationsInMemoryThanItIsTold() {
    ActorSystem<Void> alone = node("conversation", "parley.conversation.max-live = 1000");
    Supplier<CompletionStage<ClusterView>> overview =
        Engine.cluster(alone, () -> CompletableFuture.completedFuture(Optional.of(LEASE)));
    for (int i = 0; i < 3_000; i++) {
      ClusterSharding.get(alone)
          .entityRefFor(Conversation.TYPE, "main.default.c-" + i)
          .tell(new ConversationAsk.GetCustomer(alone.ignoreRef()));
    }

    Awaitility.await().atMost(PATIENCE).until(() -> woken.get() == 3_000);
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(now(overview).members().get(0).conversations())
                    .hasValueSatisfying(live -> assertThat(live).isBetween(1, 1_000)));
  }

  @Test
  void aLeaseThatCannotBeReadIsNone() {
    ActorSystem<Void> alone = node("http");

    ClusterView view =
        now(
            Engine.cluster(
                alone, () -> CompletableFuture.failedFuture(new IllegalStateException("away"))));

    assertThat(view.splitBrain())
        .isEqualTo(new ClusterView.SplitBrain("keep-majority", Optional.empty()));
    assertThat(view.members()).hasSize(1);
  }

  /** All reachable, and every customer is counted. */
  private static boolean isWhole(ClusterView view) {
    int held =
        view.members().stream()
            .filter(ClusterView.Member::reachable)
            .mapToInt(member -> member.conversations().orElse(0))
            .sum();
    return view.members().size() == 2 && held == CUSTOMERS;
  }

  private static ClusterView now(Supplier<CompletionStage<ClusterView>> overview) {
    return overview.get().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private ActorSystem<Void> node(String role) {
    return node(role, "");
  }

  private ActorSystem<Void> node(String role, String more) {
    ActorSystem<Void> system =
        ActorSystem.create(
            Behaviors.empty(),
            "overview",
            ConfigFactory.parseString(
                    more
                        + """

                    pekko.cluster.roles = [%s]
                    pekko.actor.provider = cluster
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.loglevel = ERROR
                    pekko.log-dead-letters = off
                    pekko.coordinated-shutdown.exit-jvm = off
                    pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                    pekko.cluster {
                      jmx.enabled = off
                      sharding.number-of-shards = 8
                      failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s }
                      gossip-interval = 200ms
                      leader-actions-interval = 200ms
                      periodic-tasks-initial-delay = 100ms
                      distributed-data { gossip-interval = 200ms, notify-subscribers-interval = 50ms }
                    }
                    """
                            .formatted(role))
                .withFallback(Engine.config())
                .withFallback(ConfigFactory.load())
                .resolve());
    nodes.add(system);
    Cluster cluster = Cluster.get(system);
    cluster.manager().tell(new Join(nodes.get(0).address()));
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> cluster.selfMember().status().toString().equals("Up"));
    var unused = ClusterSharding.get(system).init(Entity.of(Conversation.TYPE, entity -> wake()));
    ClusterDesk.start(system);
    return system;
  }

  private Behavior<ConversationMessage> wake() {
    woken.incrementAndGet();
    return Behaviors.receiveMessage(any -> Behaviors.same());
  }

  private static void awaitEnd(ActorSystem<Void> system) {
    Object unused =
        system.getWhenTerminated().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
  }
}

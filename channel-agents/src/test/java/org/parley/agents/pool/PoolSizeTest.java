package org.parley.agents.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.agents.lane.LaneJob;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;

class PoolSizeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String QUICK =
      "operations-per-instance = 2, reserve-percent = 0, grow-every = 100ms, shrink-every = 100ms, ";

  private final ActorTestKit kit = ActorTestKit.create();
  private final ConcurrentLinkedQueue<LaneJob> onWire = new ConcurrentLinkedQueue<>();
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private ChannelPool pool(String settings) {
    Way way =
        job -> {
          if (job.enterWire()) onWire.add(job);
        };
    return new ChannelPool(
        kit.system(), Channel.EMAIL, Pools.settings(settings), List.of(), List.of(way));
  }

  /** As a conversation does it: a place first, and back with the outcome. */
  private void send(ChannelPool pool) {
    boolean unused =
        pool.places()
            .await(
                Category.MARKETING,
                () ->
                    pool.deliver(
                        Attempts.to("a@example.com"),
                        outcome -> {
                          outcomes.add(outcome);
                          pool.places().release();
                        }));
  }

  private void accept(int count) {
    for (int i = 0; i < count; i++) {
      LaneJob job = onWire.remove();
      job.answered(Outcome.accepted("main", Optional.empty()));
    }
  }

  @Test
  void aBusyPoolGetsMoreAgentsAndWhoWaitedIsServed() {
    ChannelPool pool = pool(QUICK + "min-instances = 1, max-instances = 3, grow-by = 1");
    for (int i = 0; i < 6; i++) send(pool);

    await().atMost(PATIENCE).until(() -> onWire.size() == 6);
    assertThat(pool.view("here").instances()).isEqualTo(3);
    assertThat(pool.view("here").places()).isEqualTo(6);
    assertThat(pool.view("here").lastResize().orElseThrow().why()).contains("70 % busy");
  }

  @Test
  void anAgentThatGoesFinishesWhatItHas() {
    ChannelPool pool =
        pool(
            QUICK + "min-instances = 1, max-instances = 2, grow-by = 1, shrink-below-percent = 50");
    for (int i = 0; i < 4; i++) send(pool);
    await().atMost(PATIENCE).until(() -> onWire.size() == 4);

    accept(3);
    await().atMost(PATIENCE).until(() -> pool.view("here").instances() == 1);
    assertThat(outcomes).hasSize(3);
    accept(1);

    assertThat(outcomes).hasSize(4).allMatch(o -> o.kind() == Outcome.Kind.ACCEPTED);
    for (int i = 0; i < 2; i++) send(pool);
    await().atMost(PATIENCE).until(() -> onWire.size() == 2);
  }

  @Test
  void aPoolsRateFollowsTheNumberOfItsAgentsAndTransactionalGoesFirst() {
    long sinceNanos = System.nanoTime();
    ChannelPool pool =
        pool(
            "min-instances = 2, max-instances = 2, operations-per-instance = 100,"
                + " per-second-per-instance = 1, burst-per-instance = 5");
    // In its turn the urgent one would wait for 45 s.
    for (int i = 0; i < 100; i++) send(pool);
    await().atMost(PATIENCE).until(() -> onWire.size() >= 10);
    pool.deliver(Attempts.transactional("urgent@example.com"), outcomes::add);

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                onWire.stream()
                    .anyMatch(job -> job.attempt().category() == Category.TRANSACTIONAL));
    int sent = onWire.size();
    double seconds = (System.nanoTime() - sinceNanos) / 1e9;
    assertThat(sent).isLessThanOrEqualTo(10 + (int) (2 * seconds) + 1);
  }

  @Test
  void whatWaitsForTheRateIsAnsweredByADrain() {
    ChannelPool pool =
        pool(
            "min-instances = 1, max-instances = 1, per-second-per-instance = 1,"
                + " burst-per-instance = 1, drain-timeout = 300ms");
    for (int i = 0; i < 10; i++) send(pool);
    await().atMost(PATIENCE).until(() -> !onWire.isEmpty());

    pool.drain().toCompletableFuture().orTimeout(20, java.util.concurrent.TimeUnit.SECONDS).join();

    assertThat(outcomes).hasSize(10);
    assertThat(outcomes.stream().filter(o -> o.kind() == Outcome.Kind.NOT_SENT).count())
        .isGreaterThanOrEqualTo(1);
  }
}

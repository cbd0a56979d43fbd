package org.parley.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.cluster.Share;

/** On one of two nodes with a hundred shards; two seconds without another one are too many. */
class ArrivalTest {
  private static final Duration MOST_OF_A_SECOND = Duration.ofMillis(900);
  private static final Duration A_LOOK = Duration.ofMillis(500);

  private final ActorTestKit kit =
      ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
  private final ManualTime timers = ManualTime.get(kit.system());
  private final TestProbe<CompletableFuture<Optional<Share>>> questions = kit.createTestProbe();
  private final AtomicInteger readings = new AtomicInteger();
  private final CompletableFuture<Done> settled = new CompletableFuture<>();
  private final AtomicLong nanos = new AtomicLong();

  @AfterEach
  void close() {
    kit.shutdownTestKit();
  }

  private void start() {
    var unused = kit.spawn(Arrival.create(this::ask, this::readClock, settled));
  }

  private CompletionStage<Optional<Share>> ask() {
    CompletableFuture<Optional<Share>> answer = new CompletableFuture<>();
    questions.ref().tell(answer);
    return answer;
  }

  private long readClock() {
    long now = nanos.get();
    readings.incrementAndGet();
    return now;
  }

  /** The node hears that it has so many, and reads its clock. */
  private void has(int shards) {
    CompletableFuture<Optional<Share>> question = questions.receiveMessage();
    int before = readings.get();
    question.complete(Optional.of(new Share(shards, 100, 2)));
    awaitAReadingAfter(before);
  }

  /** Time passes, and the node, which waits, reads its clock. */
  private void passes(Duration time) {
    int before = readings.get();
    nanos.addAndGet(time.toNanos());
    timers.timePasses(A_LOOK);
    awaitAReadingAfter(before);
  }

  private void awaitAReadingAfter(int before) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(20))
        .until(() -> readings.get() > before);
  }

  private void awaitSettled() throws Exception {
    assertThat(settled.get(20, TimeUnit.SECONDS)).isEqualTo(Done.done());
  }

  @Test
  void aNodeThatGetsShardsIsWaitedForUntilItHasItsShare() throws Exception {
    start();
    for (int shards = 0; shards < 50; shards += 10) {
      has(shards);
      passes(MOST_OF_A_SECOND);
    }
    assertThat(settled).isNotDone();
    has(50);
    awaitSettled();
  }

  @Test
  void aNumberThatStandsStillIsWaitedForNoLonger() throws Exception {
    start();
    has(20);
    for (int i = 0; i < 2; i++) {
      passes(MOST_OF_A_SECOND);
      has(20);
    }
    passes(MOST_OF_A_SECOND);
    assertThat(settled).isNotDone();
    has(20);
    awaitSettled();
  }

  @Test
  void whileTheNodeItselfStandsStillNothingCanCome() throws Exception {
    start();
    has(20);
    passes(Duration.ofMinutes(1));
    has(20);
    passes(MOST_OF_A_SECOND);
    assertThat(settled).isNotDone();
    has(50);
    awaitSettled();
  }

  @Test
  void whileAnAnswerIsAwaitedTimeGoesOn() throws Exception {
    start();
    has(20);
    for (int i = 0; i < 3; i++) passes(MOST_OF_A_SECOND);
    assertThat(settled).isNotDone();
    has(20);
    awaitSettled();
  }
}

package org.parley.agents.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;

class LaneTest {
  private final AtomicLong now = new AtomicLong();
  private final FakeCarrier carrier = new FakeCarrier("main");
  private final Map<AttemptId, String> stops = new HashMap<>();
  private @Nullable Runnable alarm;

  private static final LaneSettings.BreakerSettings BREAKER =
      new LaneSettings.BreakerSettings(true, 10, 10, 50, Duration.ofMillis(10), 3);

  private static LaneSettings settings(int connections, int perSecond, int queue) {
    return new LaneSettings(
        "main", 1, connections, perSecond, queue, Duration.ofSeconds(60), BREAKER);
  }

  private Lane lane(LaneSettings settings) {
    return new Lane(
        settings,
        carrier,
        attempt -> Optional.ofNullable(stops.get(attempt.id())),
        (nanos, task) -> alarm = task,
        now::get);
  }

  private Job offer(Lane lane, Attempt attempt) {
    Job job = new Job(attempt);
    lane.offer(job);
    return job;
  }

  @Test
  void asManyAreOnTheWireAsThereAreConnections() {
    Lane lane = lane(settings(2, 1_000_000, 10));
    for (int i = 0; i < 5; i++) offer(lane, Attempts.to("a@example.com"));

    assertThat(carrier.sent()).hasSize(2);
    carrier.accept();
    assertThat(carrier.sent()).hasSize(3);
    assertThat(lane.depth()).isEqualTo(2);
  }

  @Test
  void aFullLaneRefuses() {
    Lane lane = lane(settings(1, 1_000_000, 2));
    for (int i = 0; i < 3; i++) offer(lane, Attempts.to("a@example.com"));

    Job refused = offer(lane, Attempts.to("a@example.com"));

    assertThat(refused.outcome().kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(refused.outcome().reason()).contains("laneFull");
  }

  @Test
  void aTransactionalAttemptGoesAheadOfQueuedMarketing() {
    Lane lane = lane(settings(1, 1_000_000, 10));
    offer(lane, Attempts.to("first@example.com"));
    offer(lane, Attempts.to("second@example.com"));
    offer(lane, Attempts.transactional("urgent@example.com"));

    carrier.accept();

    assertThat(carrier.sent().get(1).address()).isEqualTo("urgent@example.com");
  }

  @Test
  void theGatesReasonIsTheAnswerAndTheWireIsNotTouched() {
    Lane lane = lane(settings(1, 1_000_000, 10));
    Attempt stopped = Attempts.to("a@example.com");
    stops.put(stopped.id(), "optedOut");

    Job job = offer(lane, stopped);

    assertThat(job.outcome().kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(job.outcome().reason()).contains("optedOut");
    assertThat(carrier.sent()).isEmpty();
    assertThat(lane.isIdle()).isTrue();
  }

  @Test
  void theGateIsAskedWhenTheWireIsFreeAndNotWhenTheAttemptIsQueued() {
    Lane lane = lane(settings(1, 1_000_000, 10));
    offer(lane, Attempts.to("a@example.com"));
    Attempt later = Attempts.to("b@example.com");
    Job job = offer(lane, later);
    stops.put(later.id(), "paused");

    carrier.accept();

    assertThat(job.outcome().reason()).contains("paused");
    assertThat(carrier.sent()).hasSize(1);
  }

  @Test
  void whatExpiresInTheQueueIsAnsweredWithoutWaitingForTheCarrier() {
    Lane lane = lane(settings(1, 1_000_000, 10));
    offer(lane, Attempts.to("a@example.com"));
    Attempt later = Attempts.to("b@example.com");
    Job job = offer(lane, later);
    stops.put(later.id(), "expired");

    lane.tick();

    assertThat(job.outcome().reason()).contains("expired");
    assertThat(lane.depth()).isZero();
  }

  @Test
  void thePaceHoldsInTheLongRun() {
    Lane lane = lane(settings(1000, 10, 1000));
    for (int i = 0; i < 100; i++) offer(lane, Attempts.to("a@example.com"));
    assertThat(carrier.sent()).hasSize(1);

    for (int step = 0; step < 50; step++) {
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
      Runnable due = alarm;
      alarm = null;
      if (due != null) due.run();
    }

    assertThat(carrier.sent()).hasSize(51);
  }

  @Test
  void anAttemptWithoutAnAnswerIsUnknownAfterTheCallTimeoutAndALateAnswerChangesNothing() {
    Lane lane = lane(settings(1, 1_000_000, 10));
    Job hung = offer(lane, Attempts.to("a@example.com"));
    Job next = offer(lane, Attempts.to("b@example.com"));

    for (int i = 0; i < 60; i++) {
      now.addAndGet(TimeUnit.SECONDS.toNanos(1));
      lane.tick();
    }
    carrier.accept();
    carrier.accept();

    assertThat(hung.outcome().kind()).isEqualTo(Outcome.Kind.UNKNOWN);
    assertThat(hung.outcome().reason()).contains("callTimeout");
    assertThat(hung.answers.get()).isEqualTo(1);
    assertThat(next.outcome().kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void theTimeInWhichTheNodeStoodStillIsNotTheCarriers() {
    Lane lane = lane(settings(1, 1_000_000, 10));
    Job job = offer(lane, Attempts.to("a@example.com"));

    now.addAndGet(TimeUnit.SECONDS.toNanos(600));
    lane.tick();
    carrier.accept();

    assertThat(job.outcome().kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void theBreakerOpensAtHalfErrorsAndLetsThreeProbesThrough() {
    Lane lane = lane(settings(100, 1_000_000, 100));
    for (int i = 0; i < 10; i++) offer(lane, Attempts.to("a@example.com"));
    for (int i = 0; i < 5; i++) carrier.accept();
    for (int i = 0; i < 5; i++) carrier.answer(Outcome.notSent("main", "connectFailed", ""));

    Job refused = offer(lane, Attempts.to("b@example.com"));
    assertThat(refused.outcome().reason()).contains("breakerOpen");
    assertThat(carrier.sent()).hasSize(10);

    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(11));
    List<Job> more = new ArrayList<>();
    for (int i = 0; i < 5; i++) more.add(offer(lane, Attempts.to("probe@example.com")));

    assertThat(carrier.onWire()).isEqualTo(3);
    assertThat(more.stream().filter(Job::isSettled)).hasSize(2);
  }

  @Test
  void aRefusedRecipientIsNoErrorOfTheCarrier() {
    Lane lane = lane(settings(100, 1_000_000, 100));
    for (int i = 0; i < 20; i++) offer(lane, Attempts.to("a@example.com"));
    for (int i = 0; i < 10; i++) carrier.answer(Outcome.rejected("main", "mailboxUnavailable", ""));
    for (int i = 0; i < 10; i++) carrier.answer(Outcome.notSent("main", "greylisted", ""));

    offer(lane, Attempts.to("b@example.com"));

    assertThat(carrier.sent()).hasSize(21);
  }

  @Test
  void aJobThatWasAnsweredElsewhereIsNotSent() {
    Lane lane = lane(settings(1, 1_000_000, 10));
    offer(lane, Attempts.to("a@example.com"));
    Job gone = offer(lane, Attempts.to("b@example.com"));
    gone.settledElsewhere = true;

    carrier.accept();

    assertThat(carrier.sent()).hasSize(1);
    assertThat(lane.isIdle()).isTrue();
  }

  @Test
  void everyJobIsAnsweredExactlyOnceUnderChaos() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    Random random = new Random(7);
    Connector chaos = new ChaosCarrier(threads, random);
    Lane lane =
        new Lane(
            new LaneSettings("main", 1, 8, 1_000_000, 50, Duration.ofSeconds(60), BREAKER),
            chaos,
            attempt -> chance(random, 10) ? Optional.of("paused") : Optional.empty(),
            (nanos, task) -> threads.execute(task),
            System::nanoTime);
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < 5000; i++) jobs.add(new Job(Attempts.to("a@example.com")));
    CountDownLatch offered = new CountDownLatch(4);
    for (int t = 0; t < 4; t++) {
      List<Job> share = jobs.subList(t * 1250, (t + 1) * 1250);
      new Thread(
              () -> {
                share.forEach(lane::offer);
                offered.countDown();
              })
          .start();
    }

    assertThat(offered.await(20, TimeUnit.SECONDS)).isTrue();
    org.awaitility.Awaitility.await().until(lane::isIdle);
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(jobs).allSatisfy(job -> assertThat(job.answers.get()).isEqualTo(1));
  }

  private static boolean chance(Random random, int oneIn) {
    synchronized (random) {
      return random.nextInt(oneIn) == 0;
    }
  }

  /** Answers at once, later, with a failure or by throwing. */
  private record ChaosCarrier(ExecutorService threads, Random random) implements Connector {
    @Override
    public String carrier() {
      return "main";
    }

    @Override
    public Channel channel() {
      return Channel.EMAIL;
    }

    @Override
    public CompletableFuture<Outcome> send(Attempt attempt) {
      Outcome accepted = Outcome.accepted("main", Optional.empty());
      if (chance(random, 500)) throw new IllegalStateException("chaos");
      if (chance(random, 500)) return CompletableFuture.failedFuture(new RuntimeException("chaos"));
      if (chance(random, 2)) return CompletableFuture.completedFuture(accepted);
      return CompletableFuture.supplyAsync(() -> accepted, threads);
    }

    @Override
    public void close() {}
  }

  /** A job that remembers its answers. */
  private static final class Job implements LaneJob {
    private final Attempt attempt;
    private final AtomicInteger answers = new AtomicInteger();
    private volatile @Nullable Outcome outcome;
    private volatile boolean settledElsewhere;

    Job(Attempt attempt) {
      this.attempt = attempt;
    }

    Outcome outcome() {
      Outcome answer = outcome;
      if (answer == null) throw new AssertionError("the job has no answer yet");
      return answer;
    }

    @Override
    public Attempt attempt() {
      return attempt;
    }

    @Override
    public boolean enterWire() {
      return !settledElsewhere;
    }

    @Override
    public boolean isSettled() {
      return settledElsewhere || outcome != null;
    }

    @Override
    public void answered(Outcome answer) {
      outcome = answer;
      answers.incrementAndGet();
    }
  }
}

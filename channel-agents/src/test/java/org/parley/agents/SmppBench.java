package org.parley.agents;

import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.ConfigFactory;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Outcome;
import org.parley.core.api.Profile;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.AgentTools;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Inbound;
import org.parley.core.spi.SubmissionStore;

/**
 * Measures what a text message costs from {@code deliver} to its outcome and its receipt, against
 * an SMSC in another process: {@code SmppBench HOST PORT [MESSAGES] [SESSIONS] [WINDOW]}. It prints
 * messages a second and microseconds of this process's CPU a message, for rounds of which the last
 * count. Stores answer at once, so it is the connector that is measured.
 */
public final class SmppBench implements Inbound, SubmissionStore {
  private static final int ROUNDS = 5;

  private final LongAdder receipts = new LongAdder();

  private SmppBench() {}

  public static void main(String[] args) throws InterruptedException {
    int messages = args.length > 2 ? Integer.parseInt(args[2]) : 50_000;
    String carrier =
        "parley.carriers = [{ name = main, channel = sms, protocol = smpp, host = \""
            + args[0]
            + "\", port = "
            + args[1]
            + ", sessions = "
            + (args.length > 3 ? args[3] : "4")
            + ", window = "
            + (args.length > 4 ? args[4] : "50")
            + ", per-second = 1000000, queue = 100000 }]\n"
            + "pekko.loglevel = WARNING, pekko.log-dead-letters = off";
    ActorSystem<Void> system =
        ActorSystem.create(
            Behaviors.empty(),
            "bench",
            ConfigFactory.parseString(carrier).withFallback(ConfigFactory.load()).resolve());
    SmppBench bench = new SmppBench();
    AgentTools tools =
        new AgentTools(
            attempt -> Optional.empty(),
            attempt ->
                new RenderedMessage(
                    Optional.empty(), Optional.of("Hello Ann, it is spring."), Optional.empty()),
            bench,
            bench,
            new Tools(),
            InstantSource.system());
    AgentPool pool = ChannelAgents.start(system, tools).get(0);
    for (int round = 0; round < ROUNDS; round++) bench.round(pool, messages);
    system.terminate();
  }

  private void round(AgentPool pool, int messages) throws InterruptedException {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Semaphore places = new Semaphore(pool.places().capacity());
    CountDownLatch settled = new CountDownLatch(messages);
    LongAdder accepted = new LongAdder();
    receipts.reset();
    long cpuBefore = process.getProcessCpuTime();
    long before = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      places.acquire();
      pool.deliver(
          attempt(i),
          outcome -> {
            if (outcome.kind() == Outcome.Kind.ACCEPTED) accepted.increment();
            places.release();
            settled.countDown();
          });
    }
    settled.await();
    double seconds = (System.nanoTime() - before) / 1e9;
    long inTime = receipts.sum();
    long patience = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (receipts.sum() < accepted.sum() && System.nanoTime() < patience) {
      LockSupport.parkNanos(1_000_000);
    }
    double untilReceipts = (System.nanoTime() - before) / 1e9;
    double cpuMicros = (process.getProcessCpuTime() - cpuBefore) / 1e3;
    System.out.printf(
        "%d accepted of %d, %.0f messages/s, %.0f with all receipts (%d of %d in time), %.1f us of"
            + " CPU a message%n",
        accepted.sum(),
        messages,
        messages / seconds,
        messages / untilReceipts,
        inTime,
        receipts.sum(),
        cpuMicros / messages);
  }

  private static Attempt attempt(int number) {
    CustomerKey customer = CustomerKey.of("customer-" + number);
    StepKey key = new StepKey("cmp_bench", "hello");
    String phone = "+4917" + (10_000_000 + number);
    return new Attempt(
        AttemptId.of(customer, key, 1),
        customer,
        key,
        1,
        Channel.SMS,
        Category.MARKETING,
        phone,
        new Profile(
            Optional.empty(),
            Optional.of(phone),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Instant.EPOCH),
        Template.text("", "Hello"),
        Optional.empty(),
        Instant.now(),
        Instant.now().plusSeconds(600));
  }

  @Override
  public CompletionStage<Taken> reply(Reply reply) {
    return CompletableFuture.completedFuture(Taken.RECORDED);
  }

  @Override
  public CompletionStage<Taken> receipt(Receipt receipt) {
    receipts.increment();
    return CompletableFuture.completedFuture(Taken.RECORDED);
  }

  @Override
  public CompletionStage<Taken> bounce(Bounce bounce) {
    return CompletableFuture.completedFuture(Taken.RECORDED);
  }

  @Override
  public Optional<String> returnToken(Attempt attempt) {
    return Optional.empty();
  }

  @Override
  public CompletionStage<Void> submitting(Submission submission) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<List<Receipt>> accepted(
      String carrier, AttemptId attempt, String carrierRef) {
    return CompletableFuture.completedFuture(List.of());
  }

  @Override
  public CompletionStage<Optional<Submission>> find(Receipt receipt) {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  @Override
  public CompletionStage<Boolean> purge(Duration age) {
    return CompletableFuture.completedFuture(false);
  }
}

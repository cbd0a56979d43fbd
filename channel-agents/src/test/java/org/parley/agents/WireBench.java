package org.parley.agents;

import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.ConfigFactory;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.parley.core.api.Category;
import org.parley.core.api.Outcome;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;

/**
 * Measures what a message costs from {@code deliver} to its outcome, against an SMTP server in
 * another process: {@code WireBench HOST PORT [MESSAGES] [CONNECTIONS] [html]}. It prints messages
 * a second and microseconds of this process's CPU a message, for rounds of which the last count.
 */
public final class WireBench {
  private static final int ROUNDS = 5;

  private WireBench() {}

  public static void main(String[] args) throws InterruptedException {
    int messages = args.length > 2 ? Integer.parseInt(args[2]) : 50_000;
    int connections = args.length > 3 ? Integer.parseInt(args[3]) : 20;
    boolean html = args.length > 4;
    String carrier =
        "parley.carriers = [{ name = main, channel = email, protocol = smtp, host = \""
            + args[0]
            + "\", port = "
            + args[1]
            + ", connections = "
            + connections
            + ", per-second = 1000000, queue = 100000, tls = off }]\n"
            + "parley.public-url = \"https://parley.example\"\n"
            + "pekko.loglevel = WARNING, pekko.log-dead-letters = off";
    ActorSystem<Void> system =
        ActorSystem.create(
            Behaviors.empty(),
            "bench",
            ConfigFactory.parseString(carrier).withFallback(ConfigFactory.load()).resolve());
    AgentPool pool =
        ChannelAgents.start(
                system, Tools.of(attempt -> Optional.empty(), attempt -> rendered(attempt, html)))
            .get(0);
    for (int round = 0; round < ROUNDS; round++) round(pool, messages);
    system.terminate();
  }

  private static RenderedMessage rendered(Attempt attempt, boolean html) {
    String text = "Hello " + attempt.customer().customerId() + ",\n\nit is spring.\n".repeat(10);
    return new RenderedMessage(
        Optional.of("It is spring"),
        Optional.of(text),
        html ? Optional.of("<p>" + text + "</p>") : Optional.empty());
  }

  private static void round(AgentPool pool, int messages) throws InterruptedException {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Attempt[] attempts = new Attempt[messages];
    for (int i = 0; i < messages; i++) {
      attempts[i] =
          Attempts.to(
              "user" + i + "@example.com",
              Category.MARKETING,
              Map.of("firstName", "Ann", "lastName", "Other"));
    }
    Semaphore places = new Semaphore(pool.places().capacity());
    CountDownLatch settled = new CountDownLatch(messages);
    LongAdder accepted = new LongAdder();
    long cpuBefore = process.getProcessCpuTime();
    long before = System.nanoTime();
    for (Attempt attempt : attempts) {
      places.acquire();
      pool.deliver(
          attempt,
          outcome -> {
            if (outcome.kind() == Outcome.Kind.ACCEPTED) accepted.increment();
            places.release();
            settled.countDown();
          });
    }
    settled.await();
    double seconds = (System.nanoTime() - before) / 1e9;
    double cpuMicros = (process.getProcessCpuTime() - cpuBefore) / 1e3;
    System.out.printf(
        "%d accepted of %d, %.0f messages/s, %.1f us of CPU a message%n",
        accepted.sum(), messages, messages / seconds, cpuMicros / messages);
  }
}

package org.parley.agents.phone;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

/**
 * Measures what a call costs from {@code send} to its outcome, against a sandbox in another process
 * ({@code SandboxSip --port 5070 --ring 0ms}): {@code SipBench PORT [CALLS] [CONCURRENT]
 * [PROMPT_MILLIS] [udp|tcp]}. With a prompt of 0 it is signalling only: INVITE, 200, ACK, BYE. It
 * prints calls a second and microseconds of this process's CPU a call, for rounds of which the last
 * count.
 */
public final class SipBench {
  private static final int ROUNDS = 5;

  private SipBench() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int port = Integer.parseInt(args[0]);
    int calls = args.length > 1 ? Integer.parseInt(args[1]) : 2000;
    int concurrent = args.length > 2 ? Integer.parseInt(args[2]) : 20;
    int promptMillis = args.length > 3 ? Integer.parseInt(args[3]) : 0;
    String transport = args.length > 4 ? args[4] : "udp";
    Path prompts = Files.createTempDirectory("sip-bench");
    Path hello = Phones.tone(prompts.resolve("hello.wav"), Math.max(20, promptMillis));
    String settings = "answer-wait = 0ms, transport = " + transport;
    try (SipConnector connector = Phones.connector(port, prompts, settings)) {
      for (int round = 0; round < ROUNDS; round++) round(connector, calls, concurrent);
    }
    Files.delete(hello);
    Files.delete(prompts);
  }

  private static void round(SipConnector connector, int calls, int concurrent)
      throws InterruptedException {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Attempt[] attempts = new Attempt[calls];
    for (int i = 0; i < calls; i++) attempts[i] = Phones.attempt("+4930201000");
    Semaphore places = new Semaphore(concurrent);
    CountDownLatch settled = new CountDownLatch(calls);
    LongAdder answered = new LongAdder();
    long cpuBefore = process.getProcessCpuTime();
    long before = System.nanoTime();
    for (Attempt attempt : attempts) {
      places.acquire();
      var unused =
          connector
              .send(attempt)
              .whenComplete(
                  (outcome, failure) -> {
                    if (outcome != null && outcome.kind() == Outcome.Kind.ACCEPTED) {
                      answered.increment();
                    }
                    places.release();
                    settled.countDown();
                  });
    }
    settled.await();
    double seconds = (System.nanoTime() - before) / 1e9;
    double cpuMicros = (process.getProcessCpuTime() - cpuBefore) / 1e3;
    System.out.printf(
        "%d answered of %d, %.0f calls/s, %.0f us of CPU a call%n",
        answered.sum(), calls, calls / seconds, cpuMicros / calls);
  }
}

package org.parley.persistence.store;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.spi.Inbound.Receipt;
import org.parley.core.spi.SubmissionStore;
import org.parley.core.spi.SubmissionStore.Submission;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

/**
 * Measures what a message costs here from its submission over its acceptance to its receipt,
 * against an embedded PostgreSQL with fsync. Arguments: messages a second, seconds. Not a test.
 */
final class SubmissionSpeed {
  private static final long TICKS_A_SECOND = 100;

  private SubmissionSpeed() {}

  public static void main(String[] args) throws Exception {
    int perSecond = args.length > 0 ? Integer.parseInt(args[0]) : 2_500;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 20;
    Database database = TestDatabase.shared();
    try (PostgresStores stores = TestStores.on(database.requests(), Map.of())) {
      run(stores.submissions(), perSecond, 10, 0);
      long jvm = jvmNanos();
      long server = serverTicks(database);
      long start = System.nanoTime();
      int messages = run(stores.submissions(), perSecond, seconds, perSecond * 10);
      double took = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "%,d messages in %.1f s = %,.0f/s; CPU a message: JVM %.1f us, PostgreSQL %.1f us%n",
          messages,
          took,
          messages / took,
          (jvmNanos() - jvm) / 1e3 / messages,
          (serverTicks(database) - server) * 1e6 / TICKS_A_SECOND / messages);
      long purging = System.nanoTime();
      long before = serverTicks(database);
      TestDatabase.execute(database, "UPDATE submissions SET at = at - interval '9 days'");
      TestDatabase.execute(database, "UPDATE submission_ids SET at = at - interval '9 days'");
      long updated = serverTicks(database);
      while (TestStores.get(stores.submissions().purge(Duration.ofDays(7)))) Thread.onSpinWait();
      System.out.printf(
          "purge after %.1f s; CPU a row of three tables: PostgreSQL %.1f us (made old: %.1f)%n",
          (System.nanoTime() - purging) / 1e9,
          (serverTicks(database) - updated) * 1e6 / TICKS_A_SECOND / messages,
          (updated - before) * 1e6 / TICKS_A_SECOND / messages);
    }
    System.exit(0);
  }

  private static int run(SubmissionStore store, int perSecond, int seconds, int first)
      throws InterruptedException {
    int messages = perSecond * seconds;
    Semaphore underWay = new Semaphore(10_000);
    AtomicLong failures = new AtomicLong();
    long start = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      long due = start + i * 1_000_000_000L / perSecond;
      while (System.nanoTime() < due) LockSupport.parkNanos(2_000_000);
      underWay.acquire();
      CustomerKey customer = CustomerKey.of("c" + (first + i));
      Submission submission =
          new Submission(
              "smsc",
              AttemptId.of(customer, StepKey.message("m"), 1),
              customer,
              i & 0xffff,
              "+43664" + (1_000_000 + first + i),
              Instant.now());
      String id = "id-" + (first + i);
      store
          .submitting(submission)
          .thenCompose(done -> store.accepted("smsc", submission.attempt(), id))
          .thenCompose(early -> store.find(receipt(id, submission.to())))
          .whenComplete(
              (found, failure) -> {
                if (failure != null
                    || !found.map(Submission::attempt).equals(Optional.of(submission.attempt()))) {
                  failures.incrementAndGet();
                }
                underWay.release();
              });
    }
    if (!underWay.tryAcquire(10_000, 60, TimeUnit.SECONDS)) throw new IllegalStateException("late");
    if (failures.get() > messages / 1000) {
      throw new IllegalStateException(failures + " of " + messages + " went wrong");
    }
    return messages;
  }

  private static Receipt receipt(String id, String to) {
    return new Receipt(
        "smsc",
        id,
        OptionalInt.empty(),
        to,
        Receipt.State.DELIVERED,
        Optional.empty(),
        Instant.now());
  }

  private static long jvmNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** CPU time of the server and of its sessions, those that have ended too. */
  private static long serverTicks(Database database) throws IOException {
    long server = database.serverProcess().orElseThrow();
    long ticks = 0;
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process :
          processes.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
        ticks += ticks(process, server);
      }
    }
    return ticks;
  }

  private static long ticks(Path process, long server) {
    try {
      String stat = Files.readString(process.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      boolean self = process.endsWith(Long.toString(server));
      if (!self && Long.parseLong(fields[1]) != server) return 0;
      long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      return self ? own + Long.parseLong(fields[13]) + Long.parseLong(fields[14]) : own;
    } catch (IOException e) {
      return 0;
    }
  }
}

package org.parley.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.parley.core.simulation.Simulator.Result;
import org.slf4j.LoggerFactory;

/**
 * The production actors under seeded schedules of every fault that we know. {@code
 * -Dparley.simulation.seed=N} runs from that seed on, {@code -Dparley.simulation.schedules=N} so
 * many, {@code -Dparley.simulation.story=true} prints what happens.
 */
class SimulationTest {
  private static final long SEED = Long.getLong("parley.simulation.seed", 1);
  private static final int SCHEDULES =
      Integer.getInteger(
          "parley.simulation.schedules",
          System.getProperty("parley.simulation.seed") == null ? 10_000 : 1);
  private static final int THREADS = Math.min(2, SCHEDULES);

  /** A break of the product shows within so many schedules. */
  private static final int SOON = 100;

  private static final ExecutorService WORKERS = Executors.newFixedThreadPool(THREADS);
  private static final Logger LOGS = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private static final Level BEFORE = LOGS.getLevel();

  // What fails here fails by the thousand, on purpose.
  @BeforeAll
  static void quiet() {
    LOGS.setLevel(Level.OFF);
  }

  @AfterAll
  static void end() {
    LOGS.setLevel(BEFORE);
    WORKERS.shutdownNow();
  }

  @Test
  void everythingThatIsPromisedHoldsUnderEverySchedule() throws Exception {
    long startedAt = System.nanoTime();
    AtomicLong next = new AtomicLong(SEED);
    Tally tally = new Tally();
    List<Result> broken = new ArrayList<>();
    Callable<Void> worker =
        () -> {
          Simulator simulator = new Simulator();
          for (long seed = next.getAndIncrement();
              seed < SEED + SCHEDULES;
              seed = next.getAndIncrement()) {
            Result result = simulator.run(seed, Breaks.NOTHING);
            if (result.problems().isEmpty()) continue;
            synchronized (broken) {
              broken.add(result);
            }
          }
          synchronized (tally) {
            tally.add(simulator.tally());
          }
          return null;
        };
    List<Future<Void>> running = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) running.add(WORKERS.submit(worker));
    for (Future<Void> each : running) each.get();
    System.out.printf(
        "Simulation: %d schedules in %.1f s: %s%n",
        SCHEDULES, (System.nanoTime() - startedAt) / 1e9, tally);
    assertThat(broken)
        .as("broken promises; -Dparley.simulation.seed=N repeats one of them")
        .isEmpty();
  }

  @Test
  void aSeedIsAlwaysTheSameSchedule() throws Exception {
    onWorker(
        () -> {
          Simulator one = new Simulator();
          Simulator other = new Simulator();
          for (long seed = SEED; seed < SEED + 20; seed++) {
            long trace = one.run(seed, Breaks.NOTHING).trace();
            assertThat(one.run(seed, Breaks.NOTHING).trace()).isEqualTo(trace);
            assertThat(other.run(seed, Breaks.NOTHING).trace()).isEqualTo(trace);
          }
          return null;
        });
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
  void aProductThatIsBrokenIsFound(Breaks broken) throws Exception {
    onWorker(
        () -> {
          Simulator simulator = new Simulator();
          for (long seed = 1; seed <= SOON; seed++) {
            if (!simulator.run(seed, broken).problems().isEmpty()) return null;
          }
          throw new AssertionError("not found in " + SOON + " schedules");
        });
  }

  private static void onWorker(Callable<Void> work) throws Exception {
    try {
      WORKERS.submit(work).get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}

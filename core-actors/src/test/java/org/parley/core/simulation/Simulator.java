package org.parley.core.simulation;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.Persistence;

/**
 * An actor system in which nothing happens but by its loop: it runs one schedule after the other.
 * Belongs to the thread that made it.
 */
final class Simulator {
  /** What became of a schedule: its fingerprint, and what was wrong with it if anything was. */
  record Result(long seed, long trace, java.util.List<String> problems) {}

  private record Task(Consumer<ActorContext<Task>> work) {}

  private static final String SETTINGS =
      """
      pekko {
        daemonic = on
        loglevel = OFF
        stdout-loglevel = OFF
        log-dead-letters = off
        jvm-shutdown-hooks = off
        coordinated-shutdown.run-by-jvm-shutdown-hook = off
        scheduler.implementation = "org.parley.core.simulation.LoopScheduler"
        actor {
          allow-java-serialization = off
          default-dispatcher { executor = "org.parley.core.simulation.LoopExecutor", throughput = 1 }
          internal-dispatcher { executor = "org.parley.core.simulation.LoopExecutor", throughput = 1 }
        }
        persistence {
          journal.plugin = "simulation-journal"
          max-concurrent-recoveries = 1000
          no-snapshot-store.plugin-dispatcher = "pekko.actor.default-dispatcher"
          typed.log-stashing = off
        }
      }
      # As the product sets it: see parley-journal.conf.
      simulation-journal {
        class = "org.parley.core.simulation.DiskJournal"
        plugin-dispatcher = "pekko.actor.default-dispatcher"
        replay-dispatcher = "pekko.actor.default-dispatcher"
        recovery-event-timeout = 30s
        replay-filter.mode = off
        write-response-global-order = off
        circuit-breaker { max-failures = 1000000000, call-timeout = 600s, reset-timeout = 1s }
      }
      """;
  private static final Map<String, Simulator> ALL = new ConcurrentHashMap<>();
  private static final AtomicInteger STARTED = new AtomicInteger();

  private final Loop loop = new Loop();
  private final Tally tally = new Tally();
  private final ActorSystem<Task> system;
  private final House house;
  private World world;

  Simulator() {
    String name = "simulation-" + STARTED.incrementAndGet();
    ALL.put(name, this);
    Config config =
        ConfigFactory.parseString("simulation = " + name)
            .withFallback(ConfigFactory.parseString(SETTINGS))
            .withFallback(ConfigFactory.load());
    system =
        ActorSystem.create(
            Behaviors.receive(
                (context, task) -> {
                  task.work().accept(context);
                  return Behaviors.same();
                }),
            name,
            config);
    house = new House(config);
    Persistence.get(system.classicSystem()).journalFor("", ConfigFactory.empty());
    loop.takeOver();
    // The first schedule is unlike its repetition: parts of Pekko start with it.
    run(0, Breaks.NOTHING);
  }

  /** The simulator whose configuration this is. */
  static Simulator of(Config config) {
    return Objects.requireNonNull(ALL.get(config.getString("simulation")));
  }

  static Loop loop(Config config) {
    return of(config).loop;
  }

  Disk disk() {
    return world.disk();
  }

  Tally tally() {
    return tally;
  }

  /** Runs the schedule of a seed to its end, or to the first thing that is wrong. */
  Result run(long seed, Breaks breaks) {
    loop.begin(seed);
    world = new World(loop, tally, house, system.scheduler(), breaks, work -> inRoot(work::accept));
    world.open();
    loop.drain();
    world.run();
    Result result = new Result(seed, loop.trace(), world.problems());
    tally.count(Tally.Kind.DELIVERIES, loop.steps());
    world.close();
    inRoot(
        context -> {
          for (ActorRef<Void> child : context.getChildren()) context.stop(child);
        });
    loop.drain();
    return result;
  }

  private void inRoot(Consumer<ActorContext<Task>> work) {
    system.tell(new Task(work));
  }
}

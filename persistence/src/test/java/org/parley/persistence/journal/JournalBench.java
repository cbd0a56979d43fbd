package org.parley.persistence.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.Recovery;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

/**
 * Measures the journal: messages of two persists each, to sharded entities, new ones and known
 * ones. Run by hand: {@code JournalBench [messages] [in flight]}.
 */
public final class JournalBench {
  private static final EntityTypeKey<Touch> TYPE = EntityTypeKey.create(Touch.class, "touched");

  /** Persist twice, then answer. */
  record Touch(int number, boolean last, ActorRef<Integer> replyTo) {}

  private JournalBench() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    int messages = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    int inFlight = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
    Path directory = TestDatabase.freshDirectory();
    try (Database database = Database.open(TestDatabase.embedded(directory))) {
      ActorSystem<Integer> system = ActorSystem.create(replies(), "bench", config(database));
      Cluster cluster = Cluster.get(system);
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
      ClusterSharding sharding = ClusterSharding.get(system);
      sharding.init(
          Entity.of(
              TYPE,
              entity ->
                  Behaviors.setup(
                      context -> new Touched(entity.getEntityId(), context.getSelf()))));
      measure("warm-up", database, sharding, system, "warm", messages, inFlight);
      measure("new", database, sharding, system, "new", messages, inFlight);
      measure("new", database, sharding, system, "newer", messages, inFlight);
      measure("resident", database, sharding, system, "newer", messages, inFlight);
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }

  private static final Semaphore PLACES = new Semaphore(0);
  private static volatile CountDownLatch open = new CountDownLatch(0);

  private static org.apache.pekko.actor.typed.Behavior<Integer> replies() {
    return Behaviors.receiveMessage(
        number -> {
          PLACES.release();
          open.countDown();
          return Behaviors.same();
        });
  }

  private static void measure(
      String name,
      Database database,
      ClusterSharding sharding,
      ActorSystem<Integer> system,
      String prefix,
      int messages,
      int inFlight)
      throws Exception {
    PLACES.drainPermits();
    PLACES.release(inFlight);
    open = new CountDownLatch(messages);
    long server = database.serverProcess().orElseThrow();
    long postgres = cpuMicros(server);
    long jvm = jvmMicros();
    long start = System.nanoTime();
    for (int i = 0; i < messages; i++) {
      PLACES.acquire();
      sharding.entityRefFor(TYPE, prefix + i).tell(new Touch(i, false, system));
    }
    open.await();
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%-9s %7d messages  %6.0f/s  JVM %6.1f µs  PostgreSQL %6.1f µs%n",
        name,
        messages,
        messages / seconds,
        (jvmMicros() - jvm) / (double) messages,
        (cpuMicros(server) - postgres) / (double) messages);
  }

  private static long jvmMicros() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1_000;
  }

  private static long cpuMicros(long pid) {
    long ticks =
        ProcessHandle.of(pid).stream()
            .flatMap(p -> Stream.concat(Stream.of(p), p.descendants()))
            .mapToLong(p -> ticks(p.pid()))
            .sum();
    return ticks * 10_000;
  }

  private static long ticks(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    } catch (IOException e) {
      return 0;
    }
  }

  private static Config config(Database database) {
    return database
        .journalConfig()
        .withFallback(
            ConfigFactory.parseMap(
                Map.of(
                    "pekko.actor.serializers.parley-journal",
                    TestSerializer.class.getName(),
                    "pekko.actor.provider",
                    "cluster",
                    "pekko.remote.artery.canonical.hostname",
                    "127.0.0.1",
                    "pekko.remote.artery.canonical.port",
                    0,
                    "pekko.cluster.sharding.number-of-shards",
                    100,
                    "pekko.cluster.sharding.passivation.default-idle-strategy.idle-entity.timeout",
                    "60s",
                    "pekko.loglevel",
                    "WARNING")))
        .withFallback(ConfigFactory.load());
  }

  private static final class Touched extends EventSourcedBehavior<Touch, Tally.Event, Integer> {
    private final ActorRef<Touch> self;

    Touched(String id, ActorRef<Touch> self) {
      super(PersistenceId.of(TYPE.name(), id));
      this.self = self;
    }

    @Override
    public Integer emptyState() {
      return 0;
    }

    @Override
    public Recovery recovery() {
      return Recovery.withSnapshotSelectionCriteria(SnapshotSelectionCriteria.none());
    }

    @Override
    public CommandHandler<Touch, Tally.Event, Integer> commandHandler() {
      // The second persist is a command of its own, as an outcome that comes back is.
      return (state, touch) ->
          Effect()
              .persist(Tally.kept(touch.number()))
              .thenRun(
                  () -> {
                    if (touch.last()) {
                      touch.replyTo().tell(touch.number());
                    } else {
                      self.tell(new Touch(touch.number(), true, touch.replyTo()));
                    }
                  });
    }

    @Override
    public EventHandler<Integer, Tally.Event> eventHandler() {
      return (state, event) -> state + 1;
    }
  }
}

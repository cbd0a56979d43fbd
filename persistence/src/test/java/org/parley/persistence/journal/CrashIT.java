package org.parley.persistence.journal;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.junit.jupiter.api.Test;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

class CrashIT {
  private static final int ENTITIES = 200;
  private static final int NUMBERS = 40;
  private static final int KILLS = 2;

  @Test
  void aKilledPostgresNeitherLosesNorDoublesAnEvent() throws Exception {
    try (Database database = Database.open(TestDatabase.embedded(TestDatabase.freshDirectory()))) {
      ActorTestKit kit = ActorTestKit.create(JournalIT.config(database));
      try {
        killWhileWriting(database, kit);
      } finally {
        kit.shutdownTestKit();
      }
    }
  }

  private void killWhileWriting(Database database, ActorTestKit kit) throws Exception {
    AtomicInteger acknowledged = new AtomicInteger();
    Map<Integer, List<Integer>> kept = new HashMap<>();
    List<ActorRef<Tally.Command>> entities = new ArrayList<>();
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int e = 0; e < ENTITIES; e++) {
      ActorRef<Tally.Command> entity = kit.spawn(Tally.create("crash|" + e));
      List<Integer> mine = kept.computeIfAbsent(e, unused -> new ArrayList<>());
      entities.add(entity);
      writers.add(write(kit, entity, 1, mine, acknowledged));
    }
    for (int kill = 1; kill <= KILLS; kill++) {
      int after = ENTITIES * NUMBERS * kill / (KILLS + 1);
      await().atMost(Duration.ofSeconds(40)).until(() -> acknowledged.get() >= after);
      ProcessHandle.of(database.serverProcess().orElseThrow()).orElseThrow().destroyForcibly();
    }
    CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).get(60, SECONDS);

    List<Integer> all = IntStream.rangeClosed(1, NUMBERS).boxed().toList();
    for (int e = 0; e < ENTITIES; e++) {
      assertThat(kept.get(e)).isEqualTo(all);
      kit.stop(entities.get(e));
      ActorRef<Tally.Command> again = kit.spawn(Tally.create("crash|" + e));
      assertThat(
              AskPattern.<Tally.Command, Tally.State>ask(
                      again, Tally.Show::new, Duration.ofSeconds(20), kit.scheduler())
                  .toCompletableFuture()
                  .get(20, SECONDS)
                  .numbers())
          .isEqualTo(all);
    }
    assertThat(TestDatabase.count(database, "SELECT count(*) FROM event_journal"))
        .isEqualTo((long) ENTITIES * NUMBERS);
  }

  /** Keeps one number after the other, each after the answer to the one before. */
  private static CompletableFuture<Void> write(
      ActorTestKit kit,
      ActorRef<Tally.Command> entity,
      int number,
      List<Integer> kept,
      AtomicInteger acknowledged) {
    if (number > NUMBERS) return CompletableFuture.completedFuture(null);
    return AskPattern.<Tally.Command, Done>ask(
            entity, reply -> new Tally.Keep(number, reply), Duration.ofSeconds(60), kit.scheduler())
        .toCompletableFuture()
        .thenCompose(
            done -> {
              kept.add(number);
              acknowledged.incrementAndGet();
              return write(kit, entity, number + 1, kept, acknowledged);
            });
  }
}

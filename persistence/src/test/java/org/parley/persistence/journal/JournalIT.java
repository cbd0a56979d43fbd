package org.parley.persistence.journal;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.parley.persistence.Database;
import org.parley.persistence.TestDatabase;

class JournalIT {
  private static final Database DATABASE = TestDatabase.shared();
  private static final ActorTestKit KIT = ActorTestKit.create(config(DATABASE));
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final String name = "tally|" + UUID.randomUUID();

  static Config config(Database database) {
    return database
        .journalConfig()
        .withFallback(
            ConfigFactory.parseMap(
                Map.of(
                    "pekko.actor.serializers.parley-journal", TestSerializer.class.getName(),
                    "pekko.loglevel", "WARNING",
                    "pekko.log-dead-letters", "off")))
        .withFallback(ConfigFactory.load());
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void anEntityIsAsItWasAfterItComesBack() throws Exception {
    ActorRef<Tally.Command> entity = KIT.spawn(Tally.create(name));
    for (int i = 1; i <= 20; i++) keep(entity, i).toCompletableFuture().get(20, SECONDS);
    stop(entity);
    assertThat(numbers(KIT.spawn(Tally.create(name))))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
  }

  @Test
  void anEntityWithMoreEventsThanAPageIsReplayedInOrder() throws Exception {
    ActorRef<Tally.Command> entity = KIT.spawn(Tally.create(name));
    List<CompletionStage<Done>> kept = new ArrayList<>();
    for (int i = 1; i <= 1_300; i++) kept.add(keep(entity, i));
    all(kept).get(20, SECONDS);
    stop(entity);
    assertThat(numbers(KIT.spawn(Tally.create(name))))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 1_300).boxed().toList());
  }

  /** However many come back at the same time, their large events must not fill a node's memory. */
  @Test
  void largeEventsAreReadAFewAtATimeAndNoneIsLeftOut() throws Exception {
    int entities = 20;
    for (int e = 0; e < entities; e++) fillWithLargeEvents(name + e, 20);
    JournalReader reader = Journal.of(KIT.system().settings().config()).reader();
    List<CompletableFuture<List<Integer>>> sizes = new ArrayList<>();
    for (int e = 0; e < entities; e++) sizes.add(sizesOfPages(reader, name + e, 1));
    for (CompletableFuture<List<Integer>> each : sizes) {
      assertThat(each.get(40, SECONDS))
          .allMatch(size -> size <= 8)
          .satisfies(
              all -> assertThat(all.stream().mapToInt(Integer::intValue).sum()).isEqualTo(20));
    }
  }

  /** Reads from an event to the last, and says how many came in each page. */
  private static CompletableFuture<List<Integer>> sizesOfPages(
      JournalReader reader, String id, long from) {
    return reader
        .replay(id, from, Long.MAX_VALUE, 500)
        .thenCompose(
            page -> {
              int size = page.events().size();
              assertThat(page.events())
                  .extracting(event -> event.row().sequenceNumber())
                  .containsExactlyElementsOf(LongStream.range(from, from + size).boxed().toList());
              if (!page.full()) return CompletableFuture.completedFuture(List.of(size));
              return sizesOfPages(reader, id, from + size)
                  .thenApply(rest -> Stream.concat(Stream.of(size), rest.stream()).toList());
            })
        .toCompletableFuture();
  }

  private static void fillWithLargeEvents(String id, int events) throws Exception {
    TestDatabase.execute(
        DATABASE,
        "INSERT INTO event_journal (persistence_id, sequence_number, slice, writer,"
            + " write_timestamp, event_ser_id, event_ser_manifest, event_payload) SELECT '"
            + id
            + "', i, 0, 'another', 0, 1, '', convert_to(repeat('x', 1048576), 'UTF8')"
            + " FROM generate_series(1, "
            + events
            + ") i");
  }

  @Test
  void thousandsOfEntitiesPersistAtTheSameTime() throws Exception {
    int entities = 3_000;
    List<ActorRef<Tally.Command>> refs = new ArrayList<>();
    List<CompletionStage<Done>> kept = new ArrayList<>();
    for (int e = 0; e < entities; e++) {
      ActorRef<Tally.Command> entity = KIT.spawn(Tally.create(name + e));
      refs.add(entity);
      for (int i = 1; i <= 3; i++) kept.add(keep(entity, i));
    }
    all(kept).get(40, SECONDS);
    assertThat(count(name + "%")).isEqualTo(3L * entities);
    for (ActorRef<Tally.Command> entity : refs.subList(0, 200)) stop(entity);
    for (int e = 0; e < 200; e++) {
      assertThat(numbers(KIT.spawn(Tally.create(name + e)))).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aRowThatTheDatabaseRefusesFailsAlone() throws Exception {
    ActorRef<Tally.Command> guilty = KIT.spawn(Tally.create(name + "guilty"));
    keep(guilty, 1).toCompletableFuture().get(20, SECONDS);
    List<ActorRef<Tally.Command>> others = new ArrayList<>();
    for (int e = 0; e < 500; e++) {
      ActorRef<Tally.Command> other = KIT.spawn(Tally.create(name + e));
      numbers(other);
      others.add(other);
    }
    // Somebody else writes the guilty entity's next event.
    TestDatabase.execute(
        DATABASE,
        "INSERT INTO event_journal (persistence_id, sequence_number, slice, writer,"
            + " write_timestamp, event_ser_id, event_ser_manifest, event_payload) VALUES ('"
            + name
            + "guilty', 2, 0, 'another', 0, 1, '', '')");
    List<CompletionStage<Done>> kept = new ArrayList<>();
    for (ActorRef<Tally.Command> other : others.subList(0, 250)) kept.add(keep(other, 1));
    CompletionStage<Done> refused =
        AskPattern.ask(
            guilty, reply -> new Tally.Keep(2, reply), Duration.ofSeconds(3), KIT.scheduler());
    for (ActorRef<Tally.Command> other : others.subList(250, 500)) kept.add(keep(other, 1));
    all(kept).get(20, SECONDS);
    assertThatThrownBy(() -> refused.toCompletableFuture().get(20, SECONDS))
        .hasMessageContaining("timed out");
    assertThat(count(name + "%")).isEqualTo(502);
  }

  @Test
  void anEntityBeginsWithItsLastSnapshot() throws Exception {
    ActorRef<Tally.Command> entity = KIT.spawn(Tally.withSnapshots(name));
    for (int i = 1; i <= 12; i++) keep(entity, i).toCompletableFuture().get(20, SECONDS);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                TestDatabase.count(
                        DATABASE,
                        "SELECT coalesce(max(sequence_number), 0) FROM snapshot"
                            + " WHERE persistence_id = '"
                            + name
                            + "'")
                    == 10);
    stop(entity);
    // What the snapshot covers is not needed any more.
    TestDatabase.execute(
        DATABASE,
        "DELETE FROM event_journal WHERE sequence_number <= 10 AND persistence_id = '"
            + name
            + "'");
    assertThat(numbers(KIT.spawn(Tally.withSnapshots(name))))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
  }

  @Test
  void twoEventsOfOneCommandAreKeptTogether() throws Exception {
    ActorRef<Tally.Command> entity = KIT.spawn(Tally.create(name));
    AskPattern.<Tally.Command, Done>ask(
            entity, reply -> new Tally.KeepTwo(1, 2, reply), PATIENCE, KIT.scheduler())
        .toCompletableFuture()
        .get(20, SECONDS);
    assertThat(count(name)).isEqualTo(2);
    assertThat(numbers(entity)).containsExactly(1, 2);
  }

  private static CompletionStage<Done> keep(ActorRef<Tally.Command> entity, int number) {
    return AskPattern.ask(
        entity, reply -> new Tally.Keep(number, reply), Duration.ofSeconds(60), KIT.scheduler());
  }

  private static List<Integer> numbers(ActorRef<Tally.Command> entity) throws Exception {
    return AskPattern.<Tally.Command, Tally.State>ask(
            entity, Tally.Show::new, PATIENCE, KIT.scheduler())
        .toCompletableFuture()
        .get(20, SECONDS)
        .numbers();
  }

  private static void stop(ActorRef<Tally.Command> entity) {
    KIT.stop(entity, PATIENCE);
  }

  private static CompletableFuture<Void> all(List<CompletionStage<Done>> stages) {
    return CompletableFuture.allOf(
        stages.stream()
            .map(CompletionStage::toCompletableFuture)
            .toArray(CompletableFuture[]::new));
  }

  private static long count(String like) throws Exception {
    try (var connection = DATABASE.requests().getConnection();
        var statement =
            connection.prepareStatement(
                "SELECT count(*) FROM event_journal WHERE persistence_id LIKE ?")) {
      statement.setString(1, like);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}

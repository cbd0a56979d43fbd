package org.parley.core.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.pekko.persistence.PersistentRepr;
import org.parley.core.simulation.Tally.Kind;

/**
 * The journal of one schedule: what is committed, and whether the one who asked for it learns so. A
 * write may succeed, fail, be committed and fail, and each of them late; a second writer of the
 * same number fails.
 */
final class Disk {
  private final World world;
  private final Loop loop;
  private final Tally tally;
  private final int troublePerMille;
  private final Map<String, List<PersistentRepr>> events = new HashMap<>();
  private boolean calm;

  /**
   * @param troublePerMille how many of a thousand writes and reads do not simply succeed
   */
  Disk(World world, int troublePerMille) {
    this.world = world;
    this.loop = world.loop();
    this.tally = world.tally();
    this.troublePerMille = troublePerMille;
  }

  void write(List<PersistentRepr> batch, Consumer<Optional<Exception>> answer) {
    long quick = loop.random().nextInt(6);
    if (!isTrouble()) {
      loop.after(quick, () -> answer.accept(commit(batch)));
      return;
    }
    long slow = loop.random().nextInt(3) == 0 ? loop.random().nextLong(70_000) : quick;
    if (slow != quick) tally.count(Kind.JOURNAL_HANGS);
    switch (loop.random().nextInt(4)) {
      case 0 -> {
        tally.count(Kind.JOURNAL_FAILS);
        loop.after(slow, () -> answer.accept(failure("not written")));
      }
      case 1 -> {
        tally.count(Kind.JOURNAL_COMMITS_AND_FAILS);
        loop.after(
            slow,
            () -> {
              commit(batch);
              answer.accept(failure("written, and the connection broke"));
            });
      }
      case 2 -> {
        tally.count(Kind.JOURNAL_FAILS_AND_COMMITS);
        loop.after(quick, () -> answer.accept(failure("in doubt")));
        loop.after(slow + loop.random().nextLong(1_000), () -> commit(batch));
      }
      default -> loop.after(slow, () -> answer.accept(commit(batch)));
    }
  }

  private boolean isTrouble() {
    return !calm && loop.random().nextInt(1_000) < troublePerMille;
  }

  private static Optional<Exception> failure(String why) {
    return Optional.of(new Unavailable(why));
  }

  /** All of them or, when another one has written there, none. */
  private Optional<Exception> commit(List<PersistentRepr> batch) {
    List<PersistentRepr> log =
        events.computeIfAbsent(batch.get(0).persistenceId(), id -> new ArrayList<>());
    if (batch.get(0).sequenceNr() != log.size() + 1L) {
      tally.count(Kind.SECOND_WRITERS);
      return failure("another one has written this number");
    }
    for (PersistentRepr event : batch) {
      log.add(event);
      loop.note(event.payload().getClass().getSimpleName().hashCode());
      world.committed(event.persistenceId(), event.payload());
    }
    return Optional.empty();
  }

  void read(String id, BiConsumer<List<PersistentRepr>, Optional<Exception>> answer) {
    boolean fails = isTrouble();
    if (fails) tally.count(Kind.JOURNAL_READS_FAIL);
    loop.after(
        loop.random().nextInt(4),
        () -> {
          if (fails) answer.accept(List.of(), failure("not read"));
          else answer.accept(replayed(id), Optional.empty());
        });
  }

  private List<PersistentRepr> replayed(String id) {
    List<PersistentRepr> log = List.copyOf(events.getOrDefault(id, List.of()));
    return world.breaks() == Breaks.GRANTS_ARE_FORGOTTEN ? Breaks.withoutGrants(log) : log;
  }

  /** How far the journal of an entity goes. */
  CompletionStage<Long> last(String id) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    read(
        id,
        (events, failure) -> {
          if (failure.isPresent()) answer.completeExceptionally(failure.get());
          else answer.complete((long) events.size());
        });
    return answer;
  }

  /** From now on nothing fails. */
  void calm() {
    calm = true;
  }

  /** What is committed of an entity. */
  List<Object> log(String id) {
    return events.getOrDefault(id, List.of()).stream().map(PersistentRepr::payload).toList();
  }

  /** What a database says that is away. */
  static final class Unavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unavailable(String why) {
      super(why, null, false, false);
    }
  }
}

package org.parley.persistence.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.Recovery;
import org.parley.core.spi.JournalRecord;

/** A small persistent entity that keeps numbers in the order in which they came. */
final class Tally extends EventSourcedBehavior<Tally.Command, Tally.Event, Tally.State> {
  /** What may be asked. */
  sealed interface Command {}

  /** Keep a number, and say so when it is kept. */
  record Keep(int number, ActorRef<Done> replyTo) implements Command {}

  /** Keep two, or neither. */
  record KeepTwo(int first, int second, ActorRef<Done> replyTo) implements Command {}

  /** All that is kept. */
  record Show(ActorRef<State> replyTo) implements Command {}

  /** What is in the journal. */
  sealed interface Event extends JournalRecord {}

  /** A number, with fields as a real event has them. */
  record Kept(
      int number,
      String text,
      Instant at,
      Duration span,
      Optional<String> absent,
      Optional<LocalTime> time,
      Map<String, String> attributes,
      Kind kind)
      implements Event {}

  /** An event that cannot be written. */
  record Unwritable(int number) implements Event {}

  enum Kind {
    GOOD,
    BAD
  }

  record State(List<Integer> numbers) implements JournalRecord {
    State {
      numbers = List.copyOf(numbers);
    }
  }

  private final boolean snapshots;

  private Tally(PersistenceId id, boolean snapshots) {
    super(id);
    this.snapshots = snapshots;
  }

  /** An entity that takes a snapshot after every fifth event and begins with the last one. */
  static Behavior<Command> withSnapshots(String id) {
    return new Tally(PersistenceId.ofUniqueId(id), true);
  }

  @Override
  public boolean shouldSnapshot(State state, Event event, long sequenceNumber) {
    return snapshots && sequenceNumber % 5 == 0;
  }

  static Behavior<Command> create(String id) {
    Behavior<Command> entity = new Tally(PersistenceId.ofUniqueId(id), false);
    return Behaviors.supervise(entity).onFailure(SupervisorStrategy.stop());
  }

  static Map<String, Class<? extends JournalRecord>> manifests() {
    return Map.of("kept", Kept.class, "tally", State.class);
  }

  static Kept kept(int number) {
    return new Kept(
        number,
        "a text that is as long as those in real events are, about sixty characters",
        Instant.ofEpochSecond(1_790_000_000L + number, 123_456_789),
        Duration.ofMillis(1500),
        Optional.empty(),
        Optional.of(LocalTime.of(9, 0)),
        Map.of("step", "hello"),
        Kind.GOOD);
  }

  @Override
  public State emptyState() {
    return new State(List.of());
  }

  @Override
  public Recovery recovery() {
    return Recovery.withSnapshotSelectionCriteria(
        snapshots ? SnapshotSelectionCriteria.latest() : SnapshotSelectionCriteria.none());
  }

  @Override
  public CommandHandler<Command, Event, State> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(
            Keep.class,
            keep ->
                Effect()
                    .persist(
                        keep.number() < 0 ? new Unwritable(keep.number()) : kept(keep.number()))
                    .thenRun(() -> keep.replyTo().tell(Done.getInstance())))
        .onCommand(
            KeepTwo.class,
            keep ->
                Effect()
                    .persist(List.of(kept(keep.first()), kept(keep.second())))
                    .thenRun(() -> keep.replyTo().tell(Done.getInstance())))
        .onCommand(Show.class, show -> Effect().none().thenRun(s -> show.replyTo().tell(s)))
        .build();
  }

  @Override
  public EventHandler<State, Event> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(
            Kept.class,
            (state, event) -> {
              List<Integer> numbers = new java.util.ArrayList<>(state.numbers());
              numbers.add(event.number());
              return new State(numbers);
            })
        .onEvent(Unwritable.class, (state, event) -> state)
        .build();
  }
}

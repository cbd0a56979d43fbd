package org.parley.node;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.persistence.journal.EventSeq;
import org.apache.pekko.persistence.journal.ReadEventAdapter;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Places;
import org.parley.core.spi.Stores;

/**
 * Three ways to break the product on purpose, each of which the checker must see:
 *
 * <ul>
 *   <li>{@code no-deduplication}: a conversation that wakes up does not know what it has granted
 *   <li>{@code no-expiry-check}: agents go by an end of each grant that comes much later
 *   <li>{@code cursor-on-fetch}: an audience's cursor moves when members are read
 * </ul>
 */
final class Breaks {
  static final Set<String> ALL = Set.of("no-deduplication", "no-expiry-check", "cursor-on-fetch");

  private static final Duration LATE = Duration.ofHours(1);
  private static final Set<String> ON = ConcurrentHashMap.newKeySet();

  private Breaks() {}

  /** From now on, until it is put right or this process ends. */
  static void on(String name) {
    if (!ALL.contains(name)) throw new IllegalArgumentException("no such break: " + name);
    ON.add(name);
  }

  static void off() {
    ON.clear();
  }

  static Stores cursor(Stores whole) {
    return new CursorOnFetch(whole, () -> ON.contains("cursor-on-fetch"));
  }

  static AgentPool pool(AgentPool whole) {
    return new EndlessPool(whole);
  }

  /** Gives attempts to the real one, as if their grants ended much later. */
  private record EndlessPool(AgentPool whole) implements AgentPool {
    @Override
    public Channel channel() {
      return whole.channel();
    }

    @Override
    public Places places() {
      return whole.places();
    }

    @Override
    public void deliver(Attempt attempt, Consumer<Outcome> whenSettled) {
      Attempt endless =
          attempt.ending(attempt.until().plus(LATE), attempt.deadlineNanos() + LATE.toNanos());
      whole.deliver(ON.contains("no-expiry-check") ? endless : attempt, whenSettled);
    }

    @Override
    public CompletionStage<Done> drain() {
      return whole.drain();
    }
  }

  /** Stands between the journal and the conversations; named in the nodes' configuration. */
  public static final class Memory implements ReadEventAdapter {
    @Override
    public EventSeq fromJournal(Object event, String manifest) {
      return ON.contains("no-deduplication") ? EventSeq.empty() : EventSeq.single(event);
    }
  }
}

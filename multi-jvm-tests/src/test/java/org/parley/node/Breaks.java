package org.parley.node;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.Address;
import org.apache.pekko.persistence.journal.EventSeq;
import org.apache.pekko.persistence.journal.ReadEventAdapter;
import org.parley.core.spi.AgentTools;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Stores;
import org.parley.core.spi.WireGate;

/**
 * Three ways to break the product on purpose, each of which the checker must see:
 *
 * <ul>
 *   <li>{@code no-deduplication}: a conversation that wakes up does not know what it has granted
 *   <li>{@code no-expiry-check}: gate and connectors let grants pass that have expired
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

  static AgentTools gate(AgentTools whole) {
    return new AgentTools(
        new LaxGate(whole.gate()),
        whole.renderer(),
        whole.inbound(),
        whole.submissions(),
        () -> whole.clock().instant().minus(isLax() ? LATE : Duration.ZERO));
  }

  private static boolean isLax() {
    return ON.contains("no-expiry-check");
  }

  private record LaxGate(WireGate whole) implements WireGate {
    @Override
    public Optional<String> stop(Attempt attempt) {
      return whole.stop(attempt).filter(reason -> !(isLax() && reason.equals("expired")));
    }

    @Override
    public void cameFrom(Address node, long epoch) {
      whole.cameFrom(node, epoch);
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

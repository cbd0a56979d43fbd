package org.parley.core.simulation;

import java.util.Optional;
import java.util.function.Consumer;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.simulation.Tally.Kind;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Places;

/** The agents of one machine for one channel, and the carrier behind them. */
final class Carrier implements AgentPool {
  private static final int MAX_WAITING = 4;

  private final World world;
  private final Machine machine;
  private final Channel channel;
  private final Places places;

  Carrier(World world, Machine machine, Channel channel) {
    this.world = world;
    this.machine = machine;
    this.channel = channel;
    int capacity = 1 + world.loop().random().nextInt(4);
    this.places = new Places(capacity, 25, MAX_WAITING);
    if (world.isOneIn(4)) machine.later(world.upTo(60_000), () -> takesNothing(capacity));
  }

  /** For a while nobody is given a place, as while all carriers of a channel are away. */
  private void takesNothing(int capacity) {
    world.tally().count(Kind.CARRIERS_AWAY);
    world.say(machine.name(), "has no carrier for", channel.label());
    places.resize(0);
    machine.later(
        world.upTo(world.isOneIn(4) ? 600_000 : 30_000),
        () -> {
          world.progress();
          places.resize(capacity);
        });
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public Places places() {
    return places;
  }

  @Override
  public void deliver(Attempt attempt, Consumer<Outcome> whenSettled) {
    if (world.isOneIn(40)) {
      answer(attempt, Outcome.notSent(world.isOneIn(2) ? "noCarrier" : "laneFull"), 0, whenSettled);
      return;
    }
    // Most stand before the wire for a moment; some wait in a lane for longer than they may.
    long queued = world.upTo(world.isOneIn(12) ? 45_000 : 400);
    machine.later(queued, () -> wire(attempt, whenSettled));
  }

  private void wire(Attempt attempt, Consumer<Outcome> whenSettled) {
    Optional<String> stop = machine.gate().stop(attempt);
    if (stop.isPresent() && world.breaks() != Breaks.THE_GATE_IS_OPEN) {
      world.tally().count(Kind.GATE_STOPS);
      answer(attempt, Outcome.notSent(stop.get()), 0, whenSettled);
      return;
    }
    int fate = world.loop().random().nextInt(100);
    Outcome outcome;
    boolean reached = true;
    if (fate < 70) {
      outcome = Outcome.accepted("main", Optional.of("ref"));
    } else if (fate < 76) {
      outcome = Outcome.rejected("main", "mailboxUnavailable", "550");
      reached = false;
    } else if (fate < 88) {
      outcome = Outcome.notSent("main", "connectFailed", "421");
      reached = false;
    } else {
      outcome = Outcome.unknown("main", "connectionLost", "after the data");
      reached = fate < 94;
    }
    world.ledger().sent(machine, attempt, reached);
    if (world.breaks() == Breaks.CARRIERS_SEND_AGAIN && world.isOneIn(50)) {
      world.ledger().sent(machine, attempt, reached);
    }
    long takes = world.upTo(800);
    if (world.isOneIn(40)) {
      takes = world.upTo(200_000);
      world.tally().count(Kind.LATE_ANSWERS);
    }
    answer(attempt, outcome, takes, whenSettled);
  }

  private void answer(
      Attempt attempt, Outcome outcome, long millis, Consumer<Outcome> whenSettled) {
    if (world.breaks() == Breaks.OUTCOMES_ARE_LOST && world.isOneIn(20)) return;
    world.tally().count(Kind.valueOf(outcome.kind().name()));
    machine.later(
        millis,
        () -> {
          world.loop().note(attempt.id().hashCode());
          world.progress();
          world.say(machine.name(), "hears", attempt.key().toString(), outcome.kind().name());
          whenSettled.accept(outcome);
        });
  }
}

package org.parley.agents.pool;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.parley.core.api.Category;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.WireGate;

/**
 * Lends places of this node's agents to other nodes, and performs on them what those send. A lent
 * place is one of the pool's own, so nobody is promised more than there is; it comes back when its
 * time is over, or with the outcome that came later.
 */
final class Lender extends AbstractBehavior<Lender.Command> {
  /** What it is told. */
  interface Command {}

  private record Finished(Loans.Perform ask, Outcome outcome) implements Command {}

  private record Tick() implements Command {}

  private static final Duration TICK = Duration.ofMillis(250);

  private static final class Loan {
    private int lent;
    private int inUse;
    private long untilNanos;
  }

  private final ChannelPool pool;
  private final WireGate gate;
  private final InstantSource clock;
  private final Map<String, Loan> loans = new HashMap<>();

  /**
   * @param gate hears whose attempts come
   * @param clock by which attempts end here
   */
  static Behavior<Command> create(ChannelPool pool, WireGate gate, InstantSource clock) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(new Tick(), TICK);
                  return new Lender(context, pool, gate, clock);
                }));
  }

  private Lender(
      ActorContext<Command> context, ChannelPool pool, WireGate gate, InstantSource clock) {
    super(context);
    this.gate = gate;
    this.clock = clock;
    this.pool = pool;
    context
        .getSystem()
        .receptionist()
        .tell(Receptionist.register(Loans.key(pool.channel()), asks()));
  }

  private ActorRef<Loans.Ask> asks() {
    return getContext().getSelf().narrow();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Loans.Borrow.class, this::lend)
        .onMessage(Loans.Perform.class, this::perform)
        .onMessage(Finished.class, this::finished)
        .onMessage(Tick.class, ignored -> collect())
        .build();
  }

  private Behavior<Command> lend(Loans.Borrow ask) {
    Loan loan = loans.computeIfAbsent(ask.borrower(), ignored -> new Loan());
    Duration life = pool.settings().lending().life();
    loan.untilNanos = System.nanoTime() + life.toNanos();
    int most = pool.ownCapacity() == 0 ? 0 : loan.lent + pool.settings().lending().step();
    int wanted = Math.min(ask.wanted(), most);
    while (loan.lent < wanted && pool.hasOwnRoom()) {
      if (!pool.places().tryTake(Category.MARKETING)) break;
      loan.lent++;
    }
    giveBack(loan, wanted);
    ask.replyTo()
        .tell(new Loans.Lent(asks(), loan.lent, life, Optional.of(Loans.Moment.now(clock))));
    return this;
  }

  private Behavior<Command> perform(Loans.Perform ask) {
    Loan loan = loans.get(ask.borrower());
    if (loan == null || loan.inUse >= loan.lent) {
      ask.replyTo().tell(new Loans.Performed(ask.number(), Outcome.notSent("loanOver")));
      return this;
    }
    loan.inUse++;
    gate.cameFrom(ask.replyTo().path().address(), ask.attempt().epoch());
    ActorRef<Command> self = getContext().getSelf();
    pool.performHere(byOwnClocks(ask), outcome -> self.tell(new Finished(ask, outcome)));
    return this;
  }

  /** The end of the attempt's life, from the borrower's clocks to those of this node. */
  private static Attempt byOwnClocks(Loans.Perform ask) {
    Attempt attempt = ask.attempt();
    if (ask.grantedAt().isPresent()) return ask.grantedAt().get().endOf(attempt);
    // Of an earlier release: how long it was on its way is only known by the two nodes' clocks.
    return attempt.ending(attempt.until(), System.nanoTime() + attempt.life().toNanos());
  }

  private Behavior<Command> finished(Finished end) {
    end.ask().replyTo().tell(new Loans.Performed(end.ask().number(), end.outcome()));
    Loan loan = loans.get(end.ask().borrower());
    if (loan == null) return this;
    loan.inUse--;
    if (System.nanoTime() - loan.untilNanos > 0) giveBack(loan, 0);
    return this;
  }

  private Behavior<Command> collect() {
    Iterator<Loan> each = loans.values().iterator();
    while (each.hasNext()) {
      Loan loan = each.next();
      if (System.nanoTime() - loan.untilNanos > 0) giveBack(loan, 0);
      if (loan.lent == 0) each.remove();
    }
    return this;
  }

  /** Takes back what is lent beyond this and not in use. */
  private void giveBack(Loan loan, int keep) {
    while (loan.lent > Math.max(keep, loan.inUse)) {
      loan.lent--;
      pool.places().release();
    }
  }
}

package org.parley.agents.budget;

import java.time.Duration;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.parley.agents.budget.LeaseBook.Lease;
import org.parley.agents.budget.LeaseBook.Question;
import org.parley.core.api.Channel;
import org.parley.core.spi.ShardTypes;
import org.parley.core.spi.WireMessage;

/**
 * The one place in the cluster that lends a carrier's rate. It keeps nothing on disk: when it moves
 * to another node it starts with nothing to lend for one lease period, and each node's share is its
 * own until it has heard from here.
 */
final class CarrierBudget extends AbstractBehavior<CarrierBudget.Command> {
  static final EntityTypeKey<Command> TYPE =
      EntityTypeKey.create(Command.class, ShardTypes.CARRIER_BUDGET);

  private static final Duration LOOK = Duration.ofSeconds(1);

  /** What it is told. */
  sealed interface Command permits Ask, Without, Look {}

  /**
   * A node asks for a lease.
   *
   * @param channel what the carrier carries
   */
  record Ask(Question question, Channel channel, ActorRef<Lent> replyTo)
      implements Command, WireMessage {}

  /** A node does not use the carrier. */
  record Without(String node) implements Command, WireMessage {}

  private record Look() implements Command {}

  /**
   * What it gets.
   *
   * @param tokens how many attempts it may start within a lease period from its question on
   * @param againNanos when asking again is of use
   */
  record Lent(String carrier, long question, int tokens, long againNanos) implements WireMessage {}

  /** A node that has not asked yet is asked whether it uses the carrier at all. */
  record Who(String carrier, ActorRef<Without> replyTo) implements WireMessage {}

  /**
   * What it works with.
   *
   * @param senders the members of the cluster that may send
   * @param who sends a question to a node by its name
   */
  record Parts(
      Budgets.Settings settings,
      Senders senders,
      BiConsumer<String, Who> who,
      LongSupplier nanoClock) {}

  private final String carrier;
  private final Parts parts;
  private final LeaseBook book;
  private Set<String> senders = Set.of();

  static Behavior<Command> create(String carrier, Parts parts) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(new Look(), LOOK);
          return Behaviors.setup(context -> new CarrierBudget(context, carrier, parts));
        });
  }

  private CarrierBudget(ActorContext<Command> context, String carrier, Parts parts) {
    super(context);
    this.carrier = carrier;
    this.parts = parts;
    this.book =
        new LeaseBook(
            parts.settings().lease(), parts.settings().patience(), parts.nanoClock().getAsLong());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Ask.class, this::lend)
        .onMessage(Without.class, this::without)
        .onMessage(Look.class, ignored -> look())
        .build();
  }

  private Behavior<Command> lend(Ask ask) {
    senders = parts.senders().of(ask.channel());
    Lease lease = book.lend(ask.question(), senders, parts.nanoClock().getAsLong());
    long number = ask.question().number();
    ask.replyTo().tell(new Lent(carrier, number, lease.tokens(), lease.againNanos()));
    return this;
  }

  private Behavior<Command> without(Without node) {
    book.isWithout(node.node());
    return this;
  }

  private Behavior<Command> look() {
    ActorRef<Without> self = getContext().getSelf().narrow();
    for (String node : book.strangers(senders)) parts.who().accept(node, new Who(carrier, self));
    return this;
  }
}

package org.parley.agents.budget;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.parley.core.spi.WireMessage;

/**
 * The one place in the cluster that lends a carrier's rate. It keeps nothing on disk: when it moves
 * to another node it starts with nothing to lend for one lease period.
 */
final class CarrierBudget {
  static final EntityTypeKey<Ask> TYPE = EntityTypeKey.create(Ask.class, "carrier-budget");

  /**
   * A node asks for a lease.
   *
   * @param question the node's own number, to know the answer again
   * @param wanted how many attempts it could start in a lease period
   * @param perSecond the carrier's rate as the node has it configured
   */
  record Ask(String node, long question, int wanted, int perSecond, ActorRef<Lent> replyTo)
      implements WireMessage {}

  /**
   * What it gets.
   *
   * @param tokens how many attempts it may start within a lease period from its question on
   * @param againNanos when asking again is of use
   */
  record Lent(String carrier, long question, int tokens, long againNanos) implements WireMessage {}

  private CarrierBudget() {}

  static Behavior<Ask> create(String carrier, Duration period, LongSupplier nanoClock) {
    return Behaviors.setup(
        context -> {
          LeaseBook book = new LeaseBook(period, nanoClock.getAsLong());
          return Behaviors.receive(Ask.class)
              .onMessage(
                  Ask.class,
                  ask -> {
                    LeaseBook.Lease lease =
                        book.lend(ask.node(), ask.wanted(), ask.perSecond(), nanoClock.getAsLong());
                    ask.replyTo()
                        .tell(
                            new Lent(carrier, ask.question(), lease.tokens(), lease.againNanos()));
                    return Behaviors.same();
                  })
              .build();
        });
  }
}

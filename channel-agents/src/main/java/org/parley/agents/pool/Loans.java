package org.parley.agents.pool;

import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.WireMessage;

/** What the nodes' pools say to each other: places are lent, and attempts performed on them. */
final class Loans {
  private Loans() {}

  /** What a lender is asked by other nodes. */
  sealed interface Ask extends WireMessage, Lender.Command permits Borrow, Perform {}

  /**
   * Lends places, or goes on lending them.
   *
   * @param wanted how many the borrower wants to have in all
   */
  record Borrow(String borrower, int wanted, ActorRef<Answer> replyTo) implements Ask {}

  /**
   * Performs an attempt on one of the lent places.
   *
   * @param number the borrower's own, to know the answer again
   */
  record Perform(String borrower, long number, Attempt attempt, ActorRef<Answer> replyTo)
      implements Ask {}

  /** What a borrower is answered. */
  sealed interface Answer extends WireMessage, Borrower.Command permits Lent, Performed {}

  /**
   * So many places are lent in all, from the question on for this time.
   *
   * @param places those that are in use included
   */
  record Lent(ActorRef<Ask> lender, int places, Duration life) implements Answer {}

  /** What became of an attempt. */
  record Performed(long number, Outcome outcome) implements Answer {}

  /** Under which a channel's lenders are found. */
  static ServiceKey<Ask> key(Channel channel) {
    return ServiceKey.create(Ask.class, "parley-agents-" + channel.label());
  }
}

package org.parley.agents.pool;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
   * @param grantedAt when it was granted at the earliest, by the lender's clocks; absent when the
   *     borrower is of a release that did not know it
   */
  record Perform(
      String borrower,
      long number,
      Attempt attempt,
      Optional<Moment> grantedAt,
      ActorRef<Answer> replyTo)
      implements Ask {}

  /** What a borrower is answered. */
  sealed interface Answer extends WireMessage, Borrower.Command permits Lent, Performed {}

  /**
   * So many places are lent in all, from the question on for this time.
   *
   * @param places those that are in use included
   * @param at when it was answered, by the lender's clocks; absent in earlier releases
   */
  record Lent(ActorRef<Ask> lender, int places, Duration life, Optional<Moment> at)
      implements Answer {}

  /** What became of an attempt. */
  record Performed(long number, Outcome outcome) implements Answer {}

  /**
   * A moment by a lender's own clocks, which a borrower counts on from and gives back. So two nodes
   * agree on the age of an attempt though their clocks do not: the borrower counts from when it
   * heard the moment, which was no earlier than the moment itself, so an attempt may seem older to
   * the lender than it is, by what the answer was on its way, and never younger.
   *
   * @param nanos {@code System.nanoTime} of the lender
   * @param millis its time, in milliseconds since 1970, which also runs while the machine is
   *     suspended
   */
  record Moment(long nanos, long millis) {
    static Moment now(InstantSource clock) {
      return new Moment(System.nanoTime(), clock.millis());
    }

    /**
     * When an attempt was granted at the earliest.
     *
     * @param heardNanos when this moment was heard of, on the clock of the attempt's deadline
     */
    Moment ofGrant(Attempt attempt, long heardNanos) {
      long grantedNanos = attempt.deadlineNanos() - attempt.life().toNanos();
      long spanNanos = grantedNanos - heardNanos;
      return new Moment(
          nanos + spanNanos, millis + Math.floorDiv(spanNanos, TimeUnit.MILLISECONDS.toNanos(1)));
    }

    /** An attempt that was granted at this moment, as its lender sees its end. */
    Attempt endOf(Attempt attempt) {
      Duration life = attempt.life();
      return attempt.ending(Instant.ofEpochMilli(millis).plus(life), nanos + life.toNanos());
    }
  }

  /** Under which a channel's lenders are found. */
  static ServiceKey<Ask> key(Channel channel) {
    return ServiceKey.create(Ask.class, "parley-agents-" + channel.label());
  }
}

package org.parley.core.conversation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.AttemptId;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.spi.AgentPool;

/**
 * What one incarnation of a conversation is in the middle of, beside its durable state. All of it
 * may be lost at any moment: whoever waits here asks again. Belongs to one actor.
 */
final class Underway {
  private final CustomerKey customer;
  private final List<Waiter> waiters = new ArrayList<>(1);
  private final ArrayDeque<ConversationMessage> parked = new ArrayDeque<>(1);
  private @Nullable AttemptId watched;
  private boolean handedOut;
  private long doubtFromNanos;
  private @Nullable PlaceRequest request;
  private @Nullable Wish wished;
  private @Nullable AgentPool held;

  Underway(CustomerKey customer) {
    this.customer = customer;
  }

  /** Somebody else waits for the same attempt; asking again does not make them two. */
  void waitsToo(Waiter waiter) {
    waiters.removeIf(earlier -> earlier.replyTo().equals(waiter.replyTo()));
    waiters.add(waiter);
  }

  /** Keeps a command until the attempt before it is settled; false when too many wait. */
  boolean park(ConversationMessage ask, int max) {
    if (parked.size() >= max) return false;
    parked.add(ask);
    return true;
  }

  void unpark(ActorRef<ConversationMessage> self) {
    while (!parked.isEmpty()) self.tell(parked.remove());
  }

  void seeks(PlaceRequest place, Wish wish) {
    request = place;
    wished = wish;
  }

  void seeksNoMore() {
    if (request != null) request.cancel();
    request = null;
    wished = null;
  }

  boolean seeksPlace() {
    return request != null;
  }

  /** Whether it is this waiter's own wish that waits for a place: asked again, it waits on. */
  boolean seeksFor(Waiter waiter) {
    return wished != null && wished.waiter().equals(waiter);
  }

  /** Takes an offered place over; null when it is not the one that was asked for, or cancelled. */
  @Nullable Wish use(PlaceRequest offered) {
    if (offered != request || !offered.use()) return null;
    Wish wish = wished;
    request = null;
    wished = null;
    return wish;
  }

  /** A place is ours until the grant is durable and handed out. */
  void holdsPlace(AgentPool pool) {
    held = pool;
  }

  /**
   * An attempt has been handed out.
   *
   * @param fromNanos when nothing of it starts on the wire any more, by the time awake
   */
  void granted(AttemptId attempt, Waiter waiter, long fromNanos) {
    held = null;
    watched = attempt;
    handedOut = true;
    doubtFromNanos = fromNanos;
    waiters.add(waiter);
  }

  /** Whether this incarnation handed the open attempt out, and not an earlier one. */
  boolean handedOut() {
    return handedOut;
  }

  /**
   * Whether nobody watches this open attempt yet; from now on somebody does.
   *
   * @param fromNanos when nothing of it starts on the wire any more, by the time awake
   */
  boolean watch(AttemptId attempt, long fromNanos) {
    if (watched != null) return false;
    watched = attempt;
    doubtFromNanos = fromNanos;
    return true;
  }

  /** From when on the time runs after which the watched attempt is in doubt. */
  long doubtFromNanos() {
    return doubtFromNanos;
  }

  /** Tells those who wait for a touch. */
  void settled(StepKey key, Verdict.Kind kind) {
    watched = null;
    handedOut = false;
    Iterator<Waiter> each = waiters.iterator();
    while (each.hasNext()) {
      Waiter waiter = each.next();
      if (!waiter.key().equals(key)) continue;
      waiter.tell(customer, kind);
      each.remove();
    }
  }

  boolean isIdle() {
    return waiters.isEmpty()
        && parked.isEmpty()
        && watched == null
        && request == null
        && held == null;
  }

  /** Gives back what could not be finished; whoever waits is told to ask the next incarnation. */
  void forget() {
    if (request != null) request.cancel();
    if (held != null) held.places().release();
    if (wished != null) wished.waiter().tell(customer, Verdict.Kind.BUSY);
    for (Waiter waiter : waiters) waiter.tell(customer, Verdict.Kind.BUSY);
  }
}

package org.parley.core.conversation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.AttemptId;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.spi.Places;

/**
 * What one incarnation of a conversation is in the middle of, beside its durable state. All of it
 * may be lost at any moment: whoever waits here asks again. Belongs to one actor.
 */
final class Underway {
  /** A wish that waits for a place, and the command that wished it. */
  private record Seeking(PlaceRequest request, Waiter waiter, ConversationMessage ask) {}

  private final CustomerKey customer;
  private final List<Waiter> waiters = new ArrayList<>(1);
  private final ArrayDeque<ConversationMessage> parked = new ArrayDeque<>(1);
  private @Nullable AttemptId watched;
  private boolean handedOut;
  private long doubtFromNanos;
  private final List<Seeking> seeking = new ArrayList<>(1);
  private @Nullable Places inHand;
  private @Nullable Places held;

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

  void seeks(PlaceRequest request, Waiter waiter, ConversationMessage ask) {
    seeking.add(new Seeking(request, waiter, ask));
  }

  void seeksNoMore(StepKey key) {
    for (Seeking each : seeking) if (each.waiter().key().equals(key)) each.request().cancel();
    seeking.removeIf(each -> each.waiter().key().equals(key));
  }

  /** How many wishes wait for a place, each for one of its own: none waits for another's. */
  int seeking() {
    return seeking.size();
  }

  /**
   * A wish that waits for a place keeps its turn when it is asked for again. From now on it waits
   * for who asks now: a run or scanner that began anew is somebody else, and nobody listens to the
   * earlier one.
   *
   * @return whether it waits
   */
  boolean seeksOn(Waiter waiter, ConversationMessage ask) {
    ListIterator<Seeking> each = seeking.listIterator();
    while (each.hasNext()) {
      Seeking earlier = each.next();
      if (!earlier.waiter().key().equals(waiter.key())) continue;
      each.set(new Seeking(earlier.request(), waiter, ask));
      return true;
    }
    return false;
  }

  /**
   * Takes an offered place in hand; null when nobody waits for it any more.
   *
   * @return what was asked when the wait began
   */
  @Nullable ConversationMessage use(PlaceRequest offered) {
    for (Seeking each : seeking) {
      if (each.request() != offered) continue;
      seeking.remove(each);
      if (!offered.use()) return null;
      inHand = offered.places();
      return each.ask();
    }
    return null;
  }

  /** Whether a place among these is in hand, which is the caller's from now on. */
  boolean takeInHand(Places places) {
    if (inHand != places) return false;
    inHand = null;
    return true;
  }

  void giveBackInHand() {
    if (inHand != null) inHand.release();
    inHand = null;
  }

  /** A place is ours until the grant is durable and handed out. */
  void holdsPlace(Places places) {
    held = places;
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

  /** Tells those who wait for a touch. Another one's attempt may be under way. */
  void settled(Touch touch, Verdict.Kind kind) {
    if (touch.attempt().equals(Optional.ofNullable(watched))) {
      watched = null;
      handedOut = false;
    }
    Iterator<Waiter> each = waiters.iterator();
    while (each.hasNext()) {
      Waiter waiter = each.next();
      if (!waiter.key().equals(touch.key())) continue;
      waiter.tell(customer, kind);
      each.remove();
    }
  }

  boolean isIdle() {
    return waiters.isEmpty()
        && parked.isEmpty()
        && watched == null
        && seeking.isEmpty()
        && held == null;
  }

  /** Gives back what could not be finished; whoever waits is told to ask the next incarnation. */
  void forget() {
    giveBackInHand();
    if (held != null) held.release();
    for (Seeking each : seeking) {
      each.request().cancel();
      each.waiter().tell(customer, Verdict.Kind.BUSY);
    }
    for (Waiter waiter : waiters) waiter.tell(customer, Verdict.Kind.BUSY);
  }
}

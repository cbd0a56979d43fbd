package org.parley.core.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.parley.core.api.AttemptId;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Outcome;
import org.parley.core.conversation.ConversationCommand.Settle;
import org.parley.core.conversation.ConversationCommand.Settled;
import org.parley.core.spi.Places;

/**
 * Carries each outcome to its conversation until the conversation has made it durable, and only
 * then gives the place back. So there are never more undelivered outcomes than places, and a
 * database that is away for a minute costs no outcome.
 */
public final class Courier {
  private record Parcel(
      CustomerKey to, AttemptId attempt, Instant grantedAt, Outcome outcome, Places places) {}

  private record Pending(Parcel parcel, long toldNanos) {}

  /** How often a node that leaves tells what its conversations, which move, have not heard. */
  private static final Duration HURRY = Duration.ofMillis(250);

  private final ConcurrentHashMap<AttemptId, Pending> pending = new ConcurrentHashMap<>();
  private final BiConsumer<CustomerKey, ConversationMessage> conversations;
  private final Duration againAfter;
  private final LongSupplier nanoClock;
  private final ActorRef<Settled> receipts;

  private enum Tick {
    TICK,
    HURRY
  }

  /**
   * @param spawn starts the actor that takes the receipts
   * @param conversations tells a conversation, wherever it is
   * @param againAfter an outcome that was not acknowledged for so long is told again
   * @param nanoClock {@code System.nanoTime}, or a test's
   */
  public Courier(
      java.util.function.Function<Behavior<Settled>, ActorRef<Settled>> spawn,
      BiConsumer<CustomerKey, ConversationMessage> conversations,
      Duration againAfter,
      LongSupplier nanoClock) {
    this.conversations = conversations;
    this.againAfter = againAfter;
    this.nanoClock = nanoClock;
    this.receipts = spawn.apply(receiver().narrow());
  }

  /**
   * Takes an outcome on; any thread.
   *
   * @param grantedAt which grant of the attempt it is about
   */
  public void carry(
      CustomerKey to, AttemptId attempt, Instant grantedAt, Outcome outcome, Places places) {
    Parcel parcel = new Parcel(to, attempt, grantedAt, outcome, places);
    Pending earlier = pending.put(attempt, new Pending(parcel, nanoClock.getAsLong()));
    tell(parcel);
    // A doubt that was tried again under its own key: the first outcome's place is not kept.
    if (earlier != null) earlier.parcel().places().release();
  }

  /**
   * From now on what was not acknowledged is told again four times a second: this node leaves, and
   * what is told while a conversation moves can be lost on its way.
   */
  public void hurry() {
    receipts.<Object>unsafeUpcast().tell(Tick.HURRY);
  }

  private void tell(Parcel parcel) {
    conversations.accept(
        parcel.to(),
        new Settle(parcel.attempt(), parcel.outcome(), Optional.of(parcel.grantedAt()), receipts));
  }

  private Behavior<Object> receiver() {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(Tick.TICK, againAfter.dividedBy(5));
          return Behaviors.receive(Object.class)
              .onMessage(
                  Settled.class,
                  settled -> {
                    Pending done = pending.remove(settled.attempt());
                    if (done != null) done.parcel().places().release();
                    return Behaviors.same();
                  })
              .onMessage(
                  Tick.class,
                  tick -> {
                    boolean hurry = tick == Tick.HURRY;
                    if (hurry) timers.startSingleTimer(Tick.HURRY, HURRY);
                    tellAgain(hurry ? HURRY : againAfter);
                    return Behaviors.same();
                  })
              .build();
        });
  }

  private void tellAgain(Duration after) {
    long now = nanoClock.getAsLong();
    for (Pending late : pending.values()) {
      if (now - late.toldNanos() <= after.toNanos()) continue;
      Pending again = new Pending(late.parcel(), now);
      if (pending.replace(late.parcel().attempt(), late, again)) tell(late.parcel());
    }
  }
}

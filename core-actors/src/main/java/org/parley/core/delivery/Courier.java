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

  private static final long AGAIN_AFTER_NANOS = Duration.ofSeconds(10).toNanos();

  private final ConcurrentHashMap<AttemptId, Pending> pending = new ConcurrentHashMap<>();
  private final BiConsumer<CustomerKey, ConversationMessage> conversations;
  private final LongSupplier nanoClock;
  private final ActorRef<Settled> receipts;

  private enum Tick implements org.parley.core.spi.WireMessage {
    TICK
  }

  /**
   * @param spawn starts the actor that takes the receipts
   * @param conversations tells a conversation, wherever it is
   * @param nanoClock {@code System.nanoTime}, or a test's
   */
  public Courier(
      java.util.function.Function<Behavior<Settled>, ActorRef<Settled>> spawn,
      BiConsumer<CustomerKey, ConversationMessage> conversations,
      LongSupplier nanoClock) {
    this.conversations = conversations;
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

  private void tell(Parcel parcel) {
    conversations.accept(
        parcel.to(),
        new Settle(parcel.attempt(), parcel.outcome(), Optional.of(parcel.grantedAt()), receipts));
  }

  private Behavior<Object> receiver() {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(Tick.TICK, Duration.ofSeconds(2));
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
                    long now = nanoClock.getAsLong();
                    for (Pending late : pending.values()) {
                      if (now - late.toldNanos() <= AGAIN_AFTER_NANOS) continue;
                      Pending again = new Pending(late.parcel(), now);
                      if (pending.replace(late.parcel().attempt(), late, again)) {
                        tell(late.parcel());
                      }
                    }
                    return Behaviors.same();
                  })
              .build();
        });
  }
}

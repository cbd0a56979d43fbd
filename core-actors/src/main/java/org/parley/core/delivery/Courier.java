package org.parley.core.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
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
  private record Parcel(CustomerKey to, AttemptId attempt, Outcome outcome, Places places) {}

  private record Pending(Parcel parcel, Instant toldAt) {}

  private static final Duration AGAIN_AFTER = Duration.ofSeconds(10);

  private final ConcurrentHashMap<AttemptId, Pending> pending = new ConcurrentHashMap<>();
  private final BiConsumer<CustomerKey, ConversationMessage> conversations;
  private final InstantSource clock;
  private final ActorRef<Settled> receipts;

  private enum Tick implements org.parley.core.spi.WireMessage {
    TICK
  }

  /**
   * @param spawn starts the actor that takes the receipts
   * @param conversations tells a conversation, wherever it is
   */
  public Courier(
      java.util.function.Function<Behavior<Settled>, ActorRef<Settled>> spawn,
      BiConsumer<CustomerKey, ConversationMessage> conversations,
      InstantSource clock) {
    this.conversations = conversations;
    this.clock = clock;
    this.receipts = spawn.apply(receiver().narrow());
  }

  /** Takes an outcome on; any thread. */
  public void carry(CustomerKey to, AttemptId attempt, Outcome outcome, Places places) {
    Parcel parcel = new Parcel(to, attempt, outcome, places);
    Pending earlier = pending.put(attempt, new Pending(parcel, clock.instant()));
    tell(parcel);
    // A doubt that was tried again under its own key: the first outcome's place is not kept.
    if (earlier != null) earlier.parcel().places().release();
  }

  private void tell(Parcel parcel) {
    conversations.accept(parcel.to(), new Settle(parcel.attempt(), parcel.outcome(), receipts));
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
                    Instant old = clock.instant().minus(AGAIN_AFTER);
                    for (Pending late : pending.values()) {
                      if (!late.toldAt().isBefore(old)) continue;
                      Pending again = new Pending(late.parcel(), clock.instant());
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

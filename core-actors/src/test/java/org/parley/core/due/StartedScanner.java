package org.parley.core.due;

import java.time.InstantSource;
import java.util.function.BiConsumer;
import org.apache.pekko.actor.typed.Behavior;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.spi.DueWorkStore;

/** A scanner of due work as {@link DueWork#start} starts it, on no cluster and for no campaigns. */
public final class StartedScanner {
  private StartedScanner() {}

  public static Behavior<Object> of(
      DueWork.Settings settings,
      DueWorkStore store,
      BiConsumer<CustomerKey, ConversationMessage> conversations,
      InstantSource clock) {
    return DueWork.create(
        new DueWork.Parts(
            settings,
            store,
            conversations,
            id -> {
              throw new IllegalStateException("no campaign waits for a start");
            },
            clock));
  }
}

package org.parley.core.engine;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;

/** Asks conversations, wherever they are; fails when one does not answer in time. */
interface Conversations {
  <R> CompletionStage<R> ask(
      CustomerKey customer, Function<ActorRef<R>, ConversationMessage> message);
}

package org.parley.core.conversation;

import org.apache.pekko.actor.typed.ActorRef;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationCommand.Verdict;

/** Who waits for a verdict. */
record Waiter(StepKey key, long position, ActorRef<Verdict> replyTo) {
  Verdict verdict(CustomerKey customer, Verdict.Kind kind) {
    return new Verdict(key, customer.customerId(), position, kind);
  }

  void tell(CustomerKey customer, Verdict.Kind kind) {
    replyTo.tell(verdict(customer, kind));
  }
}

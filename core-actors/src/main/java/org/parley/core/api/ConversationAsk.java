package org.parley.core.api;

import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.parley.core.spi.WireMessage;

/** What an embedder's own actor may ask a conversation through its {@code EntityRef}. */
public sealed interface ConversationAsk extends ConversationMessage {

  /** Replace the profile, if it is still at a version. The profile's {@code asOf} is set here. */
  record UpdateCustomer(Profile profile, Optional<Long> ifVersion, ActorRef<CustomerReply> replyTo)
      implements ConversationAsk {}

  /** Change consent on some channels; the others stay as they are. */
  record ChangeConsent(
      Map<Channel, ConsentState> changes,
      String source,
      Optional<Long> ifVersion,
      ActorRef<CustomerReply> replyTo)
      implements ConversationAsk {
    public ChangeConsent {
      changes = Map.copyOf(changes);
    }
  }

  /**
   * Shows the customer. What another node wrote after this conversation was taken over from it is
   * shown up to 10 s later, or once the journal answers; nothing is decided by what is old.
   */
  record GetCustomer(ActorRef<CustomerReply> replyTo) implements ConversationAsk {}

  /** Shows all that is known, as old as {@link GetCustomer} does. */
  record GetContext(ActorRef<CustomerContext> replyTo) implements ConversationAsk {}

  /** Send one message. The same id again is answered and not sent again. */
  record SendMessage(String messageId, MessageRequest request, ActorRef<MessageReply> replyTo)
      implements ConversationAsk {}

  /**
   * The customer answered.
   *
   * @param carrierMessageId the carrier's id of the answer; the same one again is ignored
   * @param inReplyTo the touch it answers; the latest delivered one when absent
   */
  record RecordReply(
      String carrierMessageId,
      Channel channel,
      String text,
      Optional<StepKey> inReplyTo,
      ActorRef<CustomerReply> replyTo)
      implements ConversationAsk {}

  /**
   * A person takes the conversation over: campaigns hold, messages pass. Again, it changes nothing.
   */
  record HandOff(String reason, ActorRef<CustomerReply> replyTo) implements ConversationAsk {}

  /** The person gives it back: what was held is judged again. */
  record Release(ActorRef<CustomerReply> replyTo) implements ConversationAsk {}

  /** Either the customer or why not. */
  record CustomerReply(Optional<CustomerView> customer, Optional<Refusal> refusal)
      implements WireMessage {}

  /** The message is durable, or why not. */
  record MessageReply(
      String messageId,
      Optional<Communication.State> state,
      Optional<String> reason,
      Optional<Refusal> refusal)
      implements WireMessage {}
}

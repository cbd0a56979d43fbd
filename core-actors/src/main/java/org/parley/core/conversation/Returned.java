package org.parley.core.conversation;

import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.parley.core.api.AttemptId;
import org.parley.core.api.ConversationMessage;
import org.parley.core.conversation.ConversationCommand.ReturnTaken;

/** Something that came back from a carrier, on its way into the conversation. */
interface Returned extends ConversationMessage {
  /** The mark of the touch that a token named. */
  Optional<String> mark();

  /** The attempt that it names. */
  Optional<AttemptId> attempt();

  ActorRef<ReturnTaken> replyTo();
}

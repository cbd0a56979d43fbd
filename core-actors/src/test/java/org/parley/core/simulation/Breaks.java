package org.parley.core.simulation;

import java.util.List;
import org.apache.pekko.persistence.PersistentRepr;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;

/** Ways to break the product from outside, to see that the checks are able to fail. */
enum Breaks {
  NOTHING,
  /** A conversation that starts again does not know what it has granted. */
  GRANTS_ARE_FORGOTTEN,
  /** A lane does not ask the gate. */
  THE_GATE_IS_OPEN,
  /** The cursor of a run moves when members are read. */
  THE_CURSOR_MOVES_ON_FETCH,
  /** Nobody is told that an attempt is settled. */
  OUTCOMES_ARE_LOST,
  /** A carrier is given the message a second time after an answer that was lost. */
  CARRIERS_SEND_AGAIN;

  static List<PersistentRepr> withoutGrants(List<PersistentRepr> log) {
    return log.stream().filter(event -> !(event.payload() instanceof OutreachGranted)).toList();
  }
}

package org.parley.core.conversation;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.Intent;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.conversation.ConversationEvent.Touching;

/**
 * One touch of a conversation.
 *
 * @param number tries granted so far
 * @param attempt the latest attempt
 * @param grantedAt when it was granted
 * @param until when its grant ends, or when the touch is due
 * @param message for a single message that is not over
 * @param repliedAt when the customer answered this touch
 * @param inDoubt how often it was in doubt
 * @param answer what the customer's latest answer to this touch means
 * @param receivedAt when it arrived, where a carrier has said so
 * @param askedNobody how many of its tries came back before a carrier was asked
 */
record Touch(
    StepKey key,
    Channel channel,
    Phase phase,
    Optional<String> reason,
    int number,
    Optional<AttemptId> attempt,
    Optional<Instant> grantedAt,
    Optional<Instant> until,
    boolean counts,
    Optional<MessageRequest> message,
    Optional<Instant> repliedAt,
    int inDoubt,
    Optional<Intent> answer,
    Optional<Instant> receivedAt,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) int askedNobody,
    Instant at) {

  /** Neither understood nor receipted. */
  Touch(
      StepKey key,
      Channel channel,
      Phase phase,
      Optional<String> reason,
      int number,
      Optional<AttemptId> attempt,
      Optional<Instant> grantedAt,
      Optional<Instant> until,
      boolean counts,
      Optional<MessageRequest> message,
      Optional<Instant> repliedAt,
      int inDoubt,
      Instant at) {
    this(
        key,
        channel,
        phase,
        reason,
        number,
        attempt,
        grantedAt,
        until,
        counts,
        message,
        repliedAt,
        inDoubt,
        Optional.empty(),
        Optional.empty(),
        0,
        at);
  }

  /** What the customer's answer to it means, if there is one. */
  Optional<Intent> answered() {
    return repliedAt.map(at -> answer.orElse(Intent.OTHER));
  }

  /** How the read side sees it; nothing while it is only planned. */
  Optional<Communication.State> seen() {
    return switch (phase) {
      case SCHEDULED, AWAITING_REPLY -> Optional.empty();
      case HELD -> Optional.of(Communication.State.HELD);
      case GRANTED -> reason.isPresent() ? Optional.of(Communication.State.HELD) : Optional.empty();
      case DELIVERED -> Optional.of(Communication.State.DELIVERED);
      case FAILED -> Optional.of(Communication.State.FAILED);
      case SUPPRESSED -> Optional.of(Communication.State.SUPPRESSED);
      case UNKNOWN -> Optional.of(Communication.State.UNKNOWN);
      case SKIPPED -> Optional.of(Communication.State.SKIPPED);
    };
  }

  /** Where one touch stands. */
  enum Phase {
    SCHEDULED,
    AWAITING_REPLY,
    HELD,
    GRANTED,
    DELIVERED,
    FAILED,
    SUPPRESSED,
    UNKNOWN,
    SKIPPED;

    boolean isOver() {
      return compareTo(DELIVERED) >= 0;
    }
  }

  /** Before anything has become of it. */
  static Touch planned(Touching event) {
    return new Touch(
        event.key(),
        event.channel(),
        Phase.SCHEDULED,
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty(),
        0,
        event.at());
  }

  /** One more try may be sent. */
  Touch granted(OutreachGranted e) {
    return new Touch(
        key,
        e.channel(),
        Phase.GRANTED,
        reason,
        e.number(),
        Optional.of(e.attempt()),
        Optional.of(e.at()),
        Optional.of(e.until()),
        e.counts(),
        e.message().or(this::message),
        repliedAt,
        inDoubt,
        answer,
        receivedAt,
        askedNobody,
        e.at());
  }

  /** The same try, elsewhere on its way. */
  Touch moved(
      Phase phase,
      Optional<String> reason,
      Optional<Instant> until,
      Optional<MessageRequest> message,
      Instant at) {
    return new Touch(
        key,
        channel,
        phase,
        reason,
        number,
        attempt,
        grantedAt,
        until,
        counts,
        message,
        repliedAt,
        inDoubt,
        answer,
        receivedAt,
        askedNobody,
        at);
  }

  /** At its end. */
  Touch over(Phase phase, Optional<String> reason, Instant at) {
    return moved(phase, reason, Optional.empty(), Optional.empty(), at);
  }

  /** It was in doubt once more. */
  Touch doubted() {
    return new Touch(
        key,
        channel,
        phase,
        reason,
        number,
        attempt,
        grantedAt,
        until,
        counts,
        message,
        repliedAt,
        inDoubt + 1,
        answer,
        receivedAt,
        askedNobody,
        at);
  }

  /** It came back, and no carrier had been asked. */
  Touch stopped() {
    return new Touch(
        key,
        channel,
        phase,
        reason,
        number,
        attempt,
        grantedAt,
        until,
        counts,
        message,
        repliedAt,
        inDoubt,
        answer,
        receivedAt,
        askedNobody + 1,
        at);
  }

  /** The customer has answered it. */
  Touch withAnswer(Instant when, Optional<Intent> meaning) {
    return new Touch(
        key,
        channel,
        phase,
        reason,
        number,
        attempt,
        grantedAt,
        until,
        counts,
        message,
        Optional.of(when),
        inDoubt,
        meaning,
        receivedAt,
        askedNobody,
        at);
  }

  /** It has arrived, and its carrier says when. */
  Touch withReceipt(Instant when) {
    return new Touch(
        key,
        channel,
        phase,
        reason,
        number,
        attempt,
        grantedAt,
        until,
        counts,
        message,
        repliedAt,
        inDoubt,
        answer,
        Optional.of(when),
        askedNobody,
        at);
  }
}

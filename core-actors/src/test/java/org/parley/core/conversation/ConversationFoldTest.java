package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CallResult;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Intent;
import org.parley.core.api.Outcome;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationEvent.OutreachSettled;
import org.parley.core.conversation.ConversationEvent.ReplyReceived;
import org.parley.core.spi.Change;

class ConversationFoldTest {
  private static final CustomerKey ADA = new CustomerKey("main", "default", "ada");

  @Test
  void anAnswerOnTheTimelineSaysWhatItMeans() {
    ReplyReceived answer =
        new ReplyReceived(
            "sms-1",
            Channel.SMS,
            "What does it cost?",
            Optional.of(new StepKey("cmp_1", "hello")),
            Optional.of(Intent.QUESTION),
            Optional.empty(),
            Optional.empty(),
            Instant.parse("2026-11-24T10:00:00Z"));
    assertThat(ConversationFold.changes(ADA.entityId(), answer))
        .singleElement()
        .isInstanceOfSatisfying(
            Change.CommunicationChanged.class,
            changed -> {
              Communication seen = changed.communication();
              assertThat(seen.state()).isEqualTo(Communication.State.RECEIVED);
              assertThat(seen.reason()).contains("question");
              assertThat(seen.key()).isEqualTo(new StepKey("cmp_1", "hello/reply/sms-1"));
            });
  }

  @Test
  void anAnsweredCallOnTheTimelineSaysWhatHappenedOnTheLine() {
    Instant at = Instant.parse("2026-11-24T10:00:00Z");
    StepKey key = new StepKey("cmp_1", "ring");
    CallResult call = new CallResult(Duration.ofSeconds(42), "1", CallResult.EndedBy.CUSTOMER);
    OutreachSettled settled =
        new OutreachSettled(
            key,
            Channel.PHONE,
            AttemptId.of(ADA, key, 1),
            1,
            Outcome.answered("sip", "call-1", call),
            at,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            at.plusSeconds(60));
    assertThat(ConversationFold.changes(ADA.entityId(), settled))
        .filteredOn(Change.CommunicationChanged.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            Change.CommunicationChanged.class,
            changed -> assertThat(changed.communication().call()).contains(call));
  }
}

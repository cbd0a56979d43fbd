package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Intent;
import org.parley.core.api.StepKey;
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
}

package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.List;
import org.apache.pekko.persistence.testkit.JournalOperation;
import org.apache.pekko.persistence.testkit.WriteEvents;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private final Desk desk = new Desk();

  @AfterEach
  void close() {
    desk.close();
  }

  @Test
  void conversationsOfNobodyReadAndLeaveNothing() {
    List<JournalOperation> operations = desk.operationsOf('|' + WarmUp.CELL + '.');
    desk.warmUp(Duration.ofMinutes(1));
    assertThat(operations)
        .hasSizeGreaterThanOrEqualTo(WarmUp.CONVERSATIONS)
        .noneMatch(WriteEvents.class::isInstance);
  }

  @Test
  void itIsOverAfterAWhileWhenTheJournalDoesNotAnswer() {
    desk.loseJournal();
    assertThatCode(() -> desk.warmUp(Duration.ofMillis(200))).doesNotThrowAnyException();
  }
}

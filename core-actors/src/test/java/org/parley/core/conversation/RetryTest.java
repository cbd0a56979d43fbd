package org.parley.core.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Outcome;

class RetryTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final ConversationSettings SETTINGS =
      ConversationSettings.from(ConfigFactory.load());

  private static Duration wait(String reason, int tries) {
    Instant at = SETTINGS.retryAt(Outcome.notSent(reason), tries, NOW).orElseThrow();
    return Duration.between(NOW, at);
  }

  @Test
  void withNoCarrierLeftTheWaitsGrowToTwoMinutesAndNeverEnd() {
    assertThat(wait("noCarrier", 1)).isEqualTo(Duration.ofSeconds(5));
    assertThat(wait("noCarrier", 2)).isEqualTo(Duration.ofSeconds(30));
    for (int tries = 3; tries < 1000; tries++) {
      assertThat(wait("noCarrier", tries)).isEqualTo(Duration.ofMinutes(2));
    }
  }

  @Test
  void whoWaitsForAKnownTimeIsLookedAtThenAndNotMoreOftenThanHourly() {
    Duration before = Duration.ofSeconds(5);
    assertThat(SETTINGS.withoutCarrier(NOW, before, Optional.of(NOW.plusSeconds(600))))
        .isEqualTo(NOW.plusSeconds(600));
    assertThat(SETTINGS.withoutCarrier(NOW, before, Optional.of(NOW.plusSeconds(50_000))))
        .isEqualTo(NOW.plusSeconds(3_600));
    assertThat(SETTINGS.withoutCarrier(NOW, before, Optional.of(NOW.minusSeconds(1))))
        .isEqualTo(NOW.plusSeconds(30));
    assertThat(SETTINGS.withoutCarrier(NOW, before, Optional.empty()))
        .isEqualTo(NOW.plusSeconds(30));
  }

  @Test
  void withNoCarrierLeftNobodyFailsThoughNothingElseIsTriedAgain() {
    ConversationSettings once =
        ConversationSettings.from(
            ConfigFactory.parseString("parley.conversation.retry-backoff = []")
                .withFallback(ConfigFactory.load()));
    assertThat(once.retryAt(Outcome.notSent("noCarrier"), 1, NOW))
        .contains(NOW.plus(Duration.ofMinutes(2)));
    assertThat(once.retryAt(Outcome.notSent("connectFailed"), 1, NOW)).isEmpty();
  }

  @Test
  void otherReasonsUseTheTriesUp() {
    assertThat(SETTINGS.retryAt(Outcome.notSent("connectFailed"), 7, NOW)).isPresent();
    assertThat(SETTINGS.retryAt(Outcome.notSent("connectFailed"), 8, NOW)).isEmpty();
  }
}

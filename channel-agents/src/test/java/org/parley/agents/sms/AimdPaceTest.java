package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AimdPaceTest {
  private static final long SECOND = 1_000_000_000L;

  private final AimdPace pace = new AimdPace(1000, 0);

  private int taken(long fromNanos, long toNanos) {
    int taken = 0;
    for (long now = fromNanos; now < toNanos; now += SECOND / 1000) {
      while (taken < 10_000 && pace.tryTake(now)) taken++;
    }
    return taken;
  }

  @Test
  void untilItIsThrottledItLetsEverythingPass() {
    for (int i = 0; i < 5000; i++) assertThat(pace.tryTake(0)).isTrue();
  }

  @Test
  void throttlingHalvesWhatWentOutAndOnlyOnceInAWhile() {
    for (int i = 0; i < 200; i++) pace.tryTake(i * SECOND / 200);
    for (int i = 0; i < 50; i++) pace.throttled(SECOND);

    assertThat(pace.perSecond(SECOND)).isBetween(90.0, 110.0);
    pace.throttled(SECOND + SECOND / 2);
    assertThat(pace.perSecond(SECOND + SECOND / 2)).isLessThan(90);
  }

  @Test
  void afterThrottlingItHoldsThePaceAndComesBackByATwentiethASecond() {
    for (int i = 0; i < 200; i++) pace.tryTake(i * SECOND / 200);
    pace.throttled(SECOND);

    assertThat(taken(SECOND, 2 * SECOND)).isBetween(100, 150);
    assertThat(pace.perSecond(3 * SECOND)).isBetween(180.0, 220.0);
    assertThat(pace.perSecond(30 * SECOND)).isEqualTo(1000);
  }

  @Test
  void itNeverStopsAltogether() {
    for (int i = 0; i < 100; i++) pace.throttled(i * SECOND / 4);

    assertThat(pace.perSecond(25 * SECOND)).isGreaterThanOrEqualTo(1);
  }
}

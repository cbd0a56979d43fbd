package org.parley.core.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private static final Instant MORNING = Instant.parse("2026-11-24T10:00:00Z");

  private static int takeAll(Allowance allowance) {
    int taken = 0;
    while (allowance.allows()) {
      allowance.take();
      taken++;
    }
    return taken;
  }

  @Test
  void aRateIsHeldByTheClockHoweverLongTheBeatsLast() {
    Random random = new Random(7);
    for (double perSecond : new double[] {0.5, 4, 46.25, 250, 1_000}) {
      Allowance allowance = new Allowance(perSecond, MORNING);
      Instant now = MORNING;
      long asked = 0;
      while (now.isBefore(MORNING.plusSeconds(600))) {
        // Meant are 50 ms; a timer is always late, and now and then very late.
        int late = random.nextInt(100) == 0 ? 400 : random.nextInt(20);
        now = now.plusMillis(50 + late);
        allowance.growTo(now);
        asked += takeAll(allowance);
      }
      assertThat((double) asked)
          .as(perSecond + " a second")
          .isCloseTo(perSecond * 600, Percentage.withPercentage(1));
    }
  }

  @Test
  void aPauseIsWorthASecondAtMost() {
    Allowance allowance = new Allowance(100, MORNING);
    allowance.growTo(MORNING.plusSeconds(60));
    assertThat(takeAll(allowance)).isEqualTo(100);
  }

  @Test
  void aClockThatIsSetBackStandsStill() {
    Allowance allowance = new Allowance(100, MORNING);
    allowance.growTo(MORNING.minusSeconds(3_600));
    assertThat(takeAll(allowance)).isZero();
    allowance.growTo(MORNING.minusSeconds(3_600).plus(Duration.ofMillis(100)));
    assertThat(takeAll(allowance)).isCloseTo(10, within(1));
  }
}

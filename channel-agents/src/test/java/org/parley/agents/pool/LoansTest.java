package org.parley.agents.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;
import org.parley.agents.pool.Loans.Moment;
import org.parley.core.spi.Attempt;

class LoansTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** An attempt that was granted at this moment of the borrower's clocks. */
  private static Attempt granted(long nanos, Instant at) {
    Attempt any = Attempts.to("ann@example.com");
    Attempt attempt =
        new Attempt(
            any.id(),
            any.customer(),
            any.key(),
            any.number(),
            any.channel(),
            any.category(),
            any.address(),
            any.profile(),
            any.template(),
            any.unsubscribeToken(),
            at,
            at.plusSeconds(30));
    return attempt.ending(attempt.until(), nanos + 30 * SECOND);
  }

  /**
   * Whatever the clocks of two nodes show, however slow the network is and whoever was frozen, the
   * lender never takes an attempt for younger than it is, and for older only by what its answer was
   * on its way.
   */
  @Test
  void aLenderNeverTakesAnAttemptForYoungerThanItIs() {
    Random random = new Random(5);
    for (int i = 0; i < 10_000; i++) {
      long lendersOrigin = random.nextLong();
      long borrowersOrigin = random.nextLong();
      long skewMillis = random.nextInt(600_000) - 300_000L;
      // In nanoseconds of the time that nobody sees.
      long answered = random.nextLong(100 * SECOND);
      long heard = answered + random.nextLong(60 * SECOND);
      long granted = random.nextLong(200 * SECOND);

      Moment moment = new Moment(lendersOrigin + answered, answered / 1_000_000);
      Attempt attempt =
          granted(
              borrowersOrigin + granted, Instant.ofEpochMilli(skewMillis + granted / 1_000_000));
      Attempt lent = moment.ofGrant(attempt, borrowersOrigin + heard).endOf(attempt);

      long ends = lent.deadlineNanos() - lendersOrigin;
      assertThat(ends).isBetween(granted + 30 * SECOND - (heard - answered), granted + 30 * SECOND);
      long endsMillis = lent.until().toEpochMilli();
      assertThat(endsMillis).isBetween((ends / 1_000_000) - 2, (granted + 30 * SECOND) / 1_000_000);
      assertThat(lent.grantedAt()).isEqualTo(attempt.grantedAt());
    }
  }

  @Test
  void aClockThatIsFiveMinutesAheadKillsNoFreshGrant() {
    Attempt attempt = granted(1_000 * SECOND, Instant.parse("2026-11-24T10:05:00Z"));
    Moment lent = new Moment(7 * SECOND, Instant.parse("2026-11-24T10:00:00Z").toEpochMilli());
    Attempt here = lent.ofGrant(attempt, 998 * SECOND).endOf(attempt);
    long now = Instant.parse("2026-11-24T10:00:31Z").toEpochMilli();
    assertThat(here.isExpired(38 * SECOND, now)).as("29 s after its grant").isFalse();
    assertThat(here.isExpired(40 * SECOND, now)).as("31 s after its grant").isTrue();
    assertThat(here.isExpired(38 * SECOND, now + 60_000)).as("after a suspend").isTrue();
  }
}

package org.parley.agents.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.parley.agents.settings.Checked;

class SizingTest {
  private long now;

  private static SizingPolicy policy(String channel) {
    return SizingPolicy.read(Checked.at(ConfigFactory.load(), "parley.agents." + channel));
  }

  /** Looks four times a second for a while, with this load all the time. */
  private Optional<Sizing.Step> run(Sizing sizing, Duration time, int busy, int waiting) {
    Optional<Sizing.Step> last = Optional.empty();
    long end = now + time.toNanos();
    while (now < end) {
      now += Duration.ofMillis(250).toNanos();
      Optional<Sizing.Step> step = sizing.look(now, busy, waiting);
      if (step.isPresent()) last = step;
    }
    return last;
  }

  @Test
  void emailGrowsByTwoEveryThirtySecondsAboveSeventyPercentUpToTwenty() {
    Sizing email = new Sizing(policy("email"));
    assertThat(email.instances()).isEqualTo(3);

    run(email, Duration.ofSeconds(29), 211, 0);
    assertThat(email.instances()).isEqualTo(3);
    Optional<Sizing.Step> step = run(email, Duration.ofSeconds(2), 211, 0);
    assertThat(email.instances()).isEqualTo(5);
    assertThat(step.orElseThrow().why()).isEqualTo("more than 70 % busy for 30 s");

    run(email, Duration.ofSeconds(61), 100_000, 0);
    assertThat(email.instances()).isEqualTo(9);
    run(email, Duration.ofMinutes(10), 100_000, 0);
    assertThat(email.instances()).isEqualTo(20);
  }

  @Test
  void whatWasSeenBeforeARestIsForgotten() {
    Sizing email = new Sizing(policy("email"));
    run(email, Duration.ofSeconds(29), 300, 0);
    email.rest();

    run(email, Duration.ofSeconds(29), 300, 0);
    assertThat(email.instances()).isEqualTo(3);
    run(email, Duration.ofSeconds(2), 300, 0);
    assertThat(email.instances()).isEqualTo(5);
  }

  @Test
  void atSeventyPercentNothingGrowsAndAPauseStartsTheThirtySecondsAgain() {
    Sizing email = new Sizing(policy("email"));
    run(email, Duration.ofMinutes(2), 210, 50);
    assertThat(email.instances()).isEqualTo(3);

    for (int i = 0; i < 10; i++) {
      run(email, Duration.ofSeconds(20), 300, 0);
      run(email, Duration.ofSeconds(1), 200, 0);
    }
    assertThat(email.instances()).isEqualTo(3);
  }

  @Test
  void emailShrinksByOneEveryMinuteDownToThree() {
    Sizing email = new Sizing(policy("email"));
    run(email, Duration.ofSeconds(31), 300, 0);
    assertThat(email.instances()).isEqualTo(5);

    run(email, Duration.ofSeconds(59), 10, 0);
    assertThat(email.instances()).isEqualTo(5);
    run(email, Duration.ofSeconds(2), 10, 0);
    assertThat(email.instances()).isEqualTo(4);
    run(email, Duration.ofMinutes(10), 0, 0);
    assertThat(email.instances()).isEqualTo(3);
  }

  @Test
  void noLoadMakesThePoolGrowAndShrinkInTurn() {
    for (String channel : new String[] {"email", "sms", "phone"}) {
      for (int busy = 0; busy < 400; busy += 7) {
        Sizing sizing = new Sizing(policy(channel));
        run(sizing, Duration.ofMinutes(60), busy, 0);
        int settled = sizing.instances();
        assertThat(run(sizing, Duration.ofMinutes(30), busy, 0))
            .as("%s with %s busy and %s instances", channel, busy, settled)
            .isEmpty();
      }
    }
  }

  @Test
  void smsHasTwoToTenAgentsOfTwoHundred() {
    Sizing sms = new Sizing(policy("sms"));
    run(sms, Duration.ofSeconds(31), 281, 0);
    assertThat(sms.instances()).isEqualTo(4);
    run(sms, Duration.ofHours(1), 10_000, 0);
    assertThat(sms.instances()).isEqualTo(10);
    run(sms, Duration.ofHours(1), 0, 0);
    assertThat(sms.instances()).isEqualTo(2);
  }

  @Test
  void phoneGrowsAtOnceToWhatIsNeededWhenWorkWaitsForASecond() {
    Sizing phone = new Sizing(policy("phone"));
    run(phone, Duration.ofMillis(750), 20, 60);
    assertThat(phone.instances()).isEqualTo(2);

    Optional<Sizing.Step> step = run(phone, Duration.ofMillis(750), 20, 60);

    // 80 calls at the 10 an agent aims at.
    assertThat(phone.instances()).isEqualTo(8);
    assertThat(step.orElseThrow().why()).contains("waited").contains("1 s");
    run(phone, Duration.ofSeconds(10), 160, 1000);
    assertThat(phone.instances()).isEqualTo(15);
  }

  @Test
  void phoneShrinksSlowlyAndNotWhileSomebodyWaits() {
    Sizing phone = new Sizing(policy("phone"));
    run(phone, Duration.ofSeconds(2), 20, 60);
    assertThat(phone.instances()).isGreaterThanOrEqualTo(8);
    int before = phone.instances();

    run(phone, Duration.ofMinutes(4), 5, 0);
    assertThat(phone.instances()).isEqualTo(before);
    run(phone, Duration.ofMinutes(2), 5, 0);
    assertThat(phone.instances()).isEqualTo(before - 1);
  }

  @Test
  void aPolicyThatMakesNoSenseIsRefusedWithItsKey() {
    assertRefused("min-instances = 21", "parley.agents.email.min-instances");
    assertRefused("max-instances = 0", "parley.agents.email.max-instances");
    assertRefused("shrink-below-percent = 71", "parley.agents.email.shrink-below-percent");
    assertRefused("grow-every = 1ms", "parley.agents.email.grow-every");
  }

  private static void assertRefused(String setting, String key) {
    Assertions.assertThatThrownBy(() -> Pools.settings(setting))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("allowed is");
  }
}

package org.parley.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Channel;
import org.parley.core.api.Preview;
import org.parley.core.api.Profile;
import org.parley.core.api.Template;

class LettersTest {
  private static Preview preview(Channel channel, String text, String cost) {
    Step step =
        new Step(
            "hello",
            channel,
            Optional.empty(),
            new Template(Optional.empty(), Optional.of(text), Optional.empty()));
    Profile profile =
        new Profile(
            Optional.of("ann@example.com"),
            Optional.of("+491701234567"),
            Optional.empty(),
            Optional.empty(),
            Map.of("city", "Łódź"),
            Instant.EPOCH);
    return new Letters("", new BigDecimal(cost)).preview(step, "ann", profile);
  }

  @Test
  void aPreviewOfATextMessageCountsSegmentsAndCostOfTheTextThatIsFilledIn() {
    Preview.Sms plain = preview(Channel.SMS, "a".repeat(161), "0.07").sms().orElseThrow();
    Preview.Sms filled = preview(Channel.SMS, "{{city}}" + "a".repeat(67), "0.07").sms().get();

    assertThat(plain).isEqualTo(new Preview.Sms("gsm", 2, Optional.of(new BigDecimal("0.14"))));
    assertThat(filled).isEqualTo(new Preview.Sms("ucs2", 2, Optional.of(new BigDecimal("0.14"))));
  }

  @Test
  void withoutACostThereIsNoneAndAnEmailHasNoSegments() {
    assertThat(preview(Channel.SMS, "Hello", "0").sms())
        .contains(new Preview.Sms("gsm", 1, Optional.empty()));
    assertThat(preview(Channel.EMAIL, "Hello", "0.07").sms()).isEmpty();
  }
}

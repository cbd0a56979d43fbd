package org.parley.agents.phone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.parley.core.api.Outcome;

class CallVerdictsTest {
  @ParameterizedTest
  @CsvSource({
    "486, REJECTED, busy",
    "600, REJECTED, busy",
    "603, REJECTED, declined",
    "408, REJECTED, noAnswer",
    "480, REJECTED, noAnswer",
    "404, REJECTED, numberUnknown",
    "484, REJECTED, numberUnknown",
    "604, REJECTED, numberUnknown",
    "401, NOT_SENT, authRequired",
    "403, NOT_SENT, forbidden",
    "488, NOT_SENT, mediaRefused",
    "500, NOT_SENT, serviceUnavailable",
    "503, NOT_SENT, serviceUnavailable",
    "699, REJECTED, refused",
  })
  void aStatusBeforeAnythingRang(int status, Outcome.Kind kind, String reason) {
    Outcome outcome = CallVerdicts.of("main", status, "Some Words", false);

    assertThat(outcome.kind()).isEqualTo(kind);
    assertThat(outcome.reason()).contains(reason);
    assertThat(outcome.detail()).contains(status + " Some Words");
  }

  @Test
  void aPhoneThatRangIsNeverCalledAgainSilently() {
    for (int status = 400; status <= 699; status++) {
      assertThat(CallVerdicts.of("main", status, "", true).kind())
          .as("after ringing, status %d", status)
          .isEqualTo(Outcome.Kind.REJECTED);
    }
  }

  @Test
  void wordsThatMayNameAPersonAreLeftOut() {
    assertThat(CallVerdicts.detail(404, "No +49302000123 here")).isEqualTo("404");
    assertThat(CallVerdicts.detail(404, "ann@example.com")).isEqualTo("404");
  }
}

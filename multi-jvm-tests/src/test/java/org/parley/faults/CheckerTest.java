package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.parley.faults.Checker.Recipient;

class CheckerTest {
  private static final Map<String, String> AUDIENCE =
      Map.of("ada", "ada@x.example", "bob", "bob@x.example", "cy", "cy@x.example");
  private static final List<Ledger.Line> LEDGER =
      List.of(new Ledger.Line("a1", "ada@x.example"), new Ledger.Line("b1", "bob@x.example"));
  private static final List<Recipient> RECIPIENTS =
      List.of(
          new Recipient("ada", "delivered", "a1", ""),
          new Recipient("bob", "unknown", "b1", ""),
          new Recipient("cy", "suppressed", "", ""));
  private static final Map<String, Long> TOTALS =
      Map.of(
          "accepted",
          3L,
          "pending",
          0L,
          "delivered",
          1L,
          "failed",
          0L,
          "suppressed",
          1L,
          "unknown",
          1L);

  @Test
  void aLedgerAndAReportThatAgreeAreFine() {
    assertThat(judge(LEDGER, RECIPIENTS)).isEmpty();
  }

  @Test
  void anAttemptThatIsInTheLedgerTwiceIsFound() {
    assertThat(judge(with(LEDGER, LEDGER.get(0)), RECIPIENTS))
        .containsExactly("attempt sent twice: a1", "sent to twice: ada@x.example");
  }

  @Test
  void somebodyWhoIsSentToTwiceUnderTwoKeysIsFound() {
    assertThat(judge(with(LEDGER, new Ledger.Line("b2", "bob@x.example")), RECIPIENTS))
        .contains("sent to twice: bob@x.example");
  }

  @Test
  void aDeliveryThatTheLedgerDoesNotHaveIsFound() {
    assertThat(judge(LEDGER.subList(1, 2), RECIPIENTS))
        .singleElement()
        .asString()
        .contains("ada", "the carrier has nothing");
  }

  @Test
  void aMessageThatIsNotReportedIsFound() {
    assertThat(judge(with(LEDGER, new Ledger.Line("c1", "cy@x.example")), RECIPIENTS))
        .singleElement()
        .asString()
        .contains("cy", "was sent, and is not reported so");
  }

  @Test
  void aMessageToAStrangerIsFound() {
    assertThat(judge(with(LEDGER, new Ledger.Line("d1", "dee@x.example")), RECIPIENTS))
        .containsExactly("sent to somebody who is not there: dee@x.example");
  }

  @Test
  void aReportWithTheWrongAttemptIsFound() {
    List<Ledger.Line> other = List.of(new Ledger.Line("a2", "ada@x.example"), LEDGER.get(1));
    assertThat(judge(other, RECIPIENTS))
        .singleElement()
        .asString()
        .contains("was sent as attempt a2");
  }

  @Test
  void somebodyWhoIsForgottenIsFound() {
    assertThat(judge(LEDGER, RECIPIENTS.subList(0, 2)))
        .contains("cy is forgotten")
        .anyMatch(finding -> finding.startsWith("the progress says"));
  }

  @Test
  void somebodyWhoIsReportedTwiceOrHasNotEndedIsFound() {
    assertThat(judge(LEDGER, with(RECIPIENTS, new Recipient("cy", "held", "", ""))))
        .contains("cy is reported twice", "cy has not ended: held");
  }

  private static List<String> judge(List<Ledger.Line> ledger, List<Recipient> recipients) {
    return Checker.judge(new Checker.Evidence(AUDIENCE, ledger, recipients, TOTALS));
  }

  private static <T> List<T> with(List<T> list, T more) {
    List<T> longer = new ArrayList<>(list);
    longer.add(more);
    return longer;
  }
}

package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jsmpp.SMPPConstant;
import org.junit.jupiter.api.Test;

class JoinerTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private final List<String> whole = new ArrayList<>();
  private CompletionStage<Integer> answer = CompletableFuture.completedFuture(0);
  private final Joiner joiner =
      new Joiner(
          new SmppSettings.Join(Duration.ofSeconds(1), Duration.ofMinutes(2), 2),
          (part, text) -> {
            whole.add(text);
            return answer;
          });

  private CompletableFuture<Integer> add(int reference, int index, int total, String text) {
    return joiner
        .add(new Part("+4917", "12345", reference, total, index, text), NOW)
        .toCompletableFuture();
  }

  @Test
  void segmentsInAnyOrderAreOneMessageAndAreAnsweredWhenItIsDurable() {
    CompletableFuture<Integer> durable = new CompletableFuture<>();
    answer = durable;
    CompletableFuture<Integer> second = add(1, 2, 2, "world");
    CompletableFuture<Integer> first = add(1, 1, 2, "hello ");

    assertThat(whole).containsExactly("hello world");
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    durable.complete(0);
    assertThat(first).isCompletedWithValue(0);
    assertThat(second).isCompletedWithValue(0);
  }

  @Test
  void aCarrierThatSendsOneAtATimeIsAnsweredAfterAWhile() {
    CompletableFuture<Integer> first = add(1, 1, 2, "hello ");
    joiner.sweep(NOW.plusMillis(999));
    assertThat(first).isNotDone();

    joiner.sweep(NOW.plusMillis(1000));
    assertThat(first).isCompletedWithValue(0);
    assertThat(add(1, 2, 2, "world")).isCompletedWithValue(0);
    assertThat(whole).containsExactly("hello world");
  }

  @Test
  void whatDoesNotBecomeWholeIsTakenAsItIs() {
    CompletableFuture<Integer> middle = add(1, 2, 3, "the middle");
    joiner.sweep(NOW.plusSeconds(120));

    assertThat(whole).containsExactly("the middle");
    assertThat(middle).isCompletedWithValue(0);
  }

  @Test
  void whatHasNoRoomIsTakenAsItIs() {
    CompletableFuture<Integer> oldest = add(1, 1, 2, "half 1");
    assertThat(add(2, 1, 2, "half 2")).isNotDone();
    assertThat(add(3, 1, 2, "half 3")).isNotDone();

    assertThat(oldest).isCompletedWithValue(0);
    assertThat(whole).containsExactly("half 1");
  }

  @Test
  void afterAFailureOnlyWhatWasAnsweredIsKept() {
    CompletableFuture<Integer> first = add(1, 1, 2, "hello ");
    joiner.sweep(NOW.plusSeconds(1));
    answer = CompletableFuture.completedFuture(SMPPConstant.STAT_ESME_RX_T_APPN);
    CompletableFuture<Integer> second = add(1, 2, 2, "world");

    assertThat(first).isCompletedWithValue(0);
    assertThat(second).isCompletedWithValue(SMPPConstant.STAT_ESME_RX_T_APPN);
    answer = CompletableFuture.completedFuture(0);
    assertThat(add(1, 2, 2, "world")).isCompletedWithValue(0);
    assertThat(whole).containsExactly("hello world", "hello world");
  }
}

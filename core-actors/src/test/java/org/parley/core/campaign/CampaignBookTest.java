package org.parley.core.campaign;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.campaign.CampaignBook.Lookup;

class CampaignBookTest {
  private static final Instant MORNING = Instant.parse("2026-11-24T10:00:00Z");
  private static final String ID = "cmp_a";

  private final AtomicReference<Instant> now = new AtomicReference<>(MORNING);
  private final List<CompletableFuture<Optional<CampaignView>>> asked =
      new CopyOnWriteArrayList<>();
  private final CampaignBook book =
      new CampaignBook(
          id -> {
            CompletableFuture<Optional<CampaignView>> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
          },
          now::get);

  private static CampaignView campaign(CampaignStatus status, long version) {
    return new CampaignView(
        ID,
        version,
        status,
        new CampaignDefinition(
            "Spring", "aud_1", Category.MARKETING, List.of(), Schedule.NOW, Policy.NONE),
        Optional.of(3L),
        MORNING,
        Optional.of(MORNING),
        Optional.empty());
  }

  private static Optional<CampaignView> given(CompletionStage<Lookup> load) {
    return load.toCompletableFuture().join().campaign();
  }

  @Test
  void looksThatComeTogetherAskTheCampaignOnce() {
    CompletionStage<Lookup> first = book.load(ID);
    CompletionStage<Lookup> second = book.load(ID);
    assertThat(asked).hasSize(1);
    CampaignView running = campaign(CampaignStatus.RUNNING, 2);
    asked.get(0).complete(Optional.of(running));
    assertThat(given(first)).contains(running);
    assertThat(given(second)).contains(running);
    assertThat(book.known(ID)).isEqualTo(running);
  }

  /** Else what was known then would be given out for ever. */
  @Test
  void aLookThatEndsWhileItIsNotedIsNotKept() {
    CampaignView running = campaign(CampaignStatus.RUNNING, 2);
    CountDownLatch learnt = new CountDownLatch(1);
    CountDownLatch noted = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    CampaignBook hasty =
        new CampaignBook(
            id ->
                looks.incrementAndGet() > 1
                    ? completedFuture(Optional.of(running))
                    : EndsAtOnce.of(running, learnt),
            () -> {
              learnt.countDown();
              await(noted);
              return MORNING;
            });
    CompletionStage<Lookup> first = hasty.load(ID);
    noted.countDown();
    assertThat(given(first)).contains(running);
    Awaitility.await("the next one asks again").until(() -> hasty.load(ID) != first);
    assertThat(looks).hasValueGreaterThan(1);
  }

  /** Another thread is in the middle of what follows it before it is known what that is. */
  private static final class EndsAtOnce extends CompletableFuture<Optional<CampaignView>> {
    private final CampaignView answer;
    private final CountDownLatch begun;

    private EndsAtOnce(CampaignView answer, CountDownLatch begun) {
      this.answer = answer;
      this.begun = begun;
    }

    static CompletionStage<Optional<CampaignView>> of(CampaignView answer, CountDownLatch begun) {
      return new EndsAtOnce(answer, begun);
    }

    @Override
    public <U> CompletableFuture<U> handle(
        BiFunction<? super Optional<CampaignView>, Throwable, ? extends U> then) {
      CompletableFuture<U> followed = super.handle(then);
      new Thread(() -> complete(Optional.of(answer)), "answers-at-once").start();
      CampaignBookTest.await(begun);
      return followed;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLookThatFailsIsEmptyAndTheNextOneAsksAgain() {
    CompletionStage<Lookup> first = book.load(ID);
    asked.get(0).completeExceptionally(new IllegalStateException("away"));
    assertThat(given(first)).isEmpty();
    assertThat(book.known(ID)).isNull();
    CompletionStage<Lookup> second = book.load(ID);
    assertThat(asked).hasSize(2);
    asked.get(1).complete(Optional.empty());
    assertThat(given(second)).as("there is no such campaign").isEmpty();
    assertThat(book.known(ID)).isNull();
  }

  @Test
  void olderNewsIsIgnored() {
    CampaignView paused = campaign(CampaignStatus.PAUSED, 3);
    book.tell(paused);
    book.tell(campaign(CampaignStatus.RUNNING, 2));
    assertThat(book.known(ID)).isEqualTo(paused);
    CampaignView resumed = campaign(CampaignStatus.RUNNING, 4);
    book.tell(resumed);
    assertThat(book.known(ID)).isEqualTo(resumed);
  }

  @ParameterizedTest
  @EnumSource(names = {"DRAFT", "SCHEDULED"})
  void whatCanStillBeEditedIsAnsweredAndNotKept(CampaignStatus status) {
    CampaignView editable = campaign(status, 1);
    book.tell(editable);
    assertThat(book.known(ID)).isNull();
    CompletionStage<Lookup> load = book.load(ID);
    asked.get(0).complete(Optional.of(editable));
    assertThat(given(load)).contains(editable);
    assertThat(book.known(ID)).isNull();
  }

  @Test
  void whatIsOlderThanFiveSecondsIsGivenOutAndAskedForAgain() {
    CampaignView running = campaign(CampaignStatus.RUNNING, 2);
    book.tell(running);
    now.set(MORNING.plus(Duration.ofSeconds(5)));
    assertThat(book.known(ID)).isEqualTo(running);
    assertThat(asked).as("fresh enough").isEmpty();
    now.set(MORNING.plus(Duration.ofSeconds(5)).plusMillis(1));
    assertThat(book.known(ID)).isEqualTo(running);
    assertThat(book.known(ID)).isEqualTo(running);
    assertThat(asked).as("asked once while the answer is under way").hasSize(1);
    CampaignView paused = campaign(CampaignStatus.PAUSED, 3);
    asked.get(0).complete(Optional.of(paused));
    assertThat(book.known(ID)).isEqualTo(paused);
    assertThat(asked).hasSize(1);
  }

  @Test
  void anAnswerThatBringsNothingNewIsFreshAgain() {
    book.tell(campaign(CampaignStatus.RUNNING, 2));
    now.set(MORNING.plusSeconds(6));
    assertThat(book.known(ID)).isNotNull();
    asked.get(0).complete(Optional.of(campaign(CampaignStatus.RUNNING, 2)));
    assertThat(book.known(ID)).isNotNull();
    assertThat(asked).hasSize(1);
  }

  @Test
  void whatIsCancelledIsNeverAskedForAgain() {
    book.tell(campaign(CampaignStatus.CANCELLED, 5));
    now.set(MORNING.plus(Duration.ofDays(1)));
    assertThat(book.known(ID)).isNotNull();
    assertThat(asked).isEmpty();
  }
}

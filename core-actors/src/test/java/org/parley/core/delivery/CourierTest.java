package org.parley.core.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Category;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Outcome;
import org.parley.core.api.StepKey;
import org.parley.core.conversation.ConversationCommand.Settle;
import org.parley.core.conversation.ConversationCommand.Settled;
import org.parley.core.spi.Places;

class CourierTest {
  private static final CustomerKey ADA = CustomerKey.of("ada");
  private static final AttemptId ATTEMPT = AttemptId.of(ADA, new StepKey("cmp_a", "hello"), 1);
  private static final Instant GRANTED_AT = Instant.parse("2026-11-24T10:00:00Z");
  private static final Outcome ACCEPTED = Outcome.accepted("main", Optional.empty());

  // One for all tests here: with a clock that stands still, an end of a kit takes a second.
  private static final ActorTestKit KIT =
      ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
  private static final ManualTime TIME = ManualTime.get(KIT.system());

  private final List<ActorRef<?>> spawned = new ArrayList<>();
  private final AtomicLong nowNanos = new AtomicLong();
  private final List<Settle> told = new CopyOnWriteArrayList<>();
  private final Places places = new Places(10, 0, 10);
  private final Courier courier =
      new Courier(
          this::spawn,
          (customer, message) -> told.add((Settle) message),
          Duration.ofSeconds(10),
          nowNanos::get);

  @AfterEach
  void close() {
    spawned.forEach(KIT::stop);
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private <T> ActorRef<T> spawn(Behavior<T> behavior) {
    ActorRef<T> actor = KIT.spawn(behavior);
    spawned.add(actor);
    return actor;
  }

  private void pass(Duration span) {
    nowNanos.addAndGet(span.toNanos());
    TIME.timePasses(span);
  }

  private void take(int count) {
    for (int i = 0; i < count; i++) assertThat(places.tryTake(Category.MARKETING)).isTrue();
  }

  private void acknowledge(Settle settle) {
    settle.replyTo().tell(new Settled(settle.attempt()));
  }

  private void awaitTaken(int count) {
    Awaitility.await(count + " places are taken").until(() -> places.taken() == count);
  }

  @Test
  void anOutcomeIsToldAtOnceAndItsPlaceGoesBackOnceItIsDurable() {
    take(2);
    courier.carry(ADA, ATTEMPT, GRANTED_AT, ACCEPTED, places);
    assertThat(told).hasSize(1);
    assertThat(told.get(0).outcome()).isEqualTo(ACCEPTED);
    assertThat(told.get(0).grantedAt()).contains(GRANTED_AT);
    assertThat(places.taken()).isEqualTo(2);
    acknowledge(told.get(0));
    awaitTaken(1);
  }

  @Test
  void anOutcomeThatNobodyAcknowledgedIsToldAgainUntilSomebodyDoes() {
    take(1);
    courier.carry(ADA, ATTEMPT, GRANTED_AT, ACCEPTED, places);
    for (int times = 2; times <= 4; times++) {
      int enough = times;
      Awaitility.await("told " + times + " times")
          .until(
              () -> {
                pass(Duration.ofSeconds(12));
                return told.size() >= enough;
              });
      assertThat(places.taken()).isEqualTo(1);
    }
    assertThat(told).allMatch(settle -> settle.outcome().equals(ACCEPTED));
    acknowledge(told.get(3));
    awaitTaken(0);
    int sofar = told.size();
    pass(Duration.ofSeconds(20));
    assertThat(told).hasSize(sofar);
  }

  @Test
  void anOutcomeIsNotToldAgainWithinTenSeconds() {
    take(1);
    courier.carry(ADA, ATTEMPT, GRANTED_AT, ACCEPTED, places);
    pass(Duration.ofSeconds(10));
    assertThat(told).hasSize(1);
  }

  @Test
  void aNodeThatLeavesTellsSoonAgainWhatMayHaveBeenLostOnTheWay() {
    take(1);
    courier.carry(ADA, ATTEMPT, GRANTED_AT, ACCEPTED, places);
    courier.hurry();
    Awaitility.await("told three times")
        .until(
            () -> {
              pass(Duration.ofMillis(300));
              return told.size() >= 3;
            });
    assertThat(Duration.ofNanos(nowNanos.get())).isLessThan(Duration.ofSeconds(10));
    acknowledge(told.get(2));
    awaitTaken(0);
  }

  @Test
  void aPlaceGoesBackOnceHoweverOftenTheReceiptComes() {
    take(3);
    courier.carry(ADA, ATTEMPT, GRANTED_AT, ACCEPTED, places);
    AttemptId other = AttemptId.of(ADA, new StepKey("cmp_a", "hello"), 2);
    for (int i = 0; i < 3; i++) acknowledge(told.get(0));
    courier.carry(ADA, other, GRANTED_AT, ACCEPTED, places);
    acknowledge(told.get(1));
    awaitTaken(1);
  }

  @Test
  void anOutcomeThatReplacesAnEarlierOneOfTheSameAttemptKeepsOnePlace() {
    take(2);
    courier.carry(ADA, ATTEMPT, GRANTED_AT, Outcome.unknown("connectionLost"), places);
    courier.carry(ADA, ATTEMPT, GRANTED_AT, ACCEPTED, places);
    assertThat(places.taken()).isEqualTo(1);
    acknowledge(told.get(1));
    awaitTaken(0);
    acknowledge(told.get(0));
    take(1);
    assertThat(places.taken()).isEqualTo(1);
  }

  @Test
  void everyPlaceGoesBackOnceWhenOutcomesAndReceiptsCross() {
    int rounds = 2_000;
    Places many = new Places(2 * rounds, 0, 10);
    for (int i = 0; i < 2 * rounds; i++) {
      assertThat(many.tryTake(Category.MARKETING)).isTrue();
    }
    for (int i = 0; i < rounds; i++) {
      AttemptId attempt = AttemptId.of(ADA, new StepKey("cmp_b", "hello"), i);
      int before = told.size();
      courier.carry(ADA, attempt, GRANTED_AT, Outcome.unknown("connectionLost"), many);
      acknowledge(told.get(before)); // crosses the second outcome of the same attempt
      courier.carry(ADA, attempt, GRANTED_AT, ACCEPTED, many);
      acknowledge(told.get(before + 1));
    }
    Awaitility.await("all places are free").until(() -> many.taken() == 0);
    acknowledge(told.get(0));
    assertThat(many.taken()).isZero();
  }
}

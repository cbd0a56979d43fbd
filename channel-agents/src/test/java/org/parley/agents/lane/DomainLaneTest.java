package org.parley.agents.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.Attempts;
import org.parley.core.api.Outcome;
import org.parley.core.spi.Attempt;

class DomainLaneTest {
  private final AtomicLong now = new AtomicLong();
  private final FakeCarrier carrier = new FakeCarrier("main");
  private final ArrayDeque<Runnable> alarms = new ArrayDeque<>();

  private static LaneSettings settings(DomainSettings domains, WarmUp warmUp) {
    return new LaneSettings(
        "main",
        1,
        100,
        1_000_000,
        100,
        Duration.ofHours(1),
        new LaneSettings.BreakerSettings(true, 10, 10, 50, Duration.ofSeconds(30), 3),
        domains,
        warmUp);
  }

  private static DomainSettings domains(int connections, int perSecond, int queue) {
    return new DomainSettings(
        new DomainSettings.Limits(1000, 1_000_000),
        Map.of("big.example", new DomainSettings.Limits(connections, perSecond)),
        queue,
        100,
        Duration.ofSeconds(1),
        Duration.ofMinutes(10));
  }

  private Lane lane(LaneSettings settings) {
    return new Lane(
        settings, carrier, attempt -> Optional.empty(), (n, task) -> alarms.add(task), now::get);
  }

  private void pass(Lane lane, Duration time) {
    now.addAndGet(time.toNanos());
    List<Runnable> due = List.copyOf(alarms);
    alarms.clear();
    due.forEach(Runnable::run);
    lane.tick();
  }

  private Job offer(Lane lane, String address) {
    return offer(lane, tenMinutes(Attempts.to(address)));
  }

  /** The same attempt, whose grant ends by the test's clock. */
  private Attempt tenMinutes(Attempt attempt) {
    return attempt.ending(attempt.until(), now.get() + Duration.ofMinutes(10).toNanos());
  }

  private Job offer(Lane lane, Attempt attempt) {
    Job job = new Job(attempt);
    lane.offer(job);
    return job;
  }

  private List<String> sent() {
    return carrier.sent().stream().map(Attempt::address).toList();
  }

  @Test
  void aDomainGetsNoMoreConnectionsThanItMayAndOthersGoPast() {
    Lane lane = lane(settings(domains(2, 1_000_000, 50), WarmUp.NONE));
    for (int i = 0; i < 5; i++) offer(lane, i + "@BIG.example");
    offer(lane, "x@small.example");

    assertThat(sent()).containsExactly("0@BIG.example", "1@BIG.example", "x@small.example");
    assertThat(lane.depth()).isEqualTo(3);

    carrier.accept();
    assertThat(sent()).endsWith("2@BIG.example");
    for (int i = 0; i < 5; i++) carrier.accept();
    assertThat(lane.isIdle()).isTrue();
    assertThat(sent()).endsWith("2@BIG.example", "3@BIG.example", "4@BIG.example");
  }

  @Test
  void aDomainHasAPaceOfItsOwn() {
    Lane lane = lane(settings(domains(100, 10, 50), WarmUp.NONE));
    for (int i = 0; i < 5; i++) offer(lane, i + "@big.example");
    for (int i = 0; i < 5; i++) offer(lane, i + "@small.example");
    assertThat(sent()).hasSize(6);

    for (int i = 1; i <= 4; i++) {
      pass(lane, Duration.ofMillis(101));
      assertThat(sent()).hasSize(6 + i);
    }
    assertThat(sent()).endsWith("4@big.example");
  }

  @Test
  void aDeferralLeavesThatDomainAloneForLongerEachTimeAndNoOther() {
    Lane lane = lane(settings(domains(100, 1_000_000, 50), WarmUp.NONE));
    Job first = offer(lane, "a@big.example");
    carrier.answer(Outcome.notSent("main", "deferred", "450 later"));
    assertThat(first.outcome().reason()).contains("deferred");
    for (int i = 0; i < 3; i++) offer(lane, i + "@big.example");
    offer(lane, "a@small.example");
    assertThat(sent()).containsExactly("a@big.example", "a@small.example");
    carrier.accept();

    pass(lane, Duration.ofMillis(400));
    assertThat(sent()).hasSize(2);
    pass(lane, Duration.ofMillis(601));
    assertThat(sent().subList(2, sent().size())).isNotEmpty();

    // Put off again by all: the pause doubles once, not once for each.
    while (carrier.onWire() > 0) carrier.answer(Outcome.notSent("main", "deferred", "450 later"));
    int before = sent().size();
    offer(lane, "b@big.example");
    pass(lane, Duration.ofMillis(950));
    assertThat(sent()).hasSize(before);
    pass(lane, Duration.ofMillis(1051));
    assertThat(sent().size()).isGreaterThan(before);
  }

  @Test
  void aDomainIsLeftAloneWhateverNumberMayWaitForIt() {
    for (int queue : List.of(500, 1000, 1001)) {
      String own = "domain-defaults { queue = " + queue + " }";
      LaneSettings read =
          LaneSettings.read("main", Attempts.carrier(25, own), InstantSource.system());
      Lane lane = lane(settings(read.domains(), WarmUp.NONE));
      offer(lane, "a@big.example");
      carrier.answer(Outcome.notSent("main", "deferred", "450 later"));

      offer(lane, "b@big.example");

      assertThat(carrier.onWire()).as("%d may wait", queue).isZero();
      assertThat(lane.depth()).isEqualTo(1);
    }
  }

  @Test
  void successesTakeTheDeferralsBack() {
    Lane lane = lane(settings(domains(2, 1_000_000, 50), WarmUp.NONE));
    offer(lane, "a@big.example");
    carrier.answer(Outcome.notSent("main", "greylisted", "450 later"));
    for (int i = 0; i < 4; i++) offer(lane, i + "@big.example");
    pass(lane, Duration.ofMillis(1001));
    assertThat(carrier.onWire()).isEqualTo(1);

    carrier.accept();

    assertThat(carrier.onWire()).isEqualTo(2);
  }

  @Test
  void oneDomainsDeferralsDoNotOpenTheBreakerForAll() {
    Lane lane = lane(settings(domains(100, 1_000_000, 50), WarmUp.NONE));
    for (int i = 0; i < 30; i++) offer(lane, i + "@big.example");
    while (carrier.onWire() > 0) carrier.answer(Outcome.notSent("main", "deferred", "450 later"));

    Job other = offer(lane, "a@small.example");
    carrier.accept();

    assertThat(other.outcome().kind()).isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void whoWouldNotLiveToSeeTheEndOfThePauseIsAnsweredAtOnce() {
    DomainSettings slow =
        new DomainSettings(
            new DomainSettings.Limits(1, 1_000_000),
            Map.of(),
            50,
            100,
            Duration.ofHours(1),
            Duration.ofHours(1));
    Lane lane = lane(settings(slow, WarmUp.NONE));
    offer(lane, "a@big.example");
    Job waited = offer(lane, "b@big.example"); // for ten minutes at most
    carrier.answer(Outcome.notSent("main", "deferred", "450 later"));

    Job late = offer(lane, "c@big.example");
    lane.tick();

    assertThat(late.outcome().reason()).contains("domainBackoff");
    assertThat(late.outcome().kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(waited.outcome().reason()).contains("domainBackoff");
    assertThat(lane.isIdle()).isTrue();
  }

  @Test
  void whoLivesLongEnoughWaitsWhateverTheMachinesClockSays() {
    Lane lane = lane(settings(domains(100, 1_000_000, 50), WarmUp.NONE));
    offer(lane, "a@big.example");
    carrier.answer(Outcome.notSent("main", "deferred", "450 later"));
    Attempt granted = Attempts.to("b@big.example");
    Instant anHourBehind = granted.until().minus(Duration.ofHours(1));
    offer(lane, granted.ending(anHourBehind, tenMinutes(granted).deadlineNanos()));

    lane.tick();
    pass(lane, Duration.ofMillis(1001));

    assertThat(sent()).containsExactly("a@big.example", "b@big.example");
  }

  @Test
  void whatWaitsForADomainIsBoundedWithinTheLanesQueue() {
    Lane lane = lane(settings(domains(1, 1_000_000, 3), WarmUp.NONE));
    for (int i = 0; i < 4; i++) offer(lane, i + "@big.example");

    Job refused = offer(lane, "late@big.example");

    assertThat(refused.outcome().reason()).contains("domainFull");
    assertThat(lane.depth()).isEqualTo(3);
    lane.close();
    assertThat(lane.depth()).isZero();
  }

  @Test
  void aTransactionalAttemptGoesFirstWithinItsDomain() {
    Lane lane = lane(settings(domains(1, 1_000_000, 10), WarmUp.NONE));
    offer(lane, "a@big.example");
    offer(lane, "b@big.example");
    offer(lane, tenMinutes(Attempts.transactional("urgent@big.example")));

    carrier.accept();

    assertThat(sent()).endsWith("urgent@big.example");
  }

  @Test
  void onlySoManyDomainsAreRemembered() {
    Domains domains =
        new Domains(
            "main",
            new DomainSettings(
                new DomainSettings.Limits(1, 1_000_000),
                Map.of(),
                10,
                5,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10)),
            InstantSource.system(),
            0);
    List<Domains.Refused> refused = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      ArrayDeque<LaneJob> queue = new ArrayDeque<>();
      queue.add(new Job(Attempts.to("a@domain" + i + ".example")));
      domains.next(new ArrayDeque<>(), queue, i, refused);
    }

    assertThat(domains.remembered()).isEqualTo(5);
    assertThat(domains.parked()).isLessThanOrEqualTo(10);
  }

  @Test
  void namedDomainsTakeTheirNumbersFromTheSettingsAndBadOnesAreRefused() {
    LaneSettings read =
        LaneSettings.read(
            "main",
            Attempts.carrier(25, "domains { \"Gmail.com\" { connections = 10, per-second = 50 } }"),
            InstantSource.system());

    assertThat(read.domains().of("gmail.com")).isEqualTo(new DomainSettings.Limits(10, 50));
    assertThat(read.domains().of("x.example").connections()).isEqualTo(1000);
    assertThatThrownBy(
            () ->
                LaneSettings.read(
                    "main",
                    Attempts.carrier(25, "domains { gmail.com { pace = 1 }}"),
                    InstantSource.system()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("in quotes");
    assertThatThrownBy(
            () ->
                LaneSettings.read(
                    "main", Attempts.carrier(25, "warm-up.daily = [5]"), InstantSource.system()))
        .hasMessageContaining("warm-up");
  }

  @Test
  void aNewCarrierCarriesNoMoreThanTheDaysNumberAlsoOverARestart(@TempDir Path folder)
      throws Exception {
    AtomicReference<Instant> clock = new AtomicReference<>(Instant.parse("2026-01-01T10:00:00Z"));
    Path file = folder.resolve("main.count");
    LocalDate first = LocalDate.parse("2026-01-01");
    WarmUp warmUp = new WarmUp("main", first, List.of(200, 500), file, clock::get);
    Lane lane = lane(settings(DomainSettings.NONE, warmUp));
    for (int i = 0; i < 150; i++) {
      offer(lane, "a@example.com");
      carrier.accept();
    }

    WarmUp again = new WarmUp("main", first, List.of(200, 500), file, clock::get);
    int more = takeAll(again);

    assertThat(more).isBetween(48, 50);
    assertThat(Files.readString(file)).startsWith("2026-01-01 200");
    clock.set(Instant.parse("2026-01-02T00:00:01Z"));
    assertThat(takeAll(again)).isEqualTo(500);
    clock.set(Instant.parse("2026-01-03T00:00:01Z"));
    assertThat(takeAll(again)).isEqualTo(10_000);
    clock.set(Instant.parse("2025-12-31T00:00:01Z"));
    assertThat(takeAll(again)).isZero();
  }

  @Test
  void aClockSetBackOverMidnightGivesNoDaysNumberAgainAlsoOverARestart(@TempDir Path folder) {
    AtomicReference<Instant> clock = new AtomicReference<>(Instant.parse("2026-01-01T10:00:00Z"));
    Path file = folder.resolve("main.count");
    LocalDate first = LocalDate.parse("2026-01-01");
    WarmUp warmUp = new WarmUp("main", first, List.of(200, 500), file, clock::get);
    assertThat(takeAll(warmUp)).isEqualTo(200);
    clock.set(Instant.parse("2026-01-02T00:00:01Z"));
    assertThat(takeAll(warmUp)).isEqualTo(500);

    clock.set(Instant.parse("2026-01-01T23:59:59Z"));
    assertThat(takeAll(warmUp)).isZero();
    assertThat(takeAll(new WarmUp("main", first, List.of(200, 500), file, clock::get))).isZero();
    clock.set(Instant.parse("2026-01-02T00:00:00Z"));
    assertThat(takeAll(warmUp)).isZero();
  }

  @Test
  void beyondTheDaysNumberTheAnswerIsNotSent(@TempDir Path folder) {
    Lane lane = lane(settings(DomainSettings.NONE, warmUp(folder, 1)));
    offer(lane, "a@example.com");

    Job second = offer(lane, "b@example.com");

    assertThat(second.outcome().kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(second.outcome().reason()).contains("warmUp");
    assertThat(Lane.invitesFailover(second.outcome())).isTrue();
  }

  @Test
  void anOutageDoesNotUseUpTheDaysNumber(@TempDir Path folder) {
    Lane lane = lane(settings(DomainSettings.NONE, warmUp(folder, 2)));
    AtomicInteger told = new AtomicInteger();
    lane.whenRoomChanges(told::incrementAndGet);
    for (int i = 0; i < 3; i++) {
      Job one = offer(lane, "a@example.com");
      Job other = offer(lane, "b@example.com");
      assertThat(lane.room()).isZero();

      carrier.answer(Outcome.notSent("main", "connectFailed", "nobody listens"));
      carrier.answer(Outcome.notSent("expired"));

      assertThat(one.outcome().reason()).contains("connectFailed");
      assertThat(other.outcome().reason()).contains("expired");
      assertThat(told).hasValue(i + 1);
      assertThat(lane.room()).isEqualTo(2);
    }
  }

  @Test
  void whatAReceiverPutsOffCountsForTheDay(@TempDir Path folder) {
    Lane lane = lane(settings(DomainSettings.NONE, warmUp(folder, 4)));
    for (String reason : List.of("greylisted", "mailboxFull")) {
      offer(lane, "a@example.com");
      carrier.answer(Outcome.notSent("main", reason, "450 later"));
    }
    offer(lane, "a@example.com");
    carrier.answer(Outcome.unknown("main", "connectionLost", "after the final dot"));
    offer(lane, "a@example.com");
    carrier.accept();

    assertThat(offer(lane, "a@example.com").outcome().reason()).contains("warmUp");
  }

  @Test
  void whatIsGivenBackAfterMidnightMakesTheNextDayNoLarger(@TempDir Path folder) {
    AtomicReference<Instant> clock = new AtomicReference<>(Instant.parse("2026-01-01T23:59:59Z"));
    LocalDate first = LocalDate.parse("2026-01-01");
    WarmUp warmUp = new WarmUp("main", first, List.of(2, 3), folder.resolve("count"), clock::get);
    LocalDate yesterday = warmUp.tryTake().orElseThrow();
    clock.set(Instant.parse("2026-01-02T00:00:01Z"));
    assertThat(takeAll(warmUp)).isEqualTo(3);

    assertThat(warmUp.giveBack(yesterday)).isFalse();

    assertThat(takeAll(warmUp)).isZero();
  }

  private static WarmUp warmUp(Path folder, int today) {
    return new WarmUp(
        "main",
        LocalDate.parse("2026-01-01"),
        List.of(today),
        folder.resolve("count"),
        InstantSource.fixed(Instant.parse("2026-01-01T10:00:00Z")));
  }

  private static int takeAll(WarmUp warmUp) {
    int taken = 0;
    while (taken < 10_000 && warmUp.tryTake().isPresent()) taken++;
    return taken;
  }

  /** A job that keeps its answer. */
  private static final class Job implements LaneJob {
    private final Attempt attempt;
    private final java.util.concurrent.CompletableFuture<Outcome> answer =
        new java.util.concurrent.CompletableFuture<>();

    Job(Attempt attempt) {
      this.attempt = attempt;
    }

    @Override
    public Attempt attempt() {
      return attempt;
    }

    @Override
    public boolean enterWire() {
      return true;
    }

    @Override
    public boolean isSettled() {
      return false;
    }

    @Override
    public void answered(Outcome outcome) {
      if (!answer.complete(outcome)) throw new AssertionError("answered twice");
    }

    Outcome outcome() {
      try {
        return answer.get(10, TimeUnit.SECONDS);
      } catch (Exception e) {
        throw new AssertionError("no answer", e);
      }
    }
  }
}

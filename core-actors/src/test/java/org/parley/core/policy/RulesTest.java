package org.parley.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;
import static org.quicktheories.generators.SourceDSL.longs;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.SendWindow;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.Profile;

class RulesTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Rules RULES =
      new Rules(new PolicySettings(Optional.empty(), ZoneId.of("UTC"), false));
  private static final Rules STRICT =
      new Rules(new PolicySettings(Optional.empty(), ZoneId.of("UTC"), true));

  @Test
  void whoeverHasNotOptedOutMayBeContactedUnlessOptInIsRequired() {
    assertThat(RULES.judge(marketing(Policy.NONE), person("UTC", Map.of()), NOON))
        .isEqualTo(new Decision.Send());
    assertThat(STRICT.judge(marketing(Policy.NONE), person("UTC", Map.of()), NOON))
        .isEqualTo(new Decision.Refuse("noConsent"));
    Map<Channel, ConsentState> in = Map.of(Channel.EMAIL, ConsentState.OPTED_IN);
    assertThat(STRICT.judge(marketing(Policy.NONE), person("UTC", in), NOON))
        .isEqualTo(new Decision.Send());
  }

  @Test
  void anOptOutFromEmailLeavesTransactionalMail() {
    Map<Channel, ConsentState> out = Map.of(Channel.EMAIL, ConsentState.OPTED_OUT);
    assertThat(RULES.judge(marketing(Policy.NONE), person("UTC", out), NOON))
        .isEqualTo(new Decision.Refuse("optedOut"));
    Rules.Touch receipt =
        new Rules.Touch(Channel.EMAIL, Category.TRANSACTIONAL, Schedule.NOW, Policy.NONE);
    assertThat(RULES.judge(receipt, person("UTC", out), NOON)).isEqualTo(new Decision.Send());
  }

  @Test
  void stopOnAPhoneNumberEndsAllTexts() {
    Map<Channel, ConsentState> out = Map.of(Channel.SMS, ConsentState.OPTED_OUT);
    Rules.Touch code =
        new Rules.Touch(Channel.SMS, Category.TRANSACTIONAL, Schedule.NOW, Policy.NONE);
    assertThat(RULES.judge(code, person("UTC", out), NOON))
        .isEqualTo(new Decision.Refuse("optedOut"));
  }

  @Test
  void anAddressThatMustNotBeUsedIsNotUsed() {
    Rules.Person bounced =
        new Rules.Person(profile("UTC"), Map.of(), List.of("Ada@Example.com"), Contacts.NONE);
    assertThat(RULES.judge(marketing(Policy.NONE), bounced, NOON))
        .isEqualTo(new Decision.Refuse("addressSuppressed"));
    Rules.Person unreachable = new Rules.Person(Profile.EMPTY, Map.of(), List.of(), Contacts.NONE);
    assertThat(RULES.judge(marketing(Policy.NONE), unreachable, NOON))
        .isEqualTo(new Decision.Refuse("noAddress"));
  }

  @Test
  void aHoldThatWouldEndAfterTheCampaignIsARefusal() {
    Policy quiet = quiet(LocalTime.of(11, 0), LocalTime.of(15, 0));
    Schedule ends =
        new Schedule(
            Optional.empty(), Optional.of(NOON.plus(Duration.ofHours(2))), Optional.empty());
    Rules.Touch touch = new Rules.Touch(Channel.EMAIL, Category.MARKETING, ends, quiet);
    assertThat(RULES.judge(touch, person("UTC", Map.of()), NOON))
        .isEqualTo(new Decision.Refuse("campaignEnded"));
  }

  @Test
  void quietHoursAreThoseOfTheCustomer() {
    Policy night = quiet(LocalTime.of(21, 0), LocalTime.of(8, 0));
    assertThat(RULES.judge(marketing(night), person("UTC", Map.of()), NOON))
        .isEqualTo(new Decision.Send());
    // Noon in UTC is 21:00 in Tokyo; it ends at 8:00 there.
    assertThat(RULES.judge(marketing(night), person("Asia/Tokyo", Map.of()), NOON))
        .isEqualTo(new Decision.Hold("quietHours", Instant.parse("2026-11-24T23:00:00Z")));
  }

  @Test
  void aWindowThatOpensInTheGapOfDaylightSavingOpensAtItsEnd() {
    // On 29 March 2026 clocks in Berlin go from 2:00 to 3:00.
    Instant before = Instant.parse("2026-03-29T00:30:00Z");
    Rules.Touch touch = windowed(LocalTime.of(2, 30), LocalTime.of(4, 0), "customer");
    assertThat(RULES.judge(touch, person("Europe/Berlin", Map.of()), before))
        .isEqualTo(new Decision.Hold("sendWindow", Instant.parse("2026-03-29T01:30:00Z")));
  }

  @Test
  void aTouchIsOnlySentInsideItsWindowAndAHoldEndsInsideIt() {
    qt().forAll(
            integers().between(0, 1439),
            integers().between(0, 1439),
            longs().between(0, 400L * 24 * 3600),
            integers().between(0, 4))
        .assuming((from, to, offset, zone) -> !from.equals(to))
        .check(
            (from, to, offset, zone) -> {
              String name =
                  List.of(
                          "UTC",
                          "Europe/Berlin",
                          "America/New_York",
                          "Asia/Kathmandu",
                          "Pacific/Apia")
                      .get(zone);
              LocalTime opens = LocalTime.ofSecondOfDay(from * 60L);
              LocalTime closes = LocalTime.ofSecondOfDay(to * 60L);
              Instant now = NOON.plusSeconds(offset);
              Rules.Touch touch = windowed(opens, closes, "customer");
              Rules.Person person = person(name, Map.of());
              Decision decision = RULES.judge(touch, person, now);
              if (decision instanceof Decision.Send) return true;
              Instant until = ((Decision.Hold) decision).until();
              return until.isAfter(now)
                  && !until.isAfter(now.plus(Duration.ofHours(25)))
                  && RULES.judge(touch, person, until) instanceof Decision.Send;
            });
  }

  @Test
  void noSpanOfACapEverHoldsMoreThanItAllows() {
    qt().forAll(
            lists().of(integers().between(1, 5000)).ofSizeBetween(1, 60),
            integers().between(1, 5),
            integers().between(1, 48))
        .check(
            (gaps, messages, hours) -> {
              FrequencyCap cap = new FrequencyCap(messages, Duration.ofHours(hours), OnLimit.SKIP);
              Contacts contacts = Contacts.NONE;
              Instant now = NOON;
              for (int minutes : gaps) {
                now = now.plus(Duration.ofMinutes(minutes));
                Rules.Person person =
                    new Rules.Person(profile("UTC"), Map.of(), List.of(), contacts);
                if (RULES.judge(marketing(capped(cap)), person, now) instanceof Decision.Send) {
                  contacts = contacts.with(now);
                }
              }
              List<Instant> times = contacts.times();
              for (int i = 0; i + messages < times.size(); i++) {
                Duration span = Duration.between(times.get(i), times.get(i + messages));
                if (span.compareTo(cap.per()) < 0) return false;
              }
              return true;
            });
  }

  @Test
  void aHeldTouchIsAllowedWhenItsHoldEnds() {
    FrequencyCap cap = new FrequencyCap(2, Duration.ofDays(1), OnLimit.HOLD);
    Contacts contacts =
        Contacts.NONE.with(NOON.minus(Duration.ofHours(20))).with(NOON.minusSeconds(60));
    Rules.Person person = new Rules.Person(profile("UTC"), Map.of(), List.of(), contacts);
    Decision.Hold hold = (Decision.Hold) RULES.judge(marketing(capped(cap)), person, NOON);
    assertThat(hold.until()).isEqualTo(NOON.plus(Duration.ofHours(4)));
    assertThat(RULES.judge(marketing(capped(cap)), person, hold.until()))
        .isEqualTo(new Decision.Send());
  }

  @Test
  void aContactThatDidNotHappenIsTakenBack() {
    Contacts contacts = Contacts.NONE.with(NOON).with(NOON.plusSeconds(1));
    assertThat(contacts.without(NOON).times()).containsExactly(NOON.plusSeconds(1));
    assertThat(contacts.without(NOON.plusSeconds(9))).isEqualTo(contacts);
  }

  private static Policy capped(FrequencyCap cap) {
    return new Policy(Optional.of(cap), Optional.empty(), Optional.empty());
  }

  private static Policy quiet(LocalTime from, LocalTime to) {
    return new Policy(Optional.empty(), Optional.of(new QuietHours(from, to)), Optional.empty());
  }

  private static Rules.Touch marketing(Policy policy) {
    return new Rules.Touch(Channel.EMAIL, Category.MARKETING, Schedule.NOW, policy);
  }

  private static Rules.Touch windowed(LocalTime from, LocalTime to, String zone) {
    Schedule schedule =
        new Schedule(
            Optional.empty(), Optional.empty(), Optional.of(new SendWindow(from, to, zone)));
    return new Rules.Touch(Channel.EMAIL, Category.MARKETING, schedule, Policy.NONE);
  }

  private static Rules.Person person(String zone, Map<Channel, ConsentState> consent) {
    return new Rules.Person(profile(zone), consent, List.of(), Contacts.NONE);
  }

  private static Profile profile(String zone) {
    return new Profile(
        Optional.of("ada@example.com"),
        Optional.of("+442071838750"),
        Optional.of(zone),
        Optional.empty(),
        Map.of(),
        NOON);
  }
}

package org.parley.core.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Fallback;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.SendWindow;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Refusal.Problem;
import org.parley.core.api.Template;
import org.parley.core.api.Trigger;

class DefinitionCheckTest {
  private static final Instant NOW = Instant.parse("2026-12-01T09:00:00Z");
  private static final Template TEMPLATE = Template.text("{{firstName}}, hello", "Hello");
  private static final LocalTime NINE = LocalTime.of(9, 0);
  private static final LocalTime TWENTY = LocalTime.of(20, 0);
  private static final Step FIRST = step("hello", Optional.empty());

  @Test
  void theSampleCampaignHasNoProblems() {
    CampaignDefinition definition =
        new CampaignDefinition(
            "Spring sale",
            "aud_1",
            Category.MARKETING,
            List.of(FIRST, after("nudge", "hello", Trigger.NO_REPLY, Duration.ofDays(2))),
            new Schedule(
                Optional.of(NOW),
                Optional.of(NOW.plusSeconds(1)),
                Optional.of(new SendWindow(NINE, TWENTY, "customer"))),
            new Policy(
                Optional.of(new FrequencyCap(1, Duration.ofDays(1), OnLimit.SKIP)),
                Optional.of(new QuietHours(TWENTY, NINE)),
                Optional.of(5_000)));

    assertThat(problems(definition)).isEmpty();
  }

  @Test
  void everythingAtItsLimitIsFine() {
    List<Step> steps = new ArrayList<>();
    steps.add(step("a".repeat(64), Optional.empty()));
    for (int i = 1; i < 20; i++) {
      steps.add(after("s_-" + i, "a".repeat(64), Trigger.FAILED, Duration.ofDays(365)));
    }
    steps.set(
        19,
        step(
            "last",
            Optional.of(
                new After(
                    "s_-1", Trigger.REPLY, Duration.ZERO, Optional.of(Duration.ofDays(365))))));
    CampaignDefinition definition =
        new CampaignDefinition(
            "n".repeat(200),
            "aud_1",
            Category.TRANSACTIONAL,
            steps,
            new Schedule(
                Optional.empty(),
                Optional.of(NOW),
                Optional.of(new SendWindow(TWENTY, NINE, "America/Argentina/Buenos_Aires"))),
            new Policy(
                Optional.of(new FrequencyCap(100, Duration.ofMinutes(1), OnLimit.HOLD)),
                Optional.empty(),
                Optional.of(100_000)));

    assertThat(problems(definition)).isEmpty();
  }

  @Test
  void anUnknownAudienceIsNamedAndTheRestIsStillJudged() {
    CampaignDefinition definition = withSteps(step("a b", Optional.empty()));

    assertThat(DefinitionCheck.problems(definition, Optional.empty()))
        .containsExactly(
            new Problem("/audience", "there is no audience 'aud_1'"),
            new Problem(
                "/steps/0/id",
                "'a b' is not a step's id: letters, digits, '-' and '_', 1 to 64 of them"));
  }

  @Test
  void anAudienceWithoutMembersIsRefused() {
    Audience empty =
        new Audience("aud_1", "x", Audience.Status.EMPTY, List.of("firstName"), 0, 0, NOW);

    assertThat(DefinitionCheck.problems(withSteps(FIRST), Optional.of(empty)))
        .containsExactly(
            new Problem("/audience", "the audience has no members yet; import some first"));
  }

  static Stream<Arguments> badNames() {
    return Stream.of(
        arguments("", "a campaign needs a name"),
        arguments("  ", "a campaign needs a name"),
        arguments("x".repeat(201), "has 201 characters; at most 200 are allowed"),
        arguments("a\nb", "contains control characters"),
        arguments("a\ud800", "contains half of a surrogate pair"));
  }

  @ParameterizedTest
  @MethodSource("badNames")
  void aNameIsForPeople(String name, String detail) {
    CampaignDefinition definition =
        new CampaignDefinition(
            name, "aud_1", Category.MARKETING, List.of(FIRST), Schedule.NOW, Policy.NONE);

    assertThat(problems(definition)).containsExactly(new Problem("/name", detail));
  }

  static Stream<Arguments> badSteps() {
    Duration day = Duration.ofDays(1);
    return Stream.of(
        arguments(List.of(), "/steps", "a campaign needs at least one step"),
        arguments(Collections.nCopies(21, FIRST), "/steps", "21 steps; at most 20 are allowed"),
        arguments(
            List.of(FIRST, after("hello", "hello", Trigger.REPLY, day)),
            "/steps/1/id",
            "step 0 is called 'hello' already"),
        arguments(
            List.of(FIRST, after("", "hello", Trigger.REPLY, day)),
            "/steps/1/id",
            "'' is not a step's id: letters, digits, '-' and '_', 1 to 64 of them"),
        arguments(
            List.of(after("hello", "x", Trigger.REPLY, day)),
            "/steps/0/after",
            "the first step starts with the campaign and follows nothing"),
        arguments(
            List.of(FIRST, step("nudge", Optional.empty())),
            "/steps/1/after",
            "is missing: only the first step starts with the campaign, each other follows an earlier"
                + " one"),
        arguments(
            List.of(FIRST, after("nudge", "helo", Trigger.REPLY, day)),
            "/steps/1/after/step",
            "there is no step 'helo'; did you mean 'hello'?"),
        arguments(
            List.of(FIRST, after("nudge", "nudge", Trigger.REPLY, day)),
            "/steps/1/after/step",
            "step 'nudge' waits for itself"),
        arguments(
            List.of(
                FIRST,
                after("a", "b", Trigger.REPLY, day),
                after("b", "hello", Trigger.REPLY, day)),
            "/steps/1/after/step",
            "step 'b' comes later; a step may only follow one that stands before it"),
        arguments(
            List.of(
                FIRST,
                after("a", "c", Trigger.REPLY, day),
                after("b", "a", Trigger.REPLY, day),
                after("c", "b", Trigger.REPLY, day)),
            "/steps/1/after/step",
            "step 'a' waits for 'c', which waits for it in turn"),
        arguments(
            List.of(FIRST, after("a", "hello", Trigger.REPLY, Duration.ofSeconds(-1))),
            "/steps/1/after/wait",
            "PT-1S is not within 0 to 365 days"),
        arguments(
            List.of(FIRST, after("a", "hello", Trigger.REPLY, Duration.ofSeconds(Long.MAX_VALUE))),
            "/steps/1/after/wait",
            Duration.ofSeconds(Long.MAX_VALUE) + " is not within 0 to 365 days"),
        arguments(
            List.of(
                FIRST,
                step(
                    "a", Optional.of(new After("hello", Trigger.NO_REPLY, day, Optional.of(day))))),
            "/steps/1/after/within",
            "only a step that follows on a reply has 'within'"),
        arguments(
            List.of(
                FIRST,
                step(
                    "a",
                    Optional.of(
                        new After("hello", Trigger.REPLY, day, Optional.of(Duration.ZERO))))),
            "/steps/1/after/within",
            "PT0S is not within 1 minute to 365 days"),
        arguments(
            List.of(
                new Step(
                    "a", Channel.EMAIL, Optional.empty(), Template.text("{{firstname}}", "x"))),
            "/steps/0/template/subject",
            "line 1, column 1: nobody in the audience has 'firstname'; did you mean 'firstName'?"),
        arguments(
            List.of(new Step("a", Channel.SMS, Optional.empty(), Template.text("s", "x"))),
            "/steps/0/template/subject",
            "an SMS has no subject"));
  }

  @ParameterizedTest
  @MethodSource("badSteps")
  void aStepIsJudgedInItsPlace(List<Step> steps, String pointer, String detail) {
    assertThat(problems(withSteps(steps.toArray(new Step[0]))))
        .containsExactly(new Problem(pointer, detail));
  }

  @Test
  void aCampaignTravelsWholeSoItsTemplatesHaveALimitTogether() {
    String html = "<p>" + "é".repeat(400_000) + "</p>";
    Template large = new Template(Optional.of("Hello"), Optional.empty(), Optional.of(html));
    Step[] ten = new Step[10];
    for (int i = 0; i < ten.length; i++) {
      ten[i] = new Step("s" + i, Channel.EMAIL, i == 0 ? Optional.empty() : onReply("s0"), large);
    }
    Step fallback =
        new Step(
            "last",
            Channel.SMS,
            onReply("s0"),
            new Template(Optional.empty(), Optional.of("Hi"), Optional.empty()),
            Optional.of(
                new Fallback(Optional.of(Channel.EMAIL), Optional.of(large), Optional.empty())));
    List<Step> eleven = new ArrayList<>(List.of(ten));
    eleven.add(fallback);

    assertThat(problems(withSteps(ten))).isEmpty();
    assertThat(problems(withSteps(eleven.toArray(new Step[0]))))
        .containsExactly(
            new Problem(
                "/steps", "the templates have 8800134 bytes together; at most 8 MiB are allowed"));
  }

  static Stream<Arguments> badFallbacks() {
    Template text = new Template(Optional.empty(), Optional.of("Hi"), Optional.empty());
    Optional<Duration> hour = Optional.of(Duration.ofHours(1));
    return Stream.of(
        arguments(
            Channel.PHONE,
            new Fallback(Optional.empty(), Optional.empty(), Optional.empty()),
            "/steps/0/fallback",
            "is either a channel with its template, or a callback"),
        arguments(
            Channel.PHONE,
            new Fallback(Optional.of(Channel.SMS), Optional.of(text), hour),
            "/steps/0/fallback",
            "is either a channel with its template, or a callback"),
        arguments(
            Channel.SMS,
            new Fallback(Optional.empty(), Optional.empty(), hour),
            "/steps/0/fallback/callback",
            "only a call can be placed once more"),
        arguments(
            Channel.PHONE,
            new Fallback(Optional.empty(), Optional.empty(), Optional.of(Duration.ofSeconds(1))),
            "/steps/0/fallback/callback",
            "PT1S is not within 1 minute to 7 days"),
        arguments(
            Channel.PHONE,
            new Fallback(Optional.of(Channel.SMS), Optional.empty(), Optional.empty()),
            "/steps/0/fallback/template",
            "a fallback's channel needs a template"),
        arguments(
            Channel.PHONE,
            new Fallback(Optional.empty(), Optional.of(text), Optional.empty()),
            "/steps/0/fallback/channel",
            "a fallback's template needs a channel"),
        arguments(
            Channel.SMS,
            new Fallback(Optional.of(Channel.SMS), Optional.of(text), Optional.empty()),
            "/steps/0/fallback/channel",
            "is the channel that has failed; name another one"),
        arguments(
            Channel.PHONE,
            new Fallback(
                Optional.of(Channel.SMS), Optional.of(Template.text("s", "x")), Optional.empty()),
            "/steps/0/fallback/template/subject",
            "an SMS has no subject"));
  }

  @ParameterizedTest
  @MethodSource("badFallbacks")
  void aFallbackIsJudgedInItsPlace(
      Channel channel, Fallback fallback, String pointer, String detail) {
    Template text = new Template(Optional.empty(), Optional.of("Hi"), Optional.empty());
    Step step = new Step("a", channel, Optional.empty(), text, Optional.of(fallback));
    assertThat(problems(withSteps(step))).containsExactly(new Problem(pointer, detail));
  }

  @Test
  void aCallHasATextOrAnAudioFileAndATextMessageOnlyAText() {
    Template audio =
        new Template(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("welcome.wav"));
    Template elsewhere =
        new Template(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.of("../secret.wav"));
    assertThat(problems(withSteps(new Step("a", Channel.PHONE, Optional.empty(), audio))))
        .isEmpty();
    assertThat(problems(withSteps(new Step("a", Channel.PHONE, Optional.empty(), elsewhere))))
        .extracting(Problem::pointer)
        .containsExactly("/steps/0/template/audio");
    assertThat(problems(withSteps(new Step("a", Channel.SMS, Optional.empty(), audio))))
        .extracting(Problem::pointer)
        .containsExactly("/steps/0/template/text", "/steps/0/template/audio");
  }

  @Test
  void aStepOnAnIntentMayWaitForIt() {
    Optional<After> question =
        Optional.of(
            new After(
                "hello", Trigger.REPLY_QUESTION, Duration.ZERO, Optional.of(Duration.ofDays(1))));
    assertThat(problems(withSteps(FIRST, step("a", question)))).isEmpty();
  }

  static Stream<Arguments> badSchedules() {
    return Stream.of(
        arguments(
            new Schedule(Optional.of(NOW), Optional.of(NOW), Optional.empty()),
            "/schedule/endAt",
            "is not after startAt"),
        arguments(
            new Schedule(
                Optional.of(Instant.parse("1969-12-31T23:59:59Z")),
                Optional.empty(),
                Optional.empty()),
            "/schedule/startAt",
            "is not within the years 1970 to 9999"),
        arguments(
            new Schedule(Optional.of(NOW), Optional.of(Instant.MAX), Optional.empty()),
            "/schedule/endAt",
            "is not within the years 1970 to 9999"),
        arguments(
            window(NINE, NINE, "customer"),
            "/schedule/sendWindow/to",
            "is the same as from, so nothing could ever be sent"),
        arguments(
            window(NINE, TWENTY, "Europe/Pariss"),
            "/schedule/sendWindow/zone",
            "'Europe/Pariss' is neither 'customer' nor a known zone: it is not an IANA time zone"
                + " such as Europe/Paris; did you mean 'Europe/Paris'?"),
        arguments(
            window(NINE, TWENTY, "+02:00"),
            "/schedule/sendWindow/zone",
            "'+02:00' is neither 'customer' nor a known zone: it is not an IANA time zone such as"
                + " Europe/Paris"));
  }

  @ParameterizedTest
  @MethodSource("badSchedules")
  void aScheduleMustLeaveRoomToSend(Schedule schedule, String pointer, String detail) {
    CampaignDefinition definition =
        new CampaignDefinition(
            "x", "aud_1", Category.MARKETING, List.of(FIRST), schedule, Policy.NONE);

    assertThat(problems(definition)).containsExactly(new Problem(pointer, detail));
  }

  static Stream<Arguments> badPolicies() {
    Duration day = Duration.ofDays(1);
    return Stream.of(
        arguments(cap(0, day), "/policy/frequencyCap/messages", "0 is not within 1 to 100"),
        arguments(cap(101, day), "/policy/frequencyCap/messages", "101 is not within 1 to 100"),
        arguments(
            cap(1, Duration.ofSeconds(59)),
            "/policy/frequencyCap/per",
            "PT59S is not within 1 minute to 30 days"),
        arguments(
            cap(1, Duration.ofDays(30).plusNanos(1)),
            "/policy/frequencyCap/per",
            "PT720H0.000000001S is not within 1 minute to 30 days"),
        arguments(
            new Policy(Optional.empty(), Optional.of(new QuietHours(NINE, NINE)), Optional.empty()),
            "/policy/quietHours/to",
            "is the same as from; leave quietHours out instead"),
        arguments(rate(0), "/policy/ratePerSecond", "0 is not within 1 to 100000"),
        arguments(rate(100_001), "/policy/ratePerSecond", "100001 is not within 1 to 100000"));
  }

  @ParameterizedTest
  @MethodSource("badPolicies")
  void aPolicyIsHeldToItsBounds(Policy policy, String pointer, String detail) {
    CampaignDefinition definition =
        new CampaignDefinition(
            "x", "aud_1", Category.MARKETING, List.of(FIRST), Schedule.NOW, policy);

    assertThat(problems(definition)).containsExactly(new Problem(pointer, detail));
  }

  @Test
  void allProblemsAreToldAtOnceButNotWithoutEnd() {
    StringBuilder unknown = new StringBuilder();
    for (int i = 0; i < 100; i++) unknown.append("{{v").append(i).append("}}");
    Step bad =
        new Step("b d", Channel.EMAIL, Optional.empty(), Template.text("s", unknown.toString()));

    assertThat(problems(withSteps(Collections.nCopies(20, bad).toArray(new Step[0])))).hasSize(100);
  }

  private static List<Problem> problems(CampaignDefinition definition) {
    Audience audience =
        new Audience("aud_1", "x", Audience.Status.READY, List.of("firstName"), 10, 0, NOW);
    return DefinitionCheck.problems(definition, Optional.of(audience));
  }

  private static CampaignDefinition withSteps(Step... steps) {
    return new CampaignDefinition(
        "x", "aud_1", Category.MARKETING, List.of(steps), Schedule.NOW, Policy.NONE);
  }

  private static Optional<After> onReply(String step) {
    return Optional.of(new After(step, Trigger.REPLY, Duration.ZERO, Optional.empty()));
  }

  private static Step step(String id, Optional<After> after) {
    return new Step(id, Channel.EMAIL, after, TEMPLATE);
  }

  private static Step after(String id, String step, Trigger on, Duration delay) {
    return step(id, Optional.of(new After(step, on, delay, Optional.empty())));
  }

  private static Schedule window(LocalTime from, LocalTime to, String zone) {
    return new Schedule(
        Optional.empty(), Optional.empty(), Optional.of(new SendWindow(from, to, zone)));
  }

  private static Policy cap(int messages, Duration per) {
    return new Policy(
        Optional.of(new FrequencyCap(messages, per, OnLimit.SKIP)),
        Optional.empty(),
        Optional.empty());
  }

  private static Policy rate(int perSecond) {
    return new Policy(Optional.empty(), Optional.empty(), Optional.of(perSecond));
  }
}

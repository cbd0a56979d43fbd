package org.parley.core.check;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.After;
import org.parley.core.api.CampaignDefinition.Fallback;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignDefinition.SendWindow;
import org.parley.core.api.CampaignDefinition.Step;
import org.parley.core.api.Channel;
import org.parley.core.api.Refusal;
import org.parley.core.api.Template;
import org.parley.core.template.Names;
import org.parley.core.template.Renderer;

/**
 * Judges a campaign as a whole before it becomes durable, and names the place of each problem as a
 * JSON pointer (RFC 6901) into what was submitted. Pure: no clock, no I/O.
 */
public final class DefinitionCheck {
  private static final int MAX_NAME_CHARS = 200;
  private static final int MAX_STEPS = 20;
  private static final Pattern STEP_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final int MAX_CAP_MESSAGES = 100;
  private static final int MAX_RATE = 100_000;

  /** The nodes' {@code maximum-frame-size} is made for it. */
  private static final long MAX_TEMPLATE_BYTES = 8 << 20;

  private static final int MAX_PROBLEMS = 100;
  private static final Duration MAX_WAIT = Duration.ofDays(365);
  private static final Duration MIN_CALLBACK = Duration.ofMinutes(1);
  private static final Duration MAX_CALLBACK = Duration.ofDays(7);
  private static final Duration MIN_CAP_SPAN = Duration.ofMinutes(1);
  private static final Duration MAX_CAP_SPAN = Duration.ofDays(30);
  private static final Instant FIRST_TIME = Instant.EPOCH;
  private static final Instant LAST_TIME = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private final CampaignDefinition definition;
  private final Optional<Audience> audience;
  private final Renderer renderer;
  private final List<Refusal.Problem> problems = new ArrayList<>();

  /** The place of each step id; of several with the same id, the first. */
  private final Map<String, Integer> places = new HashMap<>();

  private DefinitionCheck(
      CampaignDefinition definition, Optional<Audience> audience, Renderer renderer) {
    this.definition = definition;
    this.audience = audience;
    this.renderer = renderer;
    for (int i = 0; i < definition.steps().size(); i++) {
      places.putIfAbsent(definition.steps().get(i).id(), i);
    }
  }

  /**
   * All that is wrong with a definition, in the order of its parts.
   *
   * @param audience the one that it names; empty when there is none of that id
   * @return at most 100 problems; none when the campaign may be created
   */
  public static List<Refusal.Problem> problems(
      CampaignDefinition definition, Optional<Audience> audience) {
    DefinitionCheck check = new DefinitionCheck(definition, audience, new Renderer());
    check.checkName();
    check.checkAudience();
    check.checkSteps();
    check.checkSchedule(definition.schedule());
    check.checkPolicy(definition.policy());
    return check.problems.subList(0, Math.min(check.problems.size(), MAX_PROBLEMS));
  }

  private void checkName() {
    String name = definition.name();
    if (name.isBlank()) {
      problem("/name", "a campaign needs a name");
    } else if (name.length() > MAX_NAME_CHARS) {
      problem(
          "/name",
          "has " + name.length() + " characters; at most " + MAX_NAME_CHARS + " are allowed");
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      problem("/name", "contains control characters");
    }
    try {
      ProfileCheck.checkText(name);
    } catch (NotAcceptable e) {
      problem("/name", e.reason());
    }
  }

  private void checkAudience() {
    if (audience.isEmpty()) {
      problem("/audience", "there is no audience " + quoted(definition.audience()));
    } else if (audience.get().accepted() == 0) {
      problem("/audience", "the audience has no members yet; import some first");
    }
  }

  private void checkSteps() {
    List<Step> steps = definition.steps();
    if (steps.isEmpty()) problem("/steps", "a campaign needs at least one step");
    if (steps.size() > MAX_STEPS) {
      problem("/steps", steps.size() + " steps; at most " + MAX_STEPS + " are allowed");
      return;
    }
    checkSize(steps);
    Optional<Set<String>> columns = audience.map(a -> new HashSet<>(a.columns()));
    for (int i = 0; i < steps.size() && problems.size() < MAX_PROBLEMS; i++) {
      Step step = steps.get(i);
      String pointer = "/steps/" + i;
      checkStepId(i, step.id(), pointer + "/id");
      if (step.after().isPresent()) {
        checkAfter(i, step.after().get(), pointer + "/after");
      } else if (i > 0) {
        problem(
            pointer + "/after",
            "is missing: only the first step starts with the campaign, each other follows an earlier"
                + " one");
      }
      checkTemplate(step.template(), step.channel(), columns, pointer + "/template");
      if (step.fallback().isPresent()) {
        checkFallback(step, step.fallback().get(), columns, pointer + "/fallback");
      }
    }
  }

  private void checkSize(List<Step> steps) {
    long bytes = 0;
    for (Step step : steps) {
      bytes += Renderer.bytes(step.template());
      bytes += step.fallback().flatMap(Fallback::template).map(Renderer::bytes).orElse(0L);
    }
    if (bytes > MAX_TEMPLATE_BYTES) {
      problem(
          "/steps", "the templates have " + bytes + " bytes together; at most 8 MiB are allowed");
    }
  }

  private void checkTemplate(
      Template template, Channel channel, Optional<Set<String>> columns, String pointer) {
    problems.addAll(
        columns.isPresent()
            ? renderer.check(template, channel, columns.get(), pointer)
            : renderer.checkSyntax(template, channel, pointer));
  }

  private void checkFallback(
      Step step, Fallback fallback, Optional<Set<String>> columns, String pointer) {
    boolean other = fallback.channel().isPresent() || fallback.template().isPresent();
    if (other == fallback.callback().isPresent()) {
      problem(pointer, "is either a channel with its template, or a callback");
      return;
    }
    if (fallback.callback().isPresent()) {
      if (step.channel() != Channel.PHONE) {
        problem(pointer + "/callback", "only a call can be placed once more");
      }
      checkSpan(
          fallback.callback().get(),
          MIN_CALLBACK,
          MAX_CALLBACK,
          "1 minute to 7 days",
          pointer + "/callback");
      return;
    }
    if (fallback.channel().isEmpty()) {
      problem(pointer + "/channel", "a fallback's template needs a channel");
    } else if (fallback.template().isEmpty()) {
      problem(pointer + "/template", "a fallback's channel needs a template");
    } else {
      if (fallback.channel().get() == step.channel()) {
        problem(pointer + "/channel", "is the channel that has failed; name another one");
      }
      checkTemplate(
          fallback.template().get(), fallback.channel().get(), columns, pointer + "/template");
    }
  }

  private void checkStepId(int place, String id, String pointer) {
    if (!STEP_ID.matcher(id).matches()) {
      problem(
          pointer,
          quoted(id) + " is not a step's id: letters, digits, '-' and '_', 1 to 64 of them");
      return;
    }
    int first = places.getOrDefault(id, place);
    if (first != place) problem(pointer, "step " + first + " is called " + quoted(id) + " already");
  }

  private void checkAfter(int place, After after, String pointer) {
    if (place == 0) {
      problem(pointer, "the first step starts with the campaign and follows nothing");
    } else {
      checkPredecessor(place, after.step(), pointer + "/step");
    }
    checkSpan(after.delay(), Duration.ZERO, MAX_WAIT, "0 to 365 days", pointer + "/wait");
    if (after.within().isEmpty()) return;
    if (!after.on().isReply()) {
      problem(pointer + "/within", "only a step that follows on a reply has 'within'");
    } else {
      Duration within = after.within().get();
      checkSpan(within, MIN_CAP_SPAN, MAX_WAIT, "1 minute to 365 days", pointer + "/within");
    }
  }

  private void checkPredecessor(int place, String id, String pointer) {
    Integer target = places.get(id);
    if (target == null) {
      problem(pointer, "there is no step " + quoted(id) + Names.didYouMean(id, earlierThan(place)));
      return;
    }
    if (target < place) return;
    String own = definition.steps().get(place).id();
    if (id.equals(own)) {
      problem(pointer, "step " + quoted(own) + " waits for itself");
    } else if (leadsTo(target, place)) {
      problem(
          pointer,
          "step " + quoted(own) + " waits for " + quoted(id) + ", which waits for it in turn");
    } else {
      problem(
          pointer,
          "step " + quoted(id) + " comes later; a step may only follow one that stands before it");
    }
  }

  /** Whether going from step to predecessor ever comes to a place. */
  private boolean leadsTo(int from, int wanted) {
    int at = from;
    for (int hops = 0; hops < definition.steps().size(); hops++) {
      if (at == wanted) return true;
      Optional<Integer> next = definition.steps().get(at).after().map(After::step).map(places::get);
      if (next.isEmpty()) return false;
      at = next.get();
    }
    return false;
  }

  private List<String> earlierThan(int place) {
    return definition.steps().subList(0, place).stream().map(Step::id).toList();
  }

  private void checkSchedule(Schedule schedule) {
    schedule.startAt().ifPresent(at -> checkTime(at, "/schedule/startAt"));
    schedule.endAt().ifPresent(at -> checkTime(at, "/schedule/endAt"));
    if (schedule.startAt().isPresent()
        && schedule.endAt().isPresent()
        && !schedule.endAt().get().isAfter(schedule.startAt().get())) {
      problem("/schedule/endAt", "is not after startAt");
    }
    if (schedule.sendWindow().isEmpty()) return;
    SendWindow window = schedule.sendWindow().get();
    if (window.from().equals(window.to())) {
      problem("/schedule/sendWindow/to", "is the same as from, so nothing could ever be sent");
    }
    if (window.zone().equals(SendWindow.CUSTOMER_ZONE)) return;
    try {
      Zones.normalise(window.zone());
    } catch (NotAcceptable e) {
      problem(
          "/schedule/sendWindow/zone",
          quoted(window.zone()) + " is neither 'customer' nor a known zone: it " + e.reason());
    }
  }

  /** Databases, and the arithmetic with times, end somewhere beyond. */
  private void checkTime(Instant at, String pointer) {
    if (at.isBefore(FIRST_TIME) || at.isAfter(LAST_TIME)) {
      problem(pointer, "is not within the years 1970 to 9999");
    }
  }

  private void checkPolicy(Policy policy) {
    if (policy.frequencyCap().isPresent()) {
      FrequencyCap cap = policy.frequencyCap().get();
      if (cap.messages() < 1 || cap.messages() > MAX_CAP_MESSAGES) {
        problem(
            "/policy/frequencyCap/messages",
            cap.messages() + " is not within 1 to " + MAX_CAP_MESSAGES);
      }
      checkSpan(
          cap.per(), MIN_CAP_SPAN, MAX_CAP_SPAN, "1 minute to 30 days", "/policy/frequencyCap/per");
    }
    if (policy.quietHours().isPresent()) {
      QuietHours quiet = policy.quietHours().get();
      if (quiet.from().equals(quiet.to())) {
        problem("/policy/quietHours/to", "is the same as from; leave quietHours out instead");
      }
    }
    int rate = policy.ratePerSecond().orElse(1);
    if (rate < 1 || rate > MAX_RATE) {
      problem("/policy/ratePerSecond", rate + " is not within 1 to " + MAX_RATE);
    }
  }

  private void checkSpan(
      Duration span, Duration least, Duration most, String allowed, String pointer) {
    if (span.compareTo(least) >= 0 && span.compareTo(most) <= 0) return;
    problem(pointer, span + " is not within " + allowed);
  }

  private void problem(String pointer, String detail) {
    problems.add(new Refusal.Problem(pointer, detail));
  }

  /** A submitted word within a sentence: one line, and not endless. */
  private static String quoted(String word) {
    String line = word.replaceAll("\\p{Cntrl}", " ");
    return "'" + (line.length() <= 80 ? line : line.substring(0, 80) + "…") + "'";
  }
}

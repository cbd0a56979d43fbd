package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.parley.core.api.AttemptId;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;

/**
 * One campaign in a test, of one step or of two. Its recipients have a domain of their own, so that
 * several campaigns share a carrier and a ledger.
 */
final class Run {
  private static final List<String> TOTALS =
      List.of("accepted", "pending", "delivered", "failed", "suppressed", "unknown");
  private static final Set<Integer> NOT_NOW = Set.of(0, 409, 503);
  private static final String AFTER =
      "\"after\":{\"step\":\"hello\",\"on\":\"delivered\",\"wait\":\"%s\"},";
  private static final String PAGE = "/recipients?limit=1000";

  /** Nobody's number is used twice: their campaigns share a ledger. */
  private static final AtomicInteger NUMBERS = new AtomicInteger(151_200_000);

  /** More tries than any touch is given. */
  private static final int TRIES = 100;

  /** A campaign that is getting on gets its next look within this. */
  private static final Duration LOOK = Pace.seconds(60);

  /** Of one campaign: a cluster on two cores sends 80 a second, of all that a run has beside it. */
  private static final int PER_SECOND = 15;

  private final Supplier<Client> client;
  private final Carrier carrier;
  private final String name;
  private final Map<String, String> audience;
  private final Set<String> addresses;
  private final String audienceId;
  private final String id;

  /** All campaigns of these people, this one too. */
  private final List<Run> family;

  /** Of all but the first of the family, whose attempts are the others. */
  private final Set<String> attempts;

  /**
   * What to send.
   *
   * @param name a word of its own, for the domain and the customer ids
   * @param channel email or sms
   * @param bounces how many of the recipients the carrier refuses for good
   * @param policy the campaign's, in JSON
   * @param pause how long after the step another one follows
   */
  record Plan(
      String name,
      String channel,
      String category,
      int recipients,
      int bounces,
      String policy,
      Optional<Duration> pause) {
    Plan(String name, String category, int recipients, int bounces) {
      this(name, "email", category, recipients, bounces, "{}", Optional.empty());
    }

    static Plan marketing(String name, int recipients) {
      return new Plan(name, "marketing", recipients, 0);
    }

    Plan over(String other) {
      return new Plan(name, other, category, recipients, bounces, policy, pause);
    }

    Plan withPolicy(String json) {
      return new Plan(name, channel, category, recipients, bounces, json, pause);
    }

    Plan followedAfter(Duration span) {
      Optional<Duration> then = Optional.of(span);
      return new Plan(name, channel, category, recipients, bounces, policy, then);
    }

    private Map<String, String> audience() {
      Map<String, String> addresses = new LinkedHashMap<>();
      for (int i = 0; i < recipients; i++) {
        String mail = name + i + '@' + (i < bounces ? "bounce" : name) + ".example";
        boolean isMail = channel.equals("email");
        addresses.put(name + i, isMail ? mail : "+4915" + NUMBERS.getAndIncrement());
      }
      return addresses;
    }
  }

  private Run(
      Supplier<Client> client,
      Carrier carrier,
      Plan plan,
      Map<String, String> audience,
      List<Run> family) {
    this.client = client;
    this.carrier = carrier;
    this.name = plan.name();
    this.audience = audience;
    this.addresses = Set.copyOf(audience.values());
    this.family = family;
    family.add(this);
    audienceId = insist(c -> c.post("/v1/audiences", "{\"name\":\"x\"}"), 201).text("id");
    String column = plan.channel().equals("email") ? "email" : "phone";
    StringBuilder csv = new StringBuilder("customerId,").append(column).append('\n');
    audience.forEach((person, to) -> csv.append(person).append(',').append(to).append('\n'));
    String members = "/v1/audiences/" + audienceId + "/members";
    Client.Answer unused = insist(c -> c.upload(members, csv.toString()), 200);
    String definition = definition(plan, audienceId);
    id = insist(c -> c.post("/v1/campaigns", "make-" + name, definition), 201).text("id");
    attempts = family.size() == 1 ? Set.of() : attempts("hello", TRIES);
    steer("start");
  }

  /**
   * Imports an audience and starts a campaign for it.
   *
   * @param client of the node that runs now
   */
  static Run start(Supplier<Client> client, Carrier carrier, Plan plan) {
    return new Run(client, carrier, plan, plan.audience(), new ArrayList<>());
  }

  /** Starts another campaign for the same people. */
  Run another(Plan plan) {
    return new Run(client, carrier, plan, audience, family);
  }

  /** A draft that some audience gets. */
  static String definition(String name, String category, String audience) {
    return definition(new Plan(name, category, 0, 0), audience);
  }

  private static String definition(Plan plan, String audience) {
    String steps = step(plan, "hello", "");
    if (plan.pause().isPresent()) {
      steps += ',' + step(plan, "again", AFTER.formatted(plan.pause().get()));
    }
    return """
    {"name":"%s","audience":"%s","category":"%s","policy":%s,"steps":[%s]}
    """
        .formatted(plan.name(), audience, plan.category(), plan.policy(), steps);
  }

  private static String step(Plan plan, String id, String after) {
    String subject = plan.channel().equals("email") ? "\"subject\":\"Hello\"," : "";
    return """
    {"id":"%s","channel":"%s",%s"template":{%s"text":"Is it spring?"}}\
    """
        .formatted(id, plan.channel(), after, subject);
  }

  private Set<String> attempts(String step, int tries) {
    Set<String> all = new HashSet<>();
    StepKey key = new StepKey(id, step);
    for (String customer : audience.keySet()) {
      for (int number = 1; number <= tries; number++) {
        all.add(AttemptId.of(new CustomerKey("main", "default", customer), key, number).value());
      }
    }
    return all;
  }

  String id() {
    return id;
  }

  String audienceId() {
    return audienceId;
  }

  /** Addresses by customer id. */
  Map<String, String> audience() {
    return audience;
  }

  /** A node that is busy, or in the middle of a fault, is asked again. */
  private Client.Answer insist(Function<Client, Client.Answer> request, int wanted) {
    return Awaited.await(
            "an answer of " + wanted,
            LOOK,
            () -> request.apply(client.get()),
            answer -> !NOT_NOW.contains(answer.status()))
        .expect(wanted);
  }

  /** start, pause, resume or cancel; answers when it is acknowledged. */
  void steer(String verb) {
    Client.Answer unused = insist(c -> c.post("/v1/campaigns/" + id + '/' + verb, ""), 200);
    Trial.note("acknowledged: " + verb + ' ' + name);
  }

  /** What the carrier has taken, but for what is another campaign's of the same people. */
  List<Ledger.Line> lines() {
    return carrier.ledger().linesTo(addresses).stream().filter(this::owns).toList();
  }

  private boolean owns(Ledger.Line line) {
    if (this != family.get(0)) return attempts.contains(line.attempt());
    return family.stream().noneMatch(run -> run.attempts.contains(line.attempt()));
  }

  /** Of those, the attempts at the step that follows the first one. */
  Set<String> followUps() {
    return attempts("again", TRIES);
  }

  /** Of those, the first attempts at the first step: who got one was not put off before. */
  Set<String> firstTries() {
    return attempts("hello", 1);
  }

  /** How many messages the carrier has taken. */
  int taken() {
    return lines().size();
  }

  /** Waits until the carrier has taken so many. */
  void awaitTaken(int count) {
    int unused =
        Awaited.await(
            count + " messages at the carrier",
            longEnough(LOOK, count),
            this::taken,
            n -> n >= count);
  }

  JsonNode progress() {
    return insist(c -> c.get("/v1/campaigns/" + id + "/progress"), 200).body();
  }

  /** Waits until the progress is as wanted; a node that is busy recovering may say "not now". */
  JsonNode awaitProgress(String expected, Predicate<JsonNode> wanted) {
    return awaitProgress(expected, longEnough(LOOK, audience.size()), wanted);
  }

  private JsonNode awaitProgress(String expected, Duration limit, Predicate<JsonNode> wanted) {
    return Awaited.await(expected, limit, this::progress, wanted);
  }

  /** Waits for an end by itself. */
  JsonNode awaitEnd(String status) {
    return awaitProgress("a campaign that is " + status, p -> isEnd(p, status));
  }

  private static Duration longEnough(Duration few, int messages) {
    return few.plus(Pace.seconds(messages / PER_SECOND));
  }

  /**
   * Waits for its completion; whether it came.
   *
   * @param few how long a campaign of a few messages may take; each of this one's takes longer
   */
  boolean completesWithin(Duration few) {
    try {
      Duration limit = longEnough(few, audience.size());
      JsonNode unused = awaitProgress("completion", limit, p -> isEnd(p, "completed"));
      return true;
    } catch (AssertionError e) {
      Trial.note(name + ": " + e.getMessage());
      return false;
    }
  }

  /** Waits until it has completed, or has not moved for so long. */
  void awaitRest(Duration still) {
    AtomicReference<JsonNode> last = new AtomicReference<>(progress());
    AtomicLong since = new AtomicLong(System.nanoTime());
    JsonNode unused =
        awaitProgress(
            "a campaign that rests",
            now -> {
              if (!now.equals(last.getAndSet(now))) since.set(System.nanoTime());
              return isEnd(now, "completed") || System.nanoTime() - since.get() > still.toNanos();
            });
  }

  private static boolean isEnd(JsonNode progress, String status) {
    return progress.path("status").asText().equals(status)
        && progress.path("pending").asLong() == 0;
  }

  Map<String, Long> totals() {
    return totals(progress());
  }

  private static Map<String, Long> totals(JsonNode progress) {
    Map<String, Long> totals = new TreeMap<>();
    for (String name : TOTALS) totals.put(name, progress.path(name).asLong(-1));
    return totals;
  }

  Checker.Evidence evidence() {
    List<Checker.Recipient> recipients = new ArrayList<>();
    String path = "/v1/campaigns/" + id + PAGE;
    while (true) {
      String next = path;
      JsonNode page = insist(c -> c.get(next), 200).body();
      for (JsonNode item : page.path("items")) {
        recipients.add(
            new Checker.Recipient(
                item.path("customerId").asText(),
                item.path("state").asText(),
                item.path("attempt").asText(),
                item.path("reason").asText()));
      }
      if (!page.hasNonNull("next")) break;
      path = "/v1/campaigns/" + id + PAGE + "&cursor=" + page.path("next").asText();
    }
    return new Checker.Evidence(audience, named(recipients), recipients, totals());
  }

  /** A carrier of text messages does not know attempts: they are taken for those reported. */
  private List<Ledger.Line> named(List<Checker.Recipient> recipients) {
    Map<String, String> reported = new HashMap<>();
    recipients.forEach(r -> reported.put(audience.getOrDefault(r.customerId(), ""), r.attempt()));
    return lines().stream()
        .map(line -> line.attempt().isEmpty() ? line.as(reported.get(line.recipient())) : line)
        .toList();
  }

  /** Fails with everything the checker finds, and with the trial that found it. */
  Checker.Evidence judged(Object trial) {
    Checker.Evidence evidence = evidence();
    Trial.note(name + " has ended: " + evidence.totals() + progress().path("reasons"));
    assertThat(Checker.judge(evidence)).as("%s: %s", trial, evidence.totals()).isEmpty();
    return evidence;
  }
}

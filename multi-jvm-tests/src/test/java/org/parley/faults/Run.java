package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * One campaign of one step in a test. Its recipients have a domain of their own, so that several
 * campaigns share a carrier and a ledger.
 */
final class Run {
  private static final List<String> TOTALS =
      List.of("accepted", "pending", "delivered", "failed", "suppressed", "unknown");
  private static final String PAGE = "/recipients?limit=1000";

  /** A campaign that is getting on gets its next look within this. */
  private static final Duration LOOK = Duration.ofSeconds(60);

  private final Supplier<Client> client;
  private final Carrier carrier;
  private final String domain;
  private final Map<String, String> audience = new LinkedHashMap<>();
  private final String audienceId;
  private final String id;

  /**
   * What to send.
   *
   * @param name a word of its own, for the domain and the customer ids
   * @param bounces how many of the recipients the carrier refuses for good
   * @param policy the campaign's, in JSON
   */
  record Plan(String name, String category, int recipients, int bounces, String policy) {
    Plan(String name, String category, int recipients, int bounces) {
      this(name, category, recipients, bounces, "{}");
    }

    static Plan marketing(String name, int recipients) {
      return new Plan(name, "marketing", recipients, 0);
    }

    Plan withPolicy(String json) {
      return new Plan(name, category, recipients, bounces, json);
    }
  }

  private Run(Supplier<Client> client, Carrier carrier, Plan plan) {
    this.client = client;
    this.carrier = carrier;
    String name = plan.name();
    this.domain = name + ".example";
    StringBuilder csv = new StringBuilder("customerId,email\n");
    for (int i = 0; i < plan.recipients(); i++) {
      String address = name + i + '@' + (i < plan.bounces() ? "bounce.example" : domain);
      audience.put(name + i, address);
      csv.append(name).append(i).append(',').append(address).append('\n');
    }
    Client now = client.get();
    audienceId = now.post("/v1/audiences", "{\"name\":\"x\"}").expect(201).text("id");
    now.upload("/v1/audiences/" + audienceId + "/members", csv.toString()).expect(200);
    id = now.post("/v1/campaigns", definition(name, plan, audienceId)).expect(201).text("id");
    steer("start");
  }

  /**
   * Imports an audience and starts a campaign for it.
   *
   * @param client of the node that runs now
   */
  static Run start(Supplier<Client> client, Carrier carrier, Plan plan) {
    return new Run(client, carrier, plan);
  }

  /** A draft that some audience gets. */
  static String definition(String name, String category, String audience) {
    return definition(name, new Plan(name, category, 0, 0), audience);
  }

  private static String definition(String name, Plan plan, String audience) {
    return """
        {"name":"%s","audience":"%s","category":"%s","policy":%s,"steps":[
          {"id":"hello","channel":"email","template":{"subject":"Hello","text":"Is it spring?"}}]}
        """
        .formatted(name, audience, plan.category(), plan.policy());
  }

  String audienceId() {
    return audienceId;
  }

  /** start, pause, resume or cancel; answers when it is acknowledged. */
  void steer(String verb) {
    client.get().post("/v1/campaigns/" + id + '/' + verb, "").expect(200);
    Trial.note("acknowledged: " + verb + ' ' + domain);
  }

  /** How many messages the carrier has taken. */
  int taken() {
    return carrier.ledger().linesTo(domain).size();
  }

  /** Waits until the carrier has taken so many. */
  void awaitTaken(int count) {
    int unused =
        Awaited.await(count + " messages at the carrier", LOOK, this::taken, n -> n >= count);
  }

  JsonNode progress() {
    return client.get().get("/v1/campaigns/" + id + "/progress").expect(200).body();
  }

  /** Waits until the progress is as wanted; a node that is busy recovering may say "not now". */
  JsonNode awaitProgress(String expected, Predicate<JsonNode> wanted) {
    Duration limit = LOOK.plusSeconds(audience.size() / 100);
    return Awaited.await(
        expected,
        limit,
        () -> client.get().get("/v1/campaigns/" + id + "/progress").body(),
        wanted);
  }

  /** Waits for an end by itself. */
  JsonNode awaitEnd(String status) {
    return awaitProgress(
        "a campaign that is " + status,
        p -> p.path("status").asText().equals(status) && p.path("pending").asLong() == 0);
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
      JsonNode page = client.get().get(path).expect(200).body();
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
    return new Checker.Evidence(audience, carrier.ledger().linesTo(domain), recipients, totals());
  }

  /** Fails with everything the checker finds, and with the trial that found it. */
  Checker.Evidence judged(Object trial) {
    Checker.Evidence evidence = evidence();
    Trial.note(domain + " has ended: " + evidence.totals() + progress().path("reasons"));
    assertThat(Checker.judge(evidence)).as("%s: %s", trial, evidence.totals()).isEmpty();
    return evidence;
  }
}

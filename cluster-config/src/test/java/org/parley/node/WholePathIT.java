package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.parley.node.RunningNode.expect;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.core.api.StepKey;
import org.parley.persistence.DatabaseUnavailable;

/**
 * A campaign reaches real mailboxes: one node with everything real, judged by the carrier's ledger.
 */
class WholePathIT {
  @TempDir private static Path data;
  private static RunningNode node;

  @BeforeAll
  static void start() throws IOException {
    node = new RunningNode(data, "parley.due-work.poll-every = 50ms");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void aSecondNodeOnThisDatabaseIsTheSameClusterOrNone() throws IOException {
    Path postgres = data.resolve("postgres");
    String port = Files.readAllLines(postgres.resolve("data/postmaster.pid")).get(3).strip();
    String settings =
        """
        parley.database {
          url = "jdbc:postgresql://127.0.0.1:%s/parley", user = parley, password = "%s"
        }
        """
            .formatted(port, Files.readString(postgres.resolve("password")).strip());
    Path other = Files.createDirectories(data.resolve("other"));
    assertThatThrownBy(() -> new RunningNode(other, settings))
        .isInstanceOf(NodeUnavailable.class)
        .hasMessageMatching(
            "another node of this database runs at 127.0.0.1:\\d+, seen \\d s ago:"
                + " put it into parley.cluster.seeds, or stop it.");
    assertThatThrownBy(() -> new RunningNode(other, settings + "parley.cluster.name = wrong"))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining("\"parley\"")
        .hasMessageContaining("\"wrong\"");
  }

  @Test
  void everyRecipientEndsInOneStateAndTheCarrierSawEachAttemptOnce() {
    StringBuilder csv = new StringBuilder("customerId,email,firstName\n");
    for (int i = 0; i < 300; i++) {
      String domain =
          i % 50 == 7 ? "bounce.example" : i % 50 == 9 ? "vanish.example" : "one.example";
      csv.append("one-")
          .append(i)
          .append(",one")
          .append(i)
          .append('@')
          .append(domain)
          .append(",Ada\n");
    }
    String audience = node.audience(csv.toString());
    for (int i = 0; i < 5; i++) {
      expect(
          200,
          node.put(
              "/v1/customers/one-" + i + "/consent",
              "application/json",
              "{\"email\":\"optedOut\"}"));
    }
    String campaign = node.start(definition(audience, ""));
    JsonNode end = node.awaitEnd(campaign);
    assertThat(end.path("accepted").asLong()).isEqualTo(300);
    assertThat(end.path("delivered").asLong()).isEqualTo(300 - 6 - 6 - 5);
    assertThat(end.path("failed").asLong()).isEqualTo(6);
    assertThat(end.path("unknown").asLong()).isEqualTo(6);
    assertThat(end.path("suppressed").asLong()).isEqualTo(5);
    assertThat(end.path("pending").asLong()).isZero();
    assertThat(end.path("reasons").path("optedOut").asLong()).isEqualTo(5);

    List<JsonNode> mails =
        node.ledger().stream()
            .filter(line -> line.path("recipient").asText().startsWith("one"))
            .toList();
    Set<String> attempts =
        mails.stream().map(line -> line.path("attempt").asText()).collect(Collectors.toSet());
    assertThat(attempts).as("no attempt reached the carrier twice").hasSameSizeAs(mails);
    assertThat(mails).as("delivered and unknown, and nobody else").hasSize(300 - 6 - 5);

    Set<String> seen = new HashSet<>();
    String cursor = "";
    do {
      JsonNode page =
          expect(200, node.get("/v1/campaigns/" + campaign + "/recipients?limit=100" + cursor))
              .body();
      page.path("items").forEach(row -> seen.add(row.path("customerId").asText()));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asText() : "";
    } while (!cursor.isEmpty());
    assertThat(seen).hasSize(300);
  }

  @Test
  void withItsOnlyCarrierDrainedNobodyIsGrantedAndTheCampaignGoesOnWhenItIsBack() {
    expect(200, node.post("/v1/carriers/sandbox/drain", ""));
    String campaign;
    try {
      assertThat(expect(200, node.get("/v1/carriers")).body().path("items").path(0).path("state"))
          .hasToString("\"drained\"");
      campaign = node.start(definition(node.audience(people("drain", 20)), ""));
      Awaitility.await("all wait for a place")
          .atMost(Duration.ofSeconds(60))
          .until(() -> emailAgents().path("waiting").asLong() == 20);
      assertThat(emailAgents().path("places").asLong()).isZero();
      JsonNode waiting = node.progress(campaign);
      assertThat(waiting.path("pending").asLong()).isEqualTo(20);
      assertThat(waiting.path("held").asLong()).as("nothing is written for them").isZero();
      assertThat(sentTo("drain")).isZero();
    } finally {
      expect(200, node.post("/v1/carriers/sandbox/resume", ""));
    }
    assertThat(node.awaitEnd(campaign).path("delivered").asLong()).isEqualTo(20);
    assertThat(sentTo("drain")).isEqualTo(20);
  }

  private static JsonNode emailAgents() {
    return expect(200, node.get("/v1/agents")).body().path("items").path(0);
  }

  private static long sentTo(String prefix) {
    return node.ledger().stream()
        .filter(line -> line.path("recipient").asText().startsWith(prefix))
        .count();
  }

  @Test
  void theNodeTellsHowManyAgentsItHas() {
    JsonNode email = emailAgents();
    assertThat(email.path("channel").asText()).isEqualTo("email");
    assertThat(email.path("instances").asInt()).isBetween(3, 20);
    assertThat(email.path("max").asInt()).isEqualTo(20);
  }

  @Test
  void aNudgeFollowsForThoseWhoDoNotAnswer() {
    String audience = node.audience(people("nudge", 2));
    String steps =
        "[{\"id\":\"hello\",\"channel\":\"email\",\"template\":{\"subject\":\"Hello\",\"text\":\"Hello\"}},"
            + "{\"id\":\"nudge\",\"channel\":\"email\",\"after\":{\"step\":\"hello\",\"on\":\"noReply\","
            + "\"wait\":\"PT4S\"},\"template\":{\"subject\":\"Still there?\",\"text\":\"Well?\"}}]";
    String campaign =
        node.start(
            "{\"name\":\"nudge\",\"audience\":\"" + audience + "\",\"steps\":" + steps + "}");
    // Asked of the conversation itself: the campaign's numbers may come after the nudge.
    Awaitility.await("the first message is delivered")
        .atMost(Duration.ofSeconds(60))
        .until(() -> isDelivered("nudge-0", new StepKey(campaign, "hello")));
    expect(
        200,
        node.post(
            "/v1/customers/nudge-0/replies",
            "{\"carrierMessageId\":\"in-1\",\"channel\":\"email\",\"text\":\"Yes please\"}"));
    JsonNode end = node.awaitEnd(campaign);
    assertThat(end.path("steps").path("nudge").path("delivered").asLong()).isEqualTo(1);
    assertThat(end.path("steps").path("nudge").path("skipped").asLong()).isEqualTo(1);
    assertThat(node.mailsTo("nudge0@people.example")).hasSize(1);
    assertThat(node.mailsTo("nudge1@people.example")).hasSize(2);
  }

  private static boolean isDelivered(String customer, StepKey step) {
    return node.node.parley().context(customer).toCompletableFuture().join().touches().stream()
        .anyMatch(touch -> touch.key().equals(step) && touch.state().equals("delivered"));
  }

  @Test
  void aReplyThatCouldNotBeStoredIsRefusedAndTheNextOneIsShown() {
    String replies = "/v1/customers/writer/replies";
    for (String id : List.of("", "a\\u0000b", "a\\ud83d", "x".repeat(201))) {
      RunningNode.Answer refused = expect(422, node.post(replies, reply(id, "Yes")));
      assertThat(refused.text("code")).isEqualTo("invalidReply");
      assertThat(refused.body().at("/errors/0/pointer").asText()).isEqualTo("/carrierMessageId");
    }
    for (String text : List.of("a\\u0000b", "a\\ud83d")) {
      RunningNode.Answer refused = expect(422, node.post(replies, reply("in-1", text)));
      assertThat(refused.body().at("/errors/0/pointer").asText()).isEqualTo("/text");
    }
    expect(200, node.post(replies, reply("y".repeat(200), "Yes")));
    Awaitility.await("the reply is in the timeline")
        .until(() -> node.get("/v1/customers/writer/timeline").body().path("items").size() == 1);
  }

  @Test
  void whatNoDatabaseCanHoldIsRefusedInASentence() {
    for (String path :
        List.of(
            "/v1/audiences/%00",
            "/v1/audiences/%00/rejects",
            "/v1/messages/%00",
            "/v1/campaigns/%00",
            "/v1/campaigns/%00/progress",
            "/v1/campaigns/%00/events")) {
      assertThat(expect(404, node.get(path)).text("detail")).isNotEmpty();
    }
    expect(422, node.post("/v1/audiences", "{\"name\":\"\\ud83d\"}"));
    RunningNode.Answer campaign =
        expect(422, node.post("/v1/campaigns", definition("\\u0000", "")));
    assertThat(campaign.body().at("/errors/0/pointer").asText()).isEqualTo("/audience");
    String half =
        "{\"channel\":\"email\",\"template\":{\"subject\":\"Hello\",\"text\":\"\\ud83d\"}}";
    RunningNode.Answer message = expect(422, node.post("/v1/customers/half/messages", half));
    assertThat(message.body().at("/errors/0/pointer").asText()).isEqualTo("/template/text");
    expect(422, node.post("/v1/customers/half/handoff", "{\"reason\":\"\\ud83d\"}"));
    String answer =
        reply("in-1", "Yes")
            .replace("}", ",\"inReplyTo\":{\"campaignId\":\"c\",\"stepId\":\"\\ud83d\"}}");
    expect(422, node.post("/v1/customers/half/replies", answer));
    String late =
        Base64.getUrlEncoder()
            .encodeToString(
                ("[\"timeline\",\"" + Long.MAX_VALUE + "\",\"c\",\"s\"]")
                    .getBytes(StandardCharsets.US_ASCII));
    assertThat(expect(400, node.get("/v1/customers/half/timeline?cursor=" + late)).text("code"))
        .isEqualTo("cursor");
  }

  @Test
  void aPreviewThatCannotBeIsRefusedInASentence() {
    String audience = node.audience("customerId,email,story\np-1,p1@people.example,Once\n");
    String steps =
        "[{\"id\":\"hello\",\"channel\":\"email\",\"template\":{\"subject\":\"Hello\",\"text\":\"%s\"}}]"
            .formatted("{{story}}".repeat(70));
    String campaign =
        expect(
                201,
                node.post(
                    "/v1/campaigns",
                    "{\"name\":\"long\",\"audience\":\""
                        + audience
                        + "\",\"steps\":"
                        + steps
                        + "}"))
            .text("id");
    expect(200, preview(campaign, "\"attributes\":{\"story\":\"Once\"}"));
    String longStory = "\"attributes\":{\"story\":\"" + "x".repeat(4_000) + "\"}";
    RunningNode.Answer tooLarge = expect(422, preview(campaign, longStory));
    assertThat(tooLarge.text("code")).isEqualTo("messageTooLarge");
    assertThat(tooLarge.text("detail")).contains("262144");
    RunningNode.Answer nobody = expect(422, preview(campaign, "\"email\":\"nobody\""));
    assertThat(nobody.text("code")).isEqualTo("invalidPreview");
    assertThat(nobody.body().at("/errors/0/pointer").asText()).isEqualTo("/profile/email");
  }

  private static RunningNode.Answer preview(String campaign, String profile) {
    return node.post("/v1/campaigns/" + campaign + "/preview", "{\"profile\":{" + profile + "}}");
  }

  private static String reply(String id, String text) {
    return "{\"carrierMessageId\":\"%s\",\"channel\":\"sms\",\"text\":\"%s\"}".formatted(id, text);
  }

  @Test
  void anImportIntoAnAudienceThatIsFrozenOrUnknownIsRefusedInASentence() {
    String audience = node.audience(people("frozen", 1));
    String unused = node.start(definition(audience, ""));
    RunningNode.Answer frozen = expect(409, members(audience));
    assertThat(frozen.text("code")).isEqualTo("audienceFrozen");
    for (String id : List.of("aud_unknown", "%00")) {
      assertThat(expect(404, members(id)).text("code")).isEqualTo("unknownAudience");
    }
  }

  private static RunningNode.Answer members(String audience) {
    return node.put("/v1/audiences/" + audience + "/members", "text/csv", people("late", 1));
  }

  @Test
  void theFrequencyCapHoldsAcrossCampaigns() {
    String audience = node.audience(people("cap", 20));
    String cap = ",\"policy\":{\"frequencyCap\":{\"messages\":1,\"per\":\"P1D\"}}";
    node.awaitEnd(node.start(definition(audience, cap)));
    JsonNode second = node.awaitEnd(node.start(definition(audience, cap)));
    assertThat(second.path("suppressed").asLong()).isEqualTo(20);
    assertThat(second.path("reasons").path("frequencyCap").asLong()).isEqualTo(20);
    assertThat(node.ledger().stream().filter(l -> l.path("recipient").asText().startsWith("cap")))
        .hasSize(20);
  }

  @Test
  void aHeldTouchIsSentWhenItsTimeComes() {
    String audience = node.audience(people("held", 5));
    String cap =
        ",\"policy\":{\"frequencyCap\":{\"messages\":1,\"per\":\"PT1M\",\"onLimit\":\"hold\"}}";
    node.awaitEnd(node.start(definition(audience, cap)));
    String second = node.start(definition(audience, cap));
    JsonNode held = node.awaitProgress(second, p -> p.path("held").asLong() == 5);
    assertThat(held.path("pending").asLong()).isEqualTo(5);
    JsonNode rows =
        expect(200, node.get("/v1/campaigns/" + second + "/recipients?state=held")).body();
    assertThat(rows.path("items")).hasSize(5);
    assertThat(rows.path("items").get(0).path("reason").asText()).isEqualTo("frequencyCap");
    expect(200, node.post("/v1/campaigns/" + second + "/cancel", ""));
    JsonNode end = node.awaitEnd(second);
    assertThat(end.path("suppressed").asLong()).as("cancelling wakes what is held").isEqualTo(5);
  }

  @Test
  void oneMessageIsSentOnceUnderItsKey() {
    expect(
        200,
        node.put(
            "/v1/customers/single",
            "application/json",
            "{\"email\":\"single@people.example\",\"attributes\":{\"firstName\":\"Ada\"}}"));
    String body =
        "{\"channel\":\"email\",\"category\":\"transactional\",\"template\":{\"subject\":\"Receipt\","
            + "\"text\":\"Thank you, {{firstName}}\"}}";
    String id = "";
    for (int i = 0; i < 2; i++) {
      HttpRequest.Builder request =
          node.request("/v1/customers/single/messages")
              .header("Content-Type", "application/json")
              .header("Idempotency-Key", "receipt-1")
              .POST(HttpRequest.BodyPublishers.ofString(body));
      RunningNode.Answer answer = expect(202, node.send(request));
      if (i > 0) assertThat(answer.text("id")).isEqualTo(id);
      id = answer.text("id");
    }
    String message = "/v1/messages/" + id;
    Awaitility.await("the message is delivered")
        .until(() -> node.get(message).text("state").equals("delivered"));
    assertThat(node.mailsTo("single@people.example")).hasSize(1);
    JsonNode timeline = expect(200, node.get("/v1/customers/single/timeline")).body();
    assertThat(timeline.path("items")).hasSize(1);
  }

  @Test
  void theContextIsNeverOlderThanTheNodesOwnWrites() {
    for (int i = 0; i < 20; i++) {
      String city = "City" + i;
      expect(
          200,
          node.put(
              "/v1/customers/fresh",
              "application/json",
              "{\"email\":\"fresh@people.example\",\"attributes\":{\"city\":\"" + city + "\"}}"));
      JsonNode context = expect(200, node.get("/v1/customers/fresh/context")).body();
      assertThat(context.findPath("city").asText()).isEqualTo(city);
    }
  }

  @Test
  void theMetricsTellOfContactsAndOfNoPerson() {
    String campaign = node.start(definition(node.audience(people("metric", 10)), ""));
    node.awaitEnd(campaign);
    Awaitility.await("the metrics")
        .atMost(Duration.ofSeconds(40))
        .until(() -> node.get("/metrics").response().body().contains("parley_contacts_total"));
    String metrics = node.get("/metrics").response().body();
    assertThat(metrics)
        .contains("parley_grant_to_acceptance", "parley_heap_peak_bytes")
        .doesNotContain("metric-1", "people.example");
  }

  private static String people(String name, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> name + "-" + i + "," + name + i + "@people.example")
        .collect(Collectors.joining("\n", "customerId,email\n", "\n"));
  }

  private static String definition(String audience, String more) {
    return "{\"name\":\"test\",\"audience\":\""
        + audience
        + "\",\"steps\":[{\"id\":\"hello\",\"channel\":\"email\",\"template\":"
        + "{\"subject\":\"Hello\",\"text\":\"Hello\"}}]"
        + more
        + "}";
  }
}

package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.http.ErrorsIT.problem;
import static org.parley.http.RunningApi.CAMPAIGN;
import static org.parley.http.RunningApi.header;
import static org.parley.http.RunningApi.json;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;

class CampaignsIT {
  private static final RunningApi api = new RunningApi();

  @AfterEach
  void heal() {
    api.parley.failure = null;
    api.parley.slowStart = null;
    api.stores.idempotency.forgetful = false;
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void theExampleOfTheDocumentsIsTakenAndToldBack() {
    HttpResponse<String> made = api.post("/v1/campaigns", CAMPAIGN);

    assertThat(made.statusCode()).isEqualTo(201);
    String id = json(made).path("id").asText();
    assertThat(header(made, "Location")).isEqualTo("/v1/campaigns/" + id);
    assertThat(header(made, "ETag")).isEqualTo("\"1\"");
    assertThat(json(made).at("/definition/steps/1/after/wait").asText()).isEqualTo("PT48H");
    assertThat(json(made).path("status").asText()).isEqualTo("draft");
    CampaignView campaign = made(id);
    assertThat(campaign.definition().policy().frequencyCap().orElseThrow().onLimit())
        .isEqualTo(OnLimit.SKIP);
    assertThat(json(api.get("/v1/campaigns/" + id))).isEqualTo(json(made));
  }

  @Test
  void whatMayBeLeftOutGetsItsDefault() {
    HttpResponse<String> made =
        api.post(
            "/v1/campaigns",
            "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[{\"id\":\"s\",\"channel\":\"sms\","
                + "\"template\":{\"text\":\"Hi\"}}]}");

    CampaignView campaign = made(json(made).path("id").asText());
    assertThat(campaign.definition().category()).isEqualTo(Category.MARKETING);
    assertThat(campaign.definition().schedule()).isEqualTo(Schedule.NOW);
    assertThat(campaign.definition().policy()).isEqualTo(Policy.NONE);
  }

  @Test
  void aPatchChangesWhatItNamesAndTakesAwayWhatItNulls() {
    String id = newCampaign();

    HttpResponse<String> edited =
        api.call(
            "PATCH",
            "/v1/campaigns/" + id,
            "{\"name\":\"Summer\",\"policy\":{\"ratePerSecond\":null}}",
            "Content-Type",
            "application/merge-patch+json",
            "If-Match",
            "\"1\"");

    assertThat(edited.statusCode()).as(edited.body()).isEqualTo(200);
    assertThat(header(edited, "ETag")).isEqualTo("\"2\"");
    assertThat(json(edited).at("/definition/name").asText()).isEqualTo("Summer");
    assertThat(json(edited).at("/definition/policy").has("ratePerSecond")).isFalse();
    assertThat(json(edited).at("/definition/policy/frequencyCap/messages").asInt()).isOne();
    assertThat(json(edited).at("/definition/steps").size()).isEqualTo(2);
  }

  @Test
  void aPatchWithAnUnknownFieldChangesNothing() {
    String id = newCampaign();

    HttpResponse<String> refused =
        api.call("PATCH", "/v1/campaigns/" + id, "{\"policy\":{\"rate\":1}}");

    assertThat(problem(refused, 400, "invalidBody").at("/errors/0/pointer").asText())
        .isEqualTo("/policy/rate");
    assertThat(made(id).version()).isEqualTo(1);
  }

  @Test
  void onlyWhatWasSeenIsChanged() {
    String id = newCampaign();
    for (String tag : new String[] {"\"7\"", "W/\"1\"", "\"x\"", "1"}) {
      HttpResponse<String> refused =
          api.call("PATCH", "/v1/campaigns/" + id, "{\"name\":\"y\"}", "If-Match", tag);
      problem(refused, 412, "stale");
    }
    assertThat(
            api.call("PATCH", "/v1/campaigns/" + id, "{\"name\":\"y\"}", "If-Match", "*")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void whatHasNotChangedIsNotSentAgain() {
    String id = newCampaign();

    HttpResponse<String> same = api.get("/v1/campaigns/" + id, "If-None-Match", "\"9\", \"1\"");

    assertThat(same.statusCode()).isEqualTo(304);
    assertThat(header(same, "ETag")).isEqualTo("\"1\"");
    assertThat(same.body()).isEmpty();
  }

  @Test
  void headIsGetWithoutTheBody() {
    HttpResponse<String> head = api.call("HEAD", "/v1/campaigns/" + newCampaign(), "");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(header(head, "ETag")).isEqualTo("\"1\"");
  }

  @Test
  void aCampaignIsSteeredWithAndWithoutAnEmptyObject() {
    String id = newCampaign();
    String path = "/v1/campaigns/" + id;

    assertThat(json(api.post(path + "/start", "")).path("status").asText()).isEqualTo("running");
    assertThat(json(api.post(path + "/pause", "{}")).path("status").asText()).isEqualTo("paused");
    assertThat(json(api.post(path + "/resume", "")).path("status").asText()).isEqualTo("running");
    assertThat(json(api.post(path + "/cancel", "")).path("status").asText()).isEqualTo("cancelled");
    problem(api.post(path + "/start", "{\"now\":true}"), 400, "invalidBody");
  }

  // ---- idempotency keys

  @Test
  void theSameKeyAndBodyGetsTheFirstAnswerAgain() {
    int before = api.parley.campaignsMade.get();
    HttpResponse<String> first = api.post("/v1/campaigns", CAMPAIGN, "Idempotency-Key", "k-1");
    HttpResponse<String> again = api.post("/v1/campaigns", CAMPAIGN, "Idempotency-Key", "k-1");

    assertThat(header(first, "Idempotency-Replayed")).isEmpty();
    assertThat(header(again, "Idempotency-Replayed")).isEqualTo("true");
    assertThat(again.statusCode()).isEqualTo(201);
    assertThat(again.body()).isEqualTo(first.body());
    for (String name : new String[] {"Location", "ETag", "Content-Type"}) {
      assertThat(header(again, name)).isEqualTo(header(first, name)).isNotEmpty();
    }
    assertThat(header(again, "X-Request-Id")).isNotEqualTo(header(first, "X-Request-Id"));
    assertThat(api.parley.campaignsMade.get()).isEqualTo(before + 1);
  }

  @Test
  void theSameKeyWithAnotherRequestIsRefused() {
    HttpResponse<String> first = api.post("/v1/campaigns", CAMPAIGN, "Idempotency-Key", "k-2");
    assertThat(first.statusCode()).isEqualTo(201);
    String other = CAMPAIGN.replace("Spring", "Summer");

    problem(
        api.post("/v1/campaigns", other, "Idempotency-Key", "k-2"), 422, "idempotencyKeyReused");
    String one = newCampaign();
    String two = newCampaign();
    assertThat(
            api.post("/v1/campaigns/" + one + "/start", "", "Idempotency-Key", "k-2b").statusCode())
        .isEqualTo(200);
    problem(
        api.post("/v1/campaigns/" + two + "/start", "", "Idempotency-Key", "k-2b"),
        422,
        "idempotencyKeyReused");
  }

  @Test
  void aKeyWhoseFirstRequestStillRunsIsAConflict() {
    CompletableFuture<CampaignView> slow = new CompletableFuture<>();
    api.parley.slowStart = slow;
    String id = newCampaign();
    String path = "/v1/campaigns/" + id + "/start";
    HttpRequest request =
        HttpRequest.newBuilder(api.uri(path))
            .POST(HttpRequest.BodyPublishers.noBody())
            .header("Authorization", "Bearer " + MemoryStores.KEY)
            .header("Idempotency-Key", "k-3")
            .build();
    CompletableFuture<HttpResponse<String>> first =
        api.client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    api.stores.idempotency.claimed("k-3").join();

    problem(api.post(path, "", "Idempotency-Key", "k-3"), 409, "requestInProgress");

    slow.complete(made(id));
    assertThat(first.join().statusCode()).isEqualTo(200);
    assertThat(header(api.post(path, "", "Idempotency-Key", "k-3"), "Idempotency-Replayed"))
        .isEqualTo("true");
  }

  @Test
  void anAnswerThatTakesTooLongGivesTheKeyBack() {
    try (RunningApi hasty = new RunningApi("request-timeout = 2s")) {
      hasty.parley.slowStart = new CompletableFuture<>();
      String path = "/v1/campaigns/" + newCampaign(hasty) + "/start";
      HttpResponse<String> late = hasty.post(path, "", "Idempotency-Key", "k-4");
      problem(late, 503, "unavailable");
      hasty.stores.idempotency.released("k-4").join();
      hasty.parley.slowStart = null;

      HttpResponse<String> again = hasty.post(path, "", "Idempotency-Key", "k-4");

      assertThat(again.statusCode()).isEqualTo(200);
      assertThat(header(again, "Idempotency-Replayed")).isEmpty();
    }
  }

  @Test
  void aFailureOfOursGivesTheKeyBack() {
    String path = "/v1/campaigns/" + newCampaign() + "/start";
    api.parley.failure = new IllegalStateException("broken");
    problem(api.post(path, "", "Idempotency-Key", "k-5"), 500, "internal");
    api.parley.failure = null;

    assertThat(api.post(path, "", "Idempotency-Key", "k-5").statusCode()).isEqualTo(200);
  }

  @Test
  void aCrashBetweenDoingAndRememberingDoublesNothing() {
    int before = api.parley.campaignsMade.get();
    api.stores.idempotency.forgetful = true;
    HttpResponse<String> first = api.post("/v1/campaigns", CAMPAIGN, "Idempotency-Key", "k-6");
    HttpResponse<String> again = api.post("/v1/campaigns", CAMPAIGN, "Idempotency-Key", "k-6");

    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(json(again).path("id")).isEqualTo(json(first).path("id"));
    assertThat(api.parley.campaignsMade.get()).isEqualTo(before + 1);
  }

  @Test
  void aRefusalIsRememberedToo() {
    String senseless = "{\"name\":\"x\",\"audience\":\"a\",\"steps\":[]}";
    problem(api.post("/v1/campaigns", senseless, "Idempotency-Key", "k-7"), 422, "invalidCampaign");

    HttpResponse<String> again = api.post("/v1/campaigns", senseless, "Idempotency-Key", "k-7");

    assertThat(again.statusCode()).isEqualTo(422);
    assertThat(header(again, "Idempotency-Replayed")).isEqualTo("true");
    assertThat(header(again, "Content-Type")).isEqualTo("application/problem+json");
  }

  @Test
  void aKeyThatIsNoKeyIsRefused() {
    for (String key : new String[] {"a b", "x".repeat(256), "a\tb"}) {
      problem(
          api.post("/v1/campaigns", CAMPAIGN, "Idempotency-Key", key),
          400,
          "invalidIdempotencyKey");
    }
  }

  @Test
  void withoutAKeyEachRequestIsANewOne() {
    assertThat(newCampaign()).isNotEqualTo(newCampaign());
  }

  private static CampaignView made(String id) {
    return Objects.requireNonNull(api.parley.campaigns.get(id));
  }

  private static String newCampaign() {
    return newCampaign(api);
  }

  private static String newCampaign(RunningApi at) {
    return json(at.post("/v1/campaigns", CAMPAIGN)).path("id").asText();
  }
}

package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.http.ErrorsIT.problem;
import static org.parley.http.RunningApi.header;
import static org.parley.http.RunningApi.json;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class CustomersIT {
  private static final RunningApi api = new RunningApi();
  private static final String ADA =
      "{\"email\":\"ada@example.org\",\"phone\":\"+4915112345678\",\"timeZone\":\"Europe/Berlin\","
          + "\"locale\":\"de-DE\",\"attributes\":{\"firstName\":\"Ada\"}}";

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void aProfileIsReplacedUnderItsVersion() {
    HttpResponse<String> first = api.call("PUT", "/v1/customers/put-1", ADA);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(header(first, "ETag")).isEqualTo("\"1\"");

    problem(api.call("PUT", "/v1/customers/put-1", ADA, "If-Match", "\"0\""), 412, "stale");
    problem(
        api.call("PUT", "/v1/customers/put-none", ADA, "If-Match", "*"), 404, "customerNotFound");
    assertThat(api.call("PUT", "/v1/customers/put-1", "{}", "If-Match", "\"1\"").statusCode())
        .isEqualTo(200);

    assertThat(json(api.get("/v1/customers/put-1")).at("/profile").has("email")).isFalse();
  }

  @Test
  void consentIsByChannelAndTheOthersStay() {
    api.parley.customers.remove("consent-1");
    assertThat(
            api.call("PUT", "/v1/customers/consent-1/consent", "{\"email\":\"optedOut\"}").body())
        .isEqualTo("{\"email\":\"optedOut\"}");
    HttpResponse<String> both =
        api.call("PUT", "/v1/customers/consent-1/consent", "{\"sms\":\"optedIn\"}");
    assertThat(json(both).path("email").asText()).isEqualTo("optedOut");
    assertThat(json(both).path("sms").asText()).isEqualTo("optedIn");

    HttpResponse<String> bad =
        api.call("PUT", "/v1/customers/consent-1/consent", "{\"fax\":\"optedIn\"}");
    assertThat(problem(bad, 400, "invalidBody").at("/errors/0/pointer").asText()).isEqualTo("/fax");
    HttpResponse<String> worse =
        api.call("PUT", "/v1/customers/consent-1/consent", "{\"sms\":\"maybe\"}");
    assertThat(problem(worse, 400, "invalidBody").at("/errors/0/detail").asText())
        .isEqualTo("must be one of optedIn, optedOut");
  }

  /** Nobody tells the cache of writes here, as when the conversation lives on another node. */
  @Test
  void aTestSendIsSeenByTheNextContext() {
    assertThat(api.call("PUT", "/v1/customers/ctx-2", ADA).statusCode()).isEqualTo(200);
    String campaign = json(api.post("/v1/campaigns", RunningApi.CAMPAIGN)).path("id").asText();
    assertThat(isContextCached("ctx-2")).isFalse();
    assertThat(isContextCached("ctx-2")).isTrue();

    HttpResponse<String> sent =
        api.post("/v1/campaigns/" + campaign + "/test-send", "{\"customerId\":\"ctx-2\"}");

    assertThat(sent.statusCode()).as(sent.body()).isEqualTo(202);
    assertThat(isContextCached("ctx-2")).isFalse();
  }

  private static boolean isContextCached(String customer) {
    return json(api.get("/v1/customers/" + customer + "/context")).path("cached").asBoolean();
  }

  @Test
  void contextSaysHowOldItIsAndIsFreshAfterAWriteThroughThisNode() {
    int put = api.call("PUT", "/v1/customers/ctx-1", ADA).statusCode();
    assertThat(put).isEqualTo(200);
    HttpResponse<String> first = api.get("/v1/customers/ctx-1/context");
    HttpResponse<String> second = api.get("/v1/customers/ctx-1/context");

    assertThat(json(first).path("cached").asBoolean()).isFalse();
    assertThat(json(second).path("cached").asBoolean()).isTrue();
    assertThat(json(second).path("ageMillis").isIntegralNumber()).isTrue();
    assertThat(header(second, "Age")).matches("\\d+");
    assertThat(json(second).path("context")).isEqualTo(json(first).path("context"));
    assertThat(json(second).at("/context/touches/0/key").has("message")).isFalse();

    int consent =
        api.call("PUT", "/v1/customers/ctx-1/consent", "{\"email\":\"optedOut\"}").statusCode();
    assertThat(consent).isEqualTo(200);
    HttpResponse<String> third = api.get("/v1/customers/ctx-1/context");
    assertThat(json(third).path("cached").asBoolean()).isFalse();
    assertThat(json(third).at("/context/customer/consent/email").asText()).isEqualTo("optedOut");
  }

  @Test
  void anIdMayHoldWhatAnAddressMayNot() {
    HttpResponse<String> made = api.call("PUT", "/v1/customers/a%2Fb%C3%A9", ADA);

    assertThat(json(made).path("customerId").asText()).isEqualTo("a/bé");
    assertThat(api.get("/v1/customers/a%2Fb%C3%A9/context").statusCode()).isEqualTo(200);
  }

  @Test
  void aMessageIsAcceptedOnceUnderItsKey() {
    String body = "{\"channel\":\"email\",\"template\":{\"subject\":\"Hi\",\"text\":\"Hello\"}}";
    HttpResponse<String> sent =
        api.post("/v1/customers/c-1/messages", body, "Idempotency-Key", "m-1");
    HttpResponse<String> again =
        api.post("/v1/customers/c-1/messages", body, "Idempotency-Key", "m-1");

    assertThat(sent.statusCode()).isEqualTo(202);
    assertThat(header(again, "Location")).isEqualTo(header(sent, "Location"));
    HttpResponse<String> message = api.get(header(sent, "Location"));
    assertThat(json(message)).isEqualTo(json(sent));
    assertThat(json(message).path("attempt").isTextual()).isTrue();
  }

  @Test
  void anAnswerIsRecorded() {
    int put = api.call("PUT", "/v1/customers/reply-1", ADA).statusCode();
    assertThat(put).isEqualTo(200);
    HttpResponse<String> recorded =
        api.post(
            "/v1/customers/reply-1/replies",
            "{\"carrierMessageId\":\"in-1\",\"channel\":\"email\",\"text\":\"Yes\","
                + "\"inReplyTo\":{\"campaignId\":\"cmp_1\",\"stepId\":\"hello\"}}");

    assertThat(recorded.statusCode()).as(recorded.body()).isEqualTo(200);
    assertThat(api.parley.replies).contains("in-1");
  }

  @Test
  void aPersonTakesAConversationOverAndGivesItBack() {
    assertThat(api.call("PUT", "/v1/customers/hand-1", ADA).statusCode()).isEqualTo(200);
    HttpResponse<String> taken =
        api.post("/v1/customers/hand-1/handoff", "{\"reason\":\"asks about an invoice\"}");
    assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
    assertThat(json(taken).path("handedOff").path("reason").asText())
        .isEqualTo("asks about an invoice");
    assertThat(header(taken, "ETag")).isNotEmpty();
    assertThat(json(taken).path("preferredChannel").asText()).isEqualTo("sms");

    HttpResponse<String> released = api.post("/v1/customers/hand-1/release", "");
    assertThat(released.statusCode()).as(released.body()).isEqualTo(200);
    assertThat(json(released).has("handedOff")).isFalse();
    assertThat(api.post("/v1/customers/nobody-1/handoff", "{}").statusCode()).isEqualTo(404);
  }
}

package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class CarriersIT {
  private static final RunningApi api = new RunningApi();

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void anOperatorDrainsTripsAndResumesACarrierAndSeesIt() {
    assertThat(ordered("drain")).isEqualTo("drained");
    assertThat(ordered("trip")).isEqualTo("tripped");
    JsonNode listed = RunningApi.json(api.get("/v1/carriers")).path("items").path(0);
    assertThat(listed.path("state").asText()).isEqualTo("tripped");
    assertThat(listed.path("nodes").path(0).path("backOffs").path(0).asText())
        .contains("example.com");
    assertThat(ordered("resume")).isEqualTo("closed");
  }

  @Test
  void anUnknownCarrierIsNotFound() {
    HttpResponse<String> answer = api.post("/v1/carriers/nobody/drain", "");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("carrierNotFound");
  }

  @Test
  void theAgentsOfANodeTellWhyTheirNumberChanged() {
    JsonNode email = RunningApi.json(api.get("/v1/agents")).path("items").path(0);
    assertThat(email.path("instances").asInt()).isEqualTo(5);
    assertThat(email.path("channel").asText()).isEqualTo("email");
    assertThat(email.path("lastResize").path("why").asText()).contains("70 % busy");
  }

  @Test
  void theClusterTellsWhoAnswersAndWhoIsOutOfReach() {
    JsonNode cluster = RunningApi.json(api.get("/v1/cluster"));
    assertThat(cluster.path("leader").asText()).isEqualTo("node-1");
    assertThat(cluster.path("splitBrain").path("lease").path("epoch").asInt()).isEqualTo(7);
    JsonNode answers = cluster.path("members").path(0);
    assertThat(answers.path("shards").asInt()).isEqualTo(128);
    assertThat(answers.path("conversations").asInt()).isEqualTo(1000);
    JsonNode lost = cluster.path("members").path(1);
    assertThat(lost.path("reachable").asBoolean(true)).isFalse();
    assertThat(lost.path("unreachableFrom").path(0).asText()).isEqualTo("node-1");
    assertThat(lost.has("shards")).isFalse();
  }

  private static String ordered(String verb) {
    HttpResponse<String> answer = api.post("/v1/carriers/main/" + verb, "");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return RunningApi.json(answer).path("state").asText();
  }
}

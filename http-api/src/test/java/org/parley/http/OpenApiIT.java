package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.http.RunningApi.CAMPAIGN;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.parley.core.api.Audience;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.CustomerView;
import org.parley.core.api.Profile;

/**
 * The description and what answers are the same, both ways, and the description's examples work.
 */
class OpenApiIT {
  private static final JsonNode FILE = file();
  private static final RunningApi api = new RunningApi();

  private record Operation(String method, String path, JsonNode node) {
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  @BeforeAll
  static void makeWhatTheExamplesName() {
    String made = RunningApi.json(api.post("/v1/campaigns", CAMPAIGN)).path("id").asText();
    CampaignView view = Objects.requireNonNull(api.parley.campaigns.get(made));
    api.parley.campaigns.put(
        "cmp_7f2k",
        new CampaignView(
            "cmp_7f2k",
            1,
            CampaignStatus.PAUSED,
            view.definition(),
            view.audienceSize(),
            view.createdAt(),
            view.startedAt(),
            view.finishedAt()));
    api.parley.progress.put(
        "cmp_7f2k", MemoryParley.progressOf("cmp_7f2k", CampaignStatus.COMPLETED, 100, 3));
    api.parley.audiences.put(
        "aud_2v1mzk",
        new Audience("aud_2v1mzk", "x", Audience.Status.READY, List.of(), 1, 0, MemoryParley.NOW));
    api.parley.customers.put("c-1", new CustomerView("c-1", 1, Profile.EMPTY, Map.of()));
    api.parley
        .testSend("msg_4k1x", "cmp_7f2k", Optional.empty(), "c-1")
        .toCompletableFuture()
        .join();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void everyRouteIsInTheFileAndEveryOperationOfTheFileIsARoute() {
    Set<String> routes = new TreeSet<>();
    for (Endpoint endpoint : api.api.endpoints()) routes.add(endpoint.route());
    Set<String> described = new TreeSet<>();
    operations().forEach(operation -> described.add(operation.toString()));

    assertThat(described).isEqualTo(routes);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void keysQueriesAndIdempotencyAreAsDescribed(Operation operation) {
    Endpoint endpoint = endpoint(operation);
    boolean open = operation.node.has("security");
    assertThat(endpoint.access()).isEqualTo(open ? Endpoint.Access.OPEN : Endpoint.Access.KEY);
    List<String> query = new ArrayList<>();
    boolean idempotent = false;
    for (JsonNode parameter : operation.node.path("parameters")) {
      JsonNode resolved = resolved(parameter);
      String name = resolved.path("name").asText();
      if (resolved.path("in").asText().equals("query")) query.add(name);
      idempotent |= name.equals("Idempotency-Key");
    }
    assertThat(query).containsExactlyInAnyOrderElementsOf(endpoint.query());
    assertThat(idempotent).isEqualTo(operation.method.equals("POST") && !open);
    assertThat(operation.node.has("requestBody")).isEqualTo(endpoint.body() != Endpoint.Body.NONE);
    if (!open) assertThat(operation.node.path("responses").has("default")).isTrue();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void everyOperationAnswersItsExampleAsDescribed(Operation operation) {
    JsonNode content = resolved(operation.node.path("requestBody")).path("content");
    if (content.isEmpty()) {
      check(operation, call(operation, "", ""));
      return;
    }
    for (Map.Entry<String, JsonNode> body : content.properties()) {
      JsonNode example = body.getValue().path("example");
      if (example.isMissingNode()) continue;
      List<String> faults = new ArrayList<>();
      if (!example.isTextual()) validate(body.getValue().path("schema"), example, "", faults);
      assertThat(faults).as("the example of " + operation).isEmpty();
      check(operation, call(operation, body.getKey(), text(body.getKey(), example)));
    }
  }

  @Test
  void everyExampleOfAnAnswerFitsItsSchema() {
    List<String> faults = new ArrayList<>();
    for (JsonNode media : FILE.findValues("content")) {
      for (JsonNode described : media) {
        JsonNode example = described.path("example");
        if (example.isObject()) validate(described.path("schema"), example, "", faults);
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void everyReferenceAndNameOfTheFileLeadsSomewhere() {
    List<JsonNode> references = FILE.findValues("$ref");
    assertThat(references).hasSizeGreaterThan(50);
    for (JsonNode reference : references) {
      assertThat(FILE.at(reference.asText().substring(1)).isMissingNode())
          .as(reference.asText())
          .isFalse();
    }
    Set<String> ids = new HashSet<>();
    operations().forEach(o -> assertThat(ids.add(o.node.path("operationId").asText())).isTrue());
  }

  private static Stream<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : FILE.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        operations.add(
            new Operation(
                method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue()));
      }
    }
    return operations.stream();
  }

  private static Endpoint endpoint(Operation operation) {
    return api.api.endpoints().stream()
        .filter(e -> e.route().equals(operation.toString()))
        .findFirst()
        .orElseThrow();
  }

  private static HttpResponse<String> call(Operation operation, String type, String body) {
    String path = operation.path;
    StringBuilder query = new StringBuilder();
    for (JsonNode reference : operation.node.path("parameters")) {
      JsonNode parameter = resolved(reference);
      String name = parameter.path("name").asText();
      String example = parameter.path("example").asText();
      if (parameter.path("in").asText().equals("path")) {
        assertThat(example).as("example of " + name).isNotEmpty();
        path = path.replace("{" + name + "}", example);
      } else if (parameter.path("in").asText().equals("query") && !example.isEmpty()) {
        query.append(query.isEmpty() ? "?" : "&").append(name).append('=').append(example);
      }
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(api.uri(path + query))
            .method(operation.method, BodyPublishers.ofString(body));
    if (!type.isEmpty()) request.header("Content-Type", type);
    if (!operation.node.has("security")) {
      request.header("Authorization", "Bearer " + MemoryStores.KEY);
    }
    return api.send(request.build());
  }

  private static void check(Operation operation, HttpResponse<String> answer) {
    JsonNode described =
        resolved(operation.node.path("responses").path(Integer.toString(answer.statusCode())));
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    assertThat(described.isMissingNode())
        .as("%s answers %s, which is not described", operation, answer.statusCode())
        .isFalse();
    String type = RunningApi.header(answer, "Content-Type").split(";", -1)[0];
    JsonNode media = described.path("content").path(type);
    assertThat(media.isMissingNode()).as("%s answers %s", operation, type).isFalse();
    if (!type.equals("application/json")) return;
    List<String> faults = new ArrayList<>();
    validate(media.path("schema"), RunningApi.json(answer), "", faults);
    assertThat(faults).as(answer.body()).isEmpty();
  }

  private static String text(String type, JsonNode example) {
    if (example.isTextual()) return example.asText();
    if (!type.contains("form")) return example.toString();
    StringBuilder form = new StringBuilder();
    example
        .properties()
        .forEach(e -> form.append(e.getKey()).append('=').append(e.getValue().asText()));
    return form.toString();
  }

  /** The part of JSON Schema that the file uses. */
  private static void validate(
      JsonNode reference, JsonNode value, String pointer, List<String> faults) {
    JsonNode schema = resolved(reference);
    boolean fits =
        switch (schema.path("type").asText()) {
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          case "string" -> value.isTextual();
          case "integer" -> value.isIntegralNumber();
          case "number" -> value.isNumber();
          case "boolean" -> value.isBoolean();
          default -> false;
        };
    if (!fits) {
      faults.add(pointer + " is not " + schema.path("type").asText());
      return;
    }
    if (schema.has("enum") && !schema.path("enum").toString().contains(value.toString())) {
      faults.add(pointer + " is none of " + schema.path("enum"));
    }
    for (JsonNode name : schema.path("required")) {
      if (!value.has(name.asText())) faults.add(pointer + "/" + name.asText() + " is missing");
    }
    for (JsonNode item : value.isArray() ? value : List.<JsonNode>of()) {
      validate(schema.path("items"), item, pointer + "/-", faults);
    }
    if (!(value instanceof ObjectNode)) return;
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      String at = pointer + "/" + field.getKey();
      JsonNode known = schema.path("properties").path(field.getKey());
      JsonNode others = schema.path("additionalProperties");
      if (!known.isMissingNode()) validate(known, field.getValue(), at, faults);
      else if (others.isObject()) validate(others, field.getValue(), at, faults);
      else if (others.isBoolean()) faults.add(at + " is not described");
    }
  }

  private static JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? FILE.at(node.path("$ref").asText().substring(1)) : node;
  }

  private static JsonNode file() {
    try (InputStream in = OpenApiIT.class.getResourceAsStream("openapi.yaml")) {
      return new YAMLMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new AssertionError("the file is not YAML", e);
    }
  }
}

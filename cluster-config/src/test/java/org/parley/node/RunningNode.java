package org.parley.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A whole node in this JVM, with everything real, and a client that speaks HTTP to it. */
final class RunningNode implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path data;
  private final HttpClient client = HttpClient.newHttpClient();
  final Node node;

  RunningNode(Path data, String settings) throws IOException {
    this.data = data;
    this.node = Node.start(config(data, settings));
  }

  static Config config(Path data, String settings) throws IOException {
    Path file = data.resolve("node.conf");
    Files.writeString(file, settings);
    return NodeConfig.load(
        new NodeOptions(
            Optional.of(file),
            Optional.of(data),
            Optional.of("127.0.0.1:0"),
            Optional.empty(),
            true));
  }

  /** What a request got. */
  record Answer(int status, JsonNode body, HttpResponse<String> response) {
    String text(String field) {
      return body.path(field).asText();
    }

    long number(String field) {
      return body.path(field).asLong();
    }
  }

  Answer get(String path) {
    return send(request(path).GET());
  }

  Answer post(String path, String json) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  Answer put(String path, String type, String body) {
    return send(
        request(path).header("Content-Type", type).PUT(HttpRequest.BodyPublishers.ofString(body)));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(node.url() + path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + key());
  }

  private String key() {
    try {
      return Files.readString(node.apiKeyFile()).trim();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      String type = response.headers().firstValue("Content-Type").orElse("");
      JsonNode body =
          type.contains("json") && !response.body().isEmpty()
              ? JSON.readTree(response.body())
              : JSON.createObjectNode();
      return new Answer(response.statusCode(), body, response);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** An audience of these CSV rows; its id. */
  String audience(String csv) {
    String id = expect(201, post("/v1/audiences", "{\"name\":\"test\"}")).text("id");
    expect(200, put("/v1/audiences/" + id + "/members", "text/csv", csv));
    return id;
  }

  /** A started campaign; its id. */
  String start(String definition) {
    String id = expect(201, post("/v1/campaigns", definition)).text("id");
    expect(200, post("/v1/campaigns/" + id + "/start", ""));
    return id;
  }

  static Answer expect(int status, Answer answer) {
    if (answer.status() != status) {
      throw new AssertionError(
          "expected " + status + ", got " + answer.status() + ": " + answer.response().body());
    }
    return answer;
  }

  JsonNode progress(String campaign) {
    return expect(200, get("/v1/campaigns/" + campaign + "/progress")).body();
  }

  /** Waits until the campaign's progress is as wanted. */
  JsonNode awaitProgress(String campaign, Predicate<JsonNode> wanted) {
    JsonNode[] last = new JsonNode[1];
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                last[0] = progress(campaign);
                return wanted.test(last[0]);
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError("the campaign does not get there; it is at " + last[0], e);
    }
    return last[0];
  }

  JsonNode awaitEnd(String campaign) {
    return awaitProgress(
        campaign, p -> List.of("completed", "cancelled").contains(p.path("status").asText()));
  }

  /** What the carrier wrote down, in its order. */
  List<JsonNode> ledger() {
    Path file = data.resolve("sandbox-ledger.ndjson");
    if (!Files.exists(file)) return List.of();
    try {
      return Files.readAllLines(file).stream().map(RunningNode::parse).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  List<String> mailsTo(String recipient) {
    return ledger().stream()
        .filter(line -> line.toString().contains('"' + recipient + '"'))
        .map(JsonNode::toString)
        .toList();
  }

  @Override
  public void close() {
    node.close();
  }
}

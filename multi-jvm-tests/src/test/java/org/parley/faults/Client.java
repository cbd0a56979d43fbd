package org.parley.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Speaks to a node by HTTP, and remembers every answer. Thread-safe. */
final class Client {
  static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI base;
  private final String key;
  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();

  Client(URI base, String key) {
    this.base = base;
    this.key = key;
  }

  /** What a request got; status 0 when it got nothing. */
  record Answer(
      String request, int status, String contentType, Optional<String> retryAfter, JsonNode body) {
    String text(String field) {
      return body.path(field).asText();
    }

    Answer expect(int wanted) {
      if (status == wanted) return this;
      throw new AssertionError("expected " + wanted + " and got " + this);
    }

    /** Whether it says "not now" as it should. */
    boolean isGoodRefusal() {
      return status == 503
          && contentType.startsWith("application/problem+json")
          && retryAfter.filter(seconds -> seconds.matches("[1-9]\\d*")).isPresent()
          && !text("code").isEmpty();
    }
  }

  /** Everything it was told so far, in order. */
  List<Answer> answers() {
    return new ArrayList<>(answers);
  }

  /** What it was told so far is of no more use to anybody. */
  void forget() {
    answers.clear();
  }

  Answer get(String path) {
    return send("GET " + path, request(path).GET());
  }

  Answer post(String path, String json) {
    return send("POST " + path, json(path).POST(BodyPublishers.ofString(json)));
  }

  Answer post(String path, String idempotencyKey, String json) {
    return send(
        "POST " + path + ' ' + idempotencyKey,
        json(path).header("Idempotency-Key", idempotencyKey).POST(BodyPublishers.ofString(json)));
  }

  Answer put(String path, String json) {
    return send("PUT " + path, json(path).PUT(BodyPublishers.ofString(json)));
  }

  Answer upload(String path, String csv) {
    return send(
        "PUT " + path,
        request(path).header("Content-Type", "text/csv").PUT(BodyPublishers.ofString(csv)));
  }

  /** Asks without remembering; the status, or a failure. */
  CompletableFuture<Integer> ask(HttpClient over, String path, Duration patience) {
    return over.sendAsync(
            request(path).timeout(patience).GET().build(), HttpResponse.BodyHandlers.discarding())
        .thenApply(HttpResponse::statusCode);
  }

  private HttpRequest.Builder json(String path) {
    return request(path).header("Content-Type", "application/json");
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + key);
  }

  private Answer send(String name, HttpRequest.Builder request) {
    Answer answer = answer(name, request);
    answers.add(answer);
    return answer;
  }

  private Answer answer(String name, HttpRequest.Builder request) {
    try {
      HttpResponse<String> got = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      String type = got.headers().firstValue("Content-Type").orElse("");
      JsonNode body =
          type.contains("json") && !got.body().isEmpty()
              ? JSON.readTree(got.body())
              : JSON.createObjectNode().put("text", got.body());
      return new Answer(
          name, got.statusCode(), type, got.headers().firstValue("Retry-After"), body);
    } catch (IOException e) {
      return new Answer(
          name, 0, "", Optional.empty(), JSON.createObjectNode().put("failure", e.toString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}

package org.parley.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Speaks to one node over HTTP. A refusal comes out as a {@link CommandFailure} with the node's own
 * words. A node that is busy (429 or 503) is asked again, at most {@value #MAX_TRIES} times in all;
 * that is safe because every POST carries an idempotency key.
 */
final class NodeClient {
  private static final int MAX_TRIES = 5;
  private static final int MAX_WAIT_SECONDS = 10;
  private static final String STILL_RUNNING = "\"requestInProgress\"";
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(1);

  private final URI base;
  private final Optional<String> apiKey;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  /**
   * @param base such as {@code http://127.0.0.1:8080}
   */
  NodeClient(URI base, Optional<String> apiKey) {
    this.base = base;
    this.apiKey = apiKey;
  }

  URI base() {
    return base;
  }

  JsonNode get(String path) {
    return json(send(request(path).GET(), ANSWER_TIMEOUT));
  }

  /** A text that is no JSON, such as the metrics. */
  String text(String path) {
    return send(request(path).GET(), ANSWER_TIMEOUT).body();
  }

  JsonNode post(String path, JsonNode body, String idempotencyKey) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", idempotencyKey)
            .POST(BodyPublishers.ofByteArray(Json.bytes(body)));
    return json(send(request, ANSWER_TIMEOUT));
  }

  /**
   * A POST without a body that is a new wish each time: after a resume, a pause is no repetition of
   * the first one.
   */
  JsonNode order(String path) {
    return post(path, UUID.randomUUID().toString());
  }

  /** A POST without a body. */
  JsonNode post(String path, String idempotencyKey) {
    HttpRequest.Builder request =
        request(path).header("Idempotency-Key", idempotencyKey).POST(BodyPublishers.noBody());
    return json(send(request, ANSWER_TIMEOUT));
  }

  JsonNode put(String path, JsonNode body) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofByteArray(Json.bytes(body)));
    return json(send(request, ANSWER_TIMEOUT));
  }

  /**
   * Streams a body of any length; nothing of it is kept in memory.
   *
   * @param body opened anew for every try
   */
  JsonNode upload(
      String path, String contentType, boolean gzip, Supplier<InputStream> body, Duration limit) {
    BodyPublisher publisher = BodyPublishers.ofInputStream(body);
    HttpRequest.Builder request = request(path).header("Content-Type", contentType).PUT(publisher);
    if (gzip) request.header("Content-Encoding", "gzip");
    return json(send(request, limit));
  }

  /** One look at a path without a second try: the status and the body, whatever they are. */
  HttpResponse<String> probe(String path) throws IOException, InterruptedException {
    return http.send(request(path).GET().timeout(CONNECT_TIMEOUT).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).header("Accept", "application/json, */*;q=0.1");
    apiKey.ifPresent(key -> request.header("Authorization", "Bearer " + key));
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder builder, Duration timeout) {
    HttpRequest request = builder.timeout(timeout).build();
    try {
      for (int tries = 1; ; tries++) {
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() < 300) return response;
        if (tries == MAX_TRIES || !isPassing(response)) throw refusal(response);
        Thread.sleep(waitMillis(response, tries));
      }
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    }
  }

  private static boolean isPassing(HttpResponse<String> response) {
    return switch (response.statusCode()) {
      case 429, 503 -> true;
      case 409 -> response.body().contains(STILL_RUNNING);
      default -> false;
    };
  }

  private static long waitMillis(HttpResponse<String> response, int tries) {
    long millis = 200L << tries;
    String told = response.headers().firstValue("Retry-After").orElse("");
    if (told.matches("\\d{1,6}")) {
      millis = Math.min(Long.parseLong(told), MAX_WAIT_SECONDS) * 1000;
    }
    return millis;
  }

  private CommandFailure unreachable(IOException e) {
    String why = e.getMessage();
    return CommandFailure.unreachable(
        "no answer from the node at "
            + base
            + " ("
            + (why == null || why.isBlank() ? e.getClass().getSimpleName() : why)
            + "); is it running, and is this its URL?");
  }

  /** The node's no, as a sentence and the places it names (RFC 9457). */
  private CommandFailure refusal(HttpResponse<String> response) {
    int status = response.statusCode();
    JsonNode problem;
    try {
      problem = Json.parse(response.body());
    } catch (JsonProcessingException e) {
      problem = MissingNode.getInstance();
    }
    String detail = problem.path("detail").asText(problem.path("title").asText(""));
    String code = problem.path("code").asText("");
    String sentence = detail.isEmpty() ? "the node answered with status " + status : detail;
    if (!code.isEmpty()) sentence += " [" + code + "]";
    if (status == 401 || status == 403) {
      sentence +=
          "; the API key comes from --api-key, --api-key-file, PARLEY_API_KEY or .parley/api-key";
    }
    if (status >= 500) return CommandFailure.failed(sentence);
    return CommandFailure.refused(sentence, places(problem));
  }

  private static List<String> places(JsonNode problem) {
    List<String> places = new ArrayList<>();
    for (JsonNode place : problem.path("errors")) {
      String pointer = place.path("pointer").asText("");
      String at = pointer.isEmpty() ? "(whole document)" : pointer;
      places.add(at + ": " + place.path("detail").asText(""));
    }
    return places;
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return response.body().isBlank() ? MissingNode.getInstance() : Json.parse(response.body());
    } catch (JsonProcessingException e) {
      throw CommandFailure.failed("the answer was no JSON; is this the URL of a Parley node?");
    }
  }
}

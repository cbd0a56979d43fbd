package org.parley.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.parley.context.ContextShard;
import org.parley.http.api.SandboxMail;
import org.parley.http.api.Surroundings;

/** An API on a free port, over an engine in memory, and a client of it. */
final class RunningApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The example of the project's own documents. */
  static final String CAMPAIGN =
      """
      {"name":"Spring sale","audience":"aud_1","category":"marketing",
       "steps":[{"id":"hello","channel":"email","template":{"subject":"{{firstName}}, it is spring","text":"…","html":"…"}},
                {"id":"nudge","channel":"email","after":{"step":"hello","on":"noReply","wait":"P2D"},"template":{"subject":"…","text":"…"}}],
       "schedule":{"startAt":"2026-12-01T09:00:00Z","sendWindow":{"from":"09:00","to":"20:00","zone":"customer"}},
       "policy":{"frequencyCap":{"messages":1,"per":"P1D"},"ratePerSecond":5000}}
      """;

  final MemoryParley parley = new MemoryParley();
  final MemoryStores stores = new MemoryStores();
  final MemoryOperators operators = new MemoryOperators();
  final ActorTestKit kit;
  final HttpApi api;
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  volatile List<String> notReady = List.of();

  RunningApi() {
    this("");
  }

  /**
   * @param settings HOCON of what is different under {@code parley.http}
   */
  RunningApi(String settings) {
    kit =
        ActorTestKit.create(
            ConfigFactory.parseString("parley.http { port = 0, " + settings + " }")
                .withFallback(
                    ConfigFactory.parseString(
                        "pekko.actor.provider = local\npekko.loglevel = WARNING"))
                .withFallback(ConfigFactory.load()));
    api =
        HttpApi.start(
                kit.system(),
                parley,
                ContextShard.start(kit.system(), parley),
                stores,
                new Surroundings(
                    () -> "parley_up 1\n",
                    () -> CompletableFuture.completedFuture(notReady),
                    Optional.of(
                        () ->
                            List.of(
                                new SandboxMail(
                                    MemoryParley.NOW,
                                    "Shop <shop@example.org>",
                                    "ada@example.org",
                                    "<script>alert(1)</script>",
                                    "Hello & welcome"))),
                    operators,
                    () -> CompletableFuture.completedFuture(MemoryOperators.cluster())))
            .toCompletableFuture()
            .orTimeout(20, TimeUnit.SECONDS)
            .join();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + api.address().getPort() + path);
  }

  /** A bare connection, for clients that misbehave. */
  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.address().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** A request with a good key; {@code headers} are names and values in turn. */
  HttpResponse<String> call(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .setHeader("Authorization", "Bearer " + MemoryStores.KEY);
    if (!body.isEmpty()) request.setHeader("Content-Type", "application/json");
    for (int i = 0; i < headers.length; i += 2) request.setHeader(headers[i], headers[i + 1]);
    return send(request.build());
  }

  HttpResponse<String> get(String path, String... headers) {
    return call("GET", path, "", headers);
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    return call("POST", path, body, headers);
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("no answer to " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static JsonNode json(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + response.body(), e);
    }
  }

  static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
    parley.stop();
  }
}

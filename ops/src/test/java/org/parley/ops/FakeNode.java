package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;

/**
 * Answers as a node does, from memory: in this JVM for a test, or by {@link #main} as the child of
 * a command. Every customer is reached at once, those who opted out excepted; a campaign over two
 * thousand or more takes four looks at its progress.
 */
final class FakeNode implements AutoCloseable {
  static final String KEY = "secret-key";

  private static final int SLOW_FROM = 2000;
  private static final int LOOKS = 4;

  private final HttpServer server;
  private final Map<String, Integer> audiences = new ConcurrentHashMap<>();
  private final Map<String, String> campaigns = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger busyFor = new AtomicInteger();
  private final AtomicInteger optedOut = new AtomicInteger();
  private final AtomicInteger progressLooks = new AtomicInteger();
  private final AtomicInteger notReadyFor = new AtomicInteger(2);

  FakeNode() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/", this::handle);
    server.start();
  }

  /** A process that looks like a node: it takes its options, says that it is ready, and waits. */
  public static void main(String[] args) throws Exception {
    List<String> options = List.of(args);
    if (options.contains("jdbc:postgresql://broken/db")) {
      System.err.println(
          "parley: the database does not answer; see --database jdbc:postgresql://…");
      System.exit(1);
    }
    Path data = Path.of(options.get(options.indexOf("--data") + 1));
    Files.writeString(data.resolve("api-key"), KEY + "\n");
    try (FakeNode node = new FakeNode()) {
      System.out.println("The first API key, told only this once: " + KEY);
      System.out.println(
          "parley is ready at " + node.uri() + " (API key in " + data.resolve("api-key") + ")");
      new CountDownLatch(1).await();
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The requests so far: method, path and, for POST, the idempotency key. */
  List<String> requests() {
    return requests;
  }

  /** The next requests are answered with 503. */
  void beBusyFor(int count) {
    busyFor.set(count);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getRawPath();
    String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
    requests.add(method + " " + path + (key == null ? "" : " " + key));
    InputStream in = exchange.getRequestBody();
    if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
      in = new GZIPInputStream(in);
    }
    try (BufferedReader body =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      List<String> lines = body.lines().toList();
      if (path.equals("/readyz") || path.equals("/healthz") || isKnown(exchange)) {
        answer(exchange, method, path, key == null ? "" : key, lines);
      } else {
        problem(exchange, 401, "unauthorized", "No such key.", List.of());
      }
    }
  }

  private static boolean isKnown(HttpExchange exchange) {
    return ("Bearer " + KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"));
  }

  private void answer(
      HttpExchange exchange, String method, String path, String key, List<String> lines)
      throws IOException {
    if (busyFor.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      exchange.getResponseHeaders().add("Retry-After", "0");
      problem(exchange, 503, "busy", "Not now.", List.of());
      return;
    }
    String[] parts = path.substring(1).split("/", -1);
    String id = parts.length > 2 ? parts[2] : "";
    switch (method + " " + path.replaceAll("^(/v1/[a-z]+/)[^/]+", "$1*")) {
      case "GET /readyz" -> ready(exchange);
      case "GET /healthz" -> reply(exchange, 200, Json.object());
      case "GET /metrics" -> text(exchange, "# TYPE x\nparley_heap_peak_bytes 1.048576E8\n");
      case "POST /v1/audiences" -> {
        audiences.putIfAbsent("aud_" + key, 0);
        reply(exchange, 201, audience("aud_" + key));
      }
      case "GET /v1/audiences/*" -> reply(exchange, 200, audience(id));
      case "PUT /v1/audiences/*/members" -> members(exchange, id, lines);
      case "GET /v1/audiences/*/rejects" -> rejects(exchange);
      case "POST /v1/campaigns" -> create(exchange, key, Json.parse(String.join("\n", lines)));
      case "GET /v1/campaigns" -> campaigns(exchange);
      case "POST /v1/campaigns/*/start" -> reply(exchange, 200, Json.object());
      case "POST /v1/campaigns/*/pause" ->
          reply(exchange, 200, Json.object().put("status", "paused"));
      case "GET /v1/campaigns/*/progress" -> progress(exchange, id);
      case "GET /v1/campaigns/*/latency" ->
          reply(exchange, 200, Json.object().put("p50", 3.2).put("p95", 9.4).put("p99", 21.0));
      case "PUT /v1/customers/*/consent" -> {
        optedOut.incrementAndGet();
        reply(exchange, 200, Json.object().put("customerId", id));
      }
      case "GET /v1/customers/*/context" -> context(exchange, id);
      case "POST /v1/customers/*/messages" ->
          reply(exchange, 202, Json.object().put("id", "msg_" + key));
      case "GET /v1/messages/*" -> message(exchange, id);
      case "GET /v1/campaigns/*/recipients" -> recipients(exchange);
      case "GET /v1/agents" -> agents(exchange);
      case "GET /v1/cluster" -> cluster(exchange);
      case "GET /v1/carriers" -> {
        ObjectNode page = Json.object();
        page.putArray("items").add(carrier("closed", "it takes messages"));
        reply(exchange, 200, page);
      }
      case "POST /v1/carriers/*/drain", "POST /v1/carriers/*/trip", "POST /v1/carriers/*/resume" ->
          order(exchange, id, parts[3]);
      default -> problem(exchange, 404, "notFound", "There is no such thing.", List.of());
    }
  }

  private static void message(HttpExchange exchange, String id) throws IOException {
    reply(
        exchange,
        200,
        Json.object()
            .put("id", id)
            .put("state", "delivered")
            .put("grantedAt", "2026-01-31T10:00:00Z")
            .put("at", "2026-01-31T10:00:00.040Z"));
  }

  /** One call, on the second page. */
  private static void recipients(HttpExchange exchange) throws IOException {
    ObjectNode page = Json.object();
    var items = page.putArray("items");
    boolean second = exchange.getRequestURI().getRawQuery().contains("cursor=a%2Fb");
    if (second) {
      items.addObject().put("attempt", "call-1").put("grantedAt", "2026-01-31T10:00:00Z");
    } else {
      page.put("next", "a/b");
    }
    reply(exchange, 200, page);
  }

  private static void agents(HttpExchange exchange) throws IOException {
    ObjectNode page = Json.object();
    page.putArray("items")
        .addObject()
        .put("node", "node-1")
        .put("channel", "email")
        .put("instances", 5)
        .put("min", 3)
        .put("max", 20)
        .putObject("lastResize")
        .put("from", 3)
        .put("to", 5)
        .put("why", "more than 70 % busy for 30 s");
    reply(exchange, 200, page);
  }

  private static void cluster(HttpExchange exchange) throws IOException {
    String first = "pekko://parley@10.0.0.1:7355";
    ObjectNode cluster = Json.object().put("self", first).put("leader", first);
    cluster
        .putObject("splitBrain")
        .put("strategy", "lease-majority")
        .putObject("lease")
        .put("owner", first)
        .put("epoch", 7)
        .put("heldUntil", "2026-11-24T10:00:10Z");
    var members = cluster.putArray("members");
    ObjectNode answers = members.addObject();
    answers
        .put("address", first)
        .put("status", "up")
        .put("reachable", true)
        .put("version", "0.1.0")
        .put("startedAt", "2026-11-24T08:00:00.123Z")
        .put("shards", 256)
        .put("conversations", 12345);
    answers.putArray("unreachableFrom");
    answers.putArray("roles").add("conversation").add("http");
    ObjectNode lost = members.addObject();
    lost.put("address", "pekko://parley@10.0.0.2:7355")
        .put("status", "up")
        .put("reachable", false)
        .put("version", "0.1.0");
    lost.putArray("unreachableFrom").add(first);
    lost.putArray("roles").add("phone-agent");
    reply(exchange, 200, cluster);
  }

  private static void order(HttpExchange exchange, String name, String verb) throws IOException {
    if (!name.equals("main")) {
      problem(exchange, 404, "carrierNotFound", "There is no such thing.", List.of());
      return;
    }
    String state = Map.of("drain", "drained", "trip", "tripped").getOrDefault(verb, "closed");
    reply(exchange, 200, carrier(state, "an operator said so"));
  }

  private static ObjectNode carrier(String state, String why) {
    return Json.object()
        .put("name", "main")
        .put("channel", "email")
        .put("priority", 1)
        .put("perSecond", 1000)
        .put("state", state)
        .put("why", why);
  }

  private void ready(HttpExchange exchange) throws IOException {
    if (notReadyFor.getAndDecrement() > 0) {
      problem(exchange, 503, "notReady", "the cluster to form", List.of());
    } else {
      reply(exchange, 200, Json.object());
    }
  }

  private ObjectNode audience(String id) {
    int members = audiences.getOrDefault(id, 0);
    return Json.object()
        .put("id", id)
        .put("status", members == 0 ? "empty" : "ready")
        .put("accepted", members)
        .put("rejected", 0);
  }

  private void members(HttpExchange exchange, String id, List<String> lines) throws IOException {
    int good =
        (int)
            lines.stream()
                .filter(line -> line.startsWith("c-"))
                .map(line -> line.substring(0, line.indexOf(',')))
                .distinct()
                .count();
    audiences.put(id, good);
    reply(
        exchange,
        200,
        Json.object().put("accepted", good).put("rejected", lines.size() - 1 - good));
  }

  private static void rejects(HttpExchange exchange) throws IOException {
    ObjectNode page = Json.object();
    page.putArray("items").addObject().put("line", 41).put("reason", "customerId is missing");
    reply(exchange, 200, page);
  }

  private void create(HttpExchange exchange, String key, JsonNode definition) throws IOException {
    if (definition.path("steps").isEmpty()) {
      problem(
          exchange,
          422,
          "invalidCampaign",
          "The campaign is not valid.",
          List.of("/steps", "at least one step is needed"));
      return;
    }
    campaigns.put("cmp_" + key, definition.path("audience").asText());
    reply(exchange, 201, Json.object().put("id", "cmp_" + key));
  }

  private void campaigns(HttpExchange exchange) throws IOException {
    ObjectNode page = Json.object();
    var items = page.putArray("items");
    for (String id : campaigns.keySet()) {
      items.addObject().put("id", id).put("status", "running").put("audienceSize", 1000);
    }
    reply(exchange, 200, page);
  }

  private void progress(HttpExchange exchange, String id) throws IOException {
    String audience = campaigns.get(id);
    if (audience == null) {
      problem(exchange, 404, "noSuchCampaign", "There is no such campaign.", List.of());
      return;
    }
    int accepted = audiences.getOrDefault(audience, 0);
    int refused = Math.min(accepted, optedOut.get());
    int looks = accepted < SLOW_FROM ? LOOKS : Math.min(LOOKS, progressLooks.incrementAndGet());
    int pending = (accepted - refused) * (LOOKS - looks) / LOOKS;
    ObjectNode progress =
        Json.object()
            .put("status", pending == 0 ? "completed" : "running")
            .put("accepted", accepted)
            .put("pending", pending)
            .put("held", 0)
            .put("delivered", accepted - refused - pending)
            .put("failed", 0)
            .put("suppressed", refused)
            .put("unknown", 0);
    progress.putObject("reasons").put("optedOut", refused);
    reply(exchange, 200, progress);
  }

  private static void context(HttpExchange exchange, String id) throws IOException {
    ObjectNode answer = Json.object().put("ageMillis", 0).put("cached", false);
    ObjectNode context = answer.putObject("context");
    ObjectNode customer = context.putObject("customer").put("customerId", id);
    customer.put("version", id.equals("c-0") ? 0 : 2);
    ObjectNode touch = context.putArray("touches").addObject().put("state", "delivered");
    touch.putObject("key").put("campaignId", "cmp_1").put("stepId", "hello");
    customer.putObject("profile").put("email", "ada@example.com");
    customer.putObject("consent").put("email", "optedIn");
    reply(exchange, 200, answer);
  }

  private static void problem(
      HttpExchange exchange, int status, String code, String detail, List<String> place)
      throws IOException {
    ObjectNode problem =
        Json.object().put("status", status).put("code", code).put("detail", detail);
    if (!place.isEmpty()) {
      problem
          .putArray("errors")
          .addObject()
          .put("pointer", place.get(0))
          .put("detail", place.get(1));
    }
    reply(exchange, status, problem);
  }

  private static void text(HttpExchange exchange, String body) throws IOException {
    send(exchange, 200, body.getBytes(StandardCharsets.UTF_8));
  }

  private static void reply(HttpExchange exchange, int status, JsonNode body) throws IOException {
    send(exchange, status, Json.bytes(body));
  }

  private static void send(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}

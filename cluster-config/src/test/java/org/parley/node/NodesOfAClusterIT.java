package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.node.RunningNode.expect;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.cluster.sharding.typed.GetShardRegionState;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.Communication;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.MessageRequest;
import org.parley.core.api.Template;

/** Whole nodes that are one cluster: one holds conversations and sends, one only serves the API. */
class NodesOfAClusterIT {
  private static final String HOST = "127.0.0.1";
  private static final int SEED = Ports.free(HOST);
  private static final int MANAGEMENT = Ports.free(HOST);

  @TempDir private static Path directory;
  private static SharedDatabase database;
  private static RunningNode worker;
  private static RunningNode front;

  @BeforeAll
  static void start() throws IOException {
    database = new SharedDatabase(directory);
    worker = node("worker", SEED, "[conversation, email-agent]", "management-port = " + MANAGEMENT);
    front = node("front", 0, "[http]", "");
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable part : new AutoCloseable[] {front, worker, database}) {
      try {
        if (part != null) part.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static RunningNode node(String name, int port, String roles, String more)
      throws IOException {
    return node(name, port, roles, more, "");
  }

  private static RunningNode node(String name, int port, String roles, String more, String rest)
      throws IOException {
    String cluster =
        "parley.cluster { seeds = [\"%s:%d\"], port = %d, roles = %s, %s }%n"
            .formatted(HOST, SEED, port, roles, more);
    Path data = Files.createDirectories(directory.resolve(name));
    // A machine that is busy with other things must not look like a dead node.
    String patient =
        """
        pekko.cluster.failure-detector.acceptable-heartbeat-pause = 40s
        pekko.cluster.sharding.rebalance-interval = 1s
        """;
    return new RunningNode(data, cluster + patient + rest + database.settings());
  }

  @Test
  void whatIsSubmittedAtANodeWithoutConversationsIsDoneByOneThatHasThem() {
    assertThat(worker.node.greeting()).contains(HOST + ":" + SEED).contains("no API");
    String audience =
        front.audience("customerId,email\nann,ann@one.example\nbob,bob@one.example\n");
    String campaign =
        front.start(
            """
            {"name":"both","audience":"%s","steps":[{"id":"one","channel":"email",
              "template":{"subject":"Hello","text":"Hello"}}]}
            """
                .formatted(audience));
    JsonNode end = front.awaitEnd(campaign);
    assertThat(end.path("delivered").asLong()).isEqualTo(2);
    assertThat(worker.mailsTo("ann@one.example")).hasSize(1);
    assertThat(front.ledger()).isEmpty();
    assertThat(expect(200, front.get("/v1/customers/ann")).text("customerId")).isEqualTo("ann");
  }

  /** The conversation lives on the other node, which does not tell this one of its writes. */
  @Test
  void whoUnsubscribedIsOptedOutInTheNextContextOfTheNodeThatServedTheLink() throws Exception {
    String customer = "/v1/customers/weary";
    expect(200, front.put(customer, "application/json", "{\"email\":\"weary@one.example\"}"));
    assertThat(consent(customer).has("email")).isFalse();
    String token =
        database.unsubscribeTokens().sign(CustomerKey.of("weary"), "cmp_1", Channel.EMAIL);
    expect(
        200,
        front.send(
            front
                .request("/v1/unsubscribe/" + token)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("List-Unsubscribe=One-Click"))));
    assertThat(consent(customer).path("email").asText()).isEqualTo("optedOut");
  }

  private static JsonNode consent(String customer) {
    return expect(200, front.get(customer + "/context")).body().findPath("consent");
  }

  @Test
  void aCampaignAndAMessageOfHundredsOfKilobytesTravel() {
    String html = noise(700_000);
    String audience = front.audience("customerId,email\nbig,big@one.example\n");
    String campaign =
        expect(
                201,
                front.post(
                    "/v1/campaigns",
                    """
                    {"name":"big","audience":"%s","steps":[{"id":"one","channel":"email",
                      "template":{"subject":"Hello","html":"%s"}}]}
                    """
                        .formatted(audience, html)))
            .text("id");
    assertThat(expect(200, front.get("/v1/campaigns/" + campaign)).body().findPath("html").asText())
        .isEqualTo(html);
    assertThat(worker.node.parley().campaign(campaign).toCompletableFuture().join().definition())
        .satisfies(d -> assertThat(d.steps().get(0).template().html()).contains(html));

    String profile = "{\"email\":\"big@one.example\"}";
    expect(200, front.put("/v1/customers/big", "application/json", profile));
    String message = "{\"channel\":\"email\",\"template\":{\"subject\":\"Hello\",\"html\":\"%s\"}}";
    expect(202, front.post("/v1/customers/big/messages", message.formatted(noise(400_000))));
    Awaitility.await("the large message is sent")
        .atMost(Duration.ofSeconds(30))
        .until(() -> worker.mailsTo("big@one.example").size() == 1);
  }

  /** What no compression makes much smaller. */
  private static String noise(int chars) {
    byte[] bytes = new byte[chars * 3 / 4];
    new Random(7).nextBytes(bytes);
    return Base64.getUrlEncoder().encodeToString(bytes);
  }

  @Test
  void managementTellsMembersAndReadinessAndChangesNothing() throws Exception {
    HttpResponse<String> members = management("GET", "/cluster/members");
    assertThat(members.statusCode()).isEqualTo(200);
    assertThat(members.body()).contains("parley@" + HOST + ":" + SEED).contains("http");
    assertThat(management("GET", "/ready").statusCode()).isEqualTo(200);
    assertThat(management("GET", "/alive").statusCode()).isEqualTo(200);
    assertThat(management("DELETE", "/cluster/members/parley@" + HOST + ":" + SEED).statusCode())
        .isBetween(400, 499);
    assertThat(management("GET", "/cluster/members").body()).contains("\"Up\"");
  }

  private static HttpResponse<String> management(String method, String path) throws Exception {
    URI uri = URI.create("http://" + HOST + ":" + MANAGEMENT + path);
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aNodeThatLeavesHandsItsConversationsOverAtOnceAndItsOutcomesFollow() throws Exception {
    List<String> customers = IntStream.range(0, 60).mapToObj(i -> "gap-" + i).toList();
    for (String customer : customers) {
      String profile = "{\"email\":\"" + customer + "@one.example\"}";
      expect(200, front.put("/v1/customers/" + customer, "application/json", profile));
    }
    String slow =
        """
        parley.sandbox.smtp.delay = 3s, parley.agents.email.drain-timeout = 30s
        parley.carrier-defaults.smtp.connections = 60
        """;
    RunningNode leaver = node("leaver", 0, "[conversation, email-agent]", "", slow);
    // On a slow machine the node may have been ready before.
    Awaitility.await("the node has its share")
        .atMost(Duration.ofSeconds(60))
        .until(() -> shards(leaver) > 10);
    Silence silence = new Silence(front.node.parley(), customers);
    CompletableFuture.allOf(
            customers.stream()
                .map(customer -> send(customer).toCompletableFuture())
                .toArray(CompletableFuture[]::new))
        .get(60, TimeUnit.SECONDS);
    leaver.close();
    long millis = silence.longestMillis();
    System.out.printf("the longest silence of a conversation was %d ms%n", millis);
    assertThat(millis).isLessThan(8_000);
    for (String customer : customers) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(front.get("/v1/messages/hello-" + customer).text("state"))
                      .isEqualTo("delivered"));
    }
    assertThat(leaver.ledger()).as("what was on its wire when it left").hasSizeGreaterThan(5);
    assertThat(customers)
        .allSatisfy(
            customer -> {
              String address = customer + "@one.example";
              assertThat(leaver.mailsTo(address).size() + worker.mailsTo(address).size()).isOne();
            });
  }

  private static CompletionStage<Communication> send(String customer) {
    Template hello = Template.text("Hello", "Hello");
    MessageRequest request = new MessageRequest(Channel.EMAIL, Category.TRANSACTIONAL, hello);
    return front.node.parley().sendMessage("hello-" + customer, customer, request);
  }

  private static int shards(RunningNode node) {
    EntityTypeKey<ConversationMessage> type =
        EntityTypeKey.create(ConversationMessage.class, "conversation");
    CompletionStage<ShardRegion.CurrentShardRegionState> state =
        AskPattern.ask(
            ClusterSharding.get(node.node.system).shardState(),
            (ActorRef<ShardRegion.CurrentShardRegionState> replyTo) ->
                new GetShardRegionState(type, replyTo),
            Duration.ofSeconds(10),
            node.node.system.scheduler());
    return state.toCompletableFuture().join().getShards().size();
  }
}

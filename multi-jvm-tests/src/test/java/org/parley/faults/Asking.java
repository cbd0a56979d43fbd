package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Clients that keep asking a node, whatever happens to it: some read, so that some are always in
 * the middle of it, one writes customers, one makes campaigns and repeats each request under its
 * key until it is acknowledged.
 */
final class Asking implements AutoCloseable {
  private static final Duration LIMIT = Pace.seconds(60);

  private final Client client;
  private final String name;
  private final String audience;
  private final List<Thread> threads;
  private final Map<String, String> campaigns = new ConcurrentHashMap<>();
  private final Map<String, Integer> customers = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  private Asking(Client client, String name, String audience) {
    this.client = client;
    this.name = name;
    this.audience = audience;
    this.threads =
        List.of(
            new Thread(this::read, "asking-reader-1"),
            new Thread(this::read, "asking-reader-2"),
            new Thread(this::read, "asking-reader-3"),
            new Thread(this::read, "asking-reader-4"),
            new Thread(this::writeCustomers, "asking-customers"),
            new Thread(this::makeCampaigns, "asking-campaigns"));
  }

  /**
   * Starts asking.
   *
   * @param name a word for what it makes, of its own
   * @param audience the one of the campaigns that it makes
   */
  static Asking start(Client client, String name, String audience) {
    Asking asking = new Asking(client, name, audience);
    asking.threads.forEach(Thread::start);
    return asking;
  }

  private void read() {
    while (!stopped) client.get("/v1/campaigns?limit=1");
  }

  private void writeCustomers() {
    for (int i = 0; !stopped; i++) {
      String id = name + "-customer" + i % 20;
      String body = "{\"attributes\":{\"plan\":\"" + i + "\"}}";
      if (client.put("/v1/customers/" + id, body).status() / 100 == 2) customers.put(id, i);
    }
  }

  private void makeCampaigns() {
    for (int i = 0; !stopped; i++) {
      String key = name + "-key" + i;
      String body = Run.definition(name + "-campaign" + i, "marketing", audience);
      Client.Answer answer;
      do {
        answer = client.post("/v1/campaigns", key, body);
      } while ((answer.status() == 503 || answer.status() == 409) && !stopped);
      if (answer.status() == 201) campaigns.put(answer.text("id"), name + "-campaign" + i);
    }
  }

  /** Waits until each of the writers has got so many more acknowledgements. */
  void awaitAcknowledged(int more) {
    Trial.note("awaiting acknowledgements; so far: " + summary());
    int made = campaigns.size() + more;
    long written = acknowledgedPuts() + more;
    Awaited.await(
        more + " more acknowledgements of each kind; so far: " + summary(),
        LIMIT,
        () -> campaigns.size() >= made && acknowledgedPuts() >= written);
  }

  /** Waits until a while has passed, and a request of each of these methods was refused in it. */
  void awaitRefusals(Duration span, String... methods) {
    int before = client.answers().size();
    Trial.note("awaiting refusals; so far: " + summary());
    long from = System.nanoTime();
    Awaited.await(
        "refusals of " + List.of(methods) + " over " + span.toSeconds() + " s",
        LIMIT,
        () -> {
          List<Client.Answer> all = client.answers();
          List<Client.Answer> since = all.subList(before, all.size());
          return System.nanoTime() - from > span.toNanos()
              && Arrays.stream(methods).allMatch(method -> refused(since, method));
        });
  }

  private static boolean refused(List<Client.Answer> answers, String method) {
    return answers.stream().anyMatch(a -> a.request().startsWith(method) && a.isGoodRefusal());
  }

  private long acknowledgedPuts() {
    return client.answers().stream()
        .filter(a -> a.request().startsWith("PUT /v1/customers/") && a.status() / 100 == 2)
        .count();
  }

  private String summary() {
    return campaigns.size() + " campaigns, " + acknowledgedPuts() + " customers";
  }

  /** Stops asking, and waits for what is under way. */
  void stop() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join(LIMIT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Fails when an answer was neither good nor a good refusal, or when something is lost or twice.
   */
  void judge(Object trial) {
    assertThat(client.answers())
        .as("every answer is good or says when to come back: %s", trial)
        .allMatch(a -> a.status() / 100 == 2 || a.isGoodRefusal() || isRepetition(a));
    campaigns.forEach(
        (id, campaign) ->
            assertThat(client.get("/v1/campaigns/" + id).expect(200).body().at("/definition/name"))
                .as("an acknowledged campaign: %s", trial)
                .hasToString('"' + campaign + '"'));
    // The list is the read side's, which comes after.
    Map<String, String> found =
        Awaited.await(
            "a list of all acknowledged campaigns " + campaigns,
            LIMIT,
            this::campaignsFound,
            list -> list.keySet().containsAll(campaigns.keySet()));
    assertThat(found.values().stream().filter(n -> n.startsWith(name + "-campaign")))
        .as("campaigns that were made twice: %s", trial)
        .doesNotHaveDuplicates();
    customers.forEach(
        (id, plan) -> {
          JsonNode customer = client.get("/v1/customers/" + id).expect(200).body();
          String kept = customer.path("profile").path("attributes").path("plan").asText("-1");
          // What was refused may have been done all the same; what was acknowledged must be there.
          assertThat(Integer.parseInt(kept))
              .as("the plan of %s: %s", id, trial)
              .isGreaterThanOrEqualTo(plan);
        });
  }

  /** The first one with this key got no answer, and the key is not free yet. */
  private static boolean isRepetition(Client.Answer answer) {
    return answer.status() == 409 && answer.text("code").equals("requestInProgress");
  }

  private Map<String, String> campaignsFound() {
    Map<String, String> found = new ConcurrentHashMap<>();
    List<String> pages = new ArrayList<>(List.of("/v1/campaigns?limit=1000"));
    for (int i = 0; i < pages.size(); i++) {
      JsonNode page = client.get(pages.get(i)).expect(200).body();
      for (JsonNode item : page.path("items")) {
        found.put(item.path("id").asText(), item.path("definition").path("name").asText());
      }
      if (page.hasNonNull("next")) pages.add(pages.get(0) + "&cursor=" + page.get("next").asText());
    }
    return found;
  }

  @Override
  public void close() {
    stop();
  }
}

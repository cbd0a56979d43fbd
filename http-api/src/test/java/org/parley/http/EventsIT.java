package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.parley.http.ErrorsIT.problem;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignStatus;

class EventsIT {
  private static final String ID = "cmp_1";
  private static final String PATH = "/v1/campaigns/" + ID + "/events";

  private final RunningApi api =
      new RunningApi("events { poll = 30ms, heartbeat = 100ms, max-clients = 3 }");

  @BeforeEach
  void start() {
    now(CampaignStatus.RUNNING, 10, 5);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void aClientSeesEachChangeAndTheEnd() throws Exception {
    try (Stream<String> lines = watch(PATH)) {
      Iterator<String> reader = lines.iterator();
      assertThat(nextEvent(reader)).isEqualTo("status {\"status\":\"running\"}");
      assertThat(nextEvent(reader)).startsWith("progress 5 ").contains("\"delivered\":10");

      now(CampaignStatus.RUNNING, 50, 6);
      assertThat(nextEvent(reader)).startsWith("progress 6 ").contains("\"delivered\":50");

      now(CampaignStatus.COMPLETED, 100, 7);
      assertThat(nextEvent(reader)).isEqualTo("status {\"status\":\"completed\"}");
      assertThat(nextEvent(reader)).startsWith("progress 7 ").contains("\"delivered\":100");
      assertThat(rest(reader)).as("the stream has ended").noneMatch(l -> l.startsWith("event"));
    }
  }

  @Test
  void aClientThatComesBackGetsNothingTwice() throws Exception {
    try (Stream<String> lines = watch(PATH, "Last-Event-ID", "5")) {
      Iterator<String> reader = lines.iterator();
      now(CampaignStatus.RUNNING, 11, 6);

      assertThat(nextEvent(reader)).startsWith("progress 6 ");
    }
  }

  @Test
  void aClientThatHasTheEndIsToldNotToComeBack() {
    now(CampaignStatus.CANCELLED, 11, 9);

    assertThat(api.get(PATH, "Accept", "text/event-stream", "Last-Event-ID", "9").statusCode())
        .isEqualTo(204);
    assertThat(api.get(PATH, "Last-Event-ID", "8").body()).contains("id: 9\n");
  }

  @Test
  void aSilentStreamSaysThatItIsAlive() throws Exception {
    try (Stream<String> lines = watch(PATH)) {
      assertThat(lines.limit(20)).contains(": heartbeat");
    }
  }

  @Test
  void whoeverWatchesACampaignIsServedByOneLookAtIt() throws Exception {
    List<Stream<String>> all = new ArrayList<>();
    List<Iterator<String>> readers = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        Stream<String> lines = watch(PATH);
        all.add(lines);
        Iterator<String> reader = lines.iterator();
        assertThat(nextEvent(reader)).startsWith("status");
        assertThat(nextEvent(reader)).startsWith("progress 5 ");
        readers.add(reader);
      }
      await().until(() -> api.api.events().clients() == 3);
      assertThat(api.api.events().watched()).isEqualTo(1);
      problem(api.get(PATH), 503, "busy");

      now(CampaignStatus.RUNNING, 20, 6);
      for (Iterator<String> reader : readers) {
        assertThat(nextEvent(reader)).startsWith("progress 6 ");
      }
    } finally {
      for (Stream<String> lines : all) lines.close();
    }
    await().until(() -> api.api.events().watched() == 0 && api.api.events().clients() == 0);
  }

  @Test
  void aStreamEndsWhenTheNodeStops() throws Exception {
    try (Stream<String> lines = watch(PATH)) {
      Iterator<String> reader = lines.iterator();
      assertThat(nextEvent(reader)).startsWith("status");

      api.api.stop().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();

      assertThat(rest(reader)).contains("event: progress");
    }
  }

  @Test
  void anUnknownCampaignAndAForeignIdAreRefused() {
    problem(api.get("/v1/campaigns/cmp_none/events"), 404, "campaignNotFound");
    problem(api.get(PATH, "Last-Event-ID", "x"), 400, "invalidLastEventId");
    problem(api.get(PATH, "Accept", "application/json"), 406, "notAcceptable");
  }

  private void now(CampaignStatus status, long delivered, long version) {
    api.parley.progress.put(ID, MemoryParley.progressOf(ID, status, delivered, version));
  }

  private Stream<String> watch(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(api.uri(path))
            .header("Authorization", "Bearer " + MemoryStores.KEY)
            .header("Accept", "text/event-stream");
    if (headers.length > 0) request.headers(headers);
    HttpResponse<Stream<String>> answer = api.client.send(request.build(), BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    return answer.body();
  }

  /** The next event as {@code name id data}, or {@code name data} when it has no id. */
  private static String nextEvent(Iterator<String> lines) {
    String line = lines.next();
    while (!line.startsWith("event: ")) line = lines.next();
    StringBuilder event = new StringBuilder(line.substring("event: ".length()));
    line = lines.next();
    while (!line.isEmpty()) {
      event.append(' ').append(line.substring(line.indexOf(':') + 2));
      line = lines.next();
    }
    return event.toString();
  }

  private static List<String> rest(Iterator<String> lines) {
    List<String> rest = new ArrayList<>();
    while (lines.hasNext()) rest.add(lines.next());
    return rest;
  }
}

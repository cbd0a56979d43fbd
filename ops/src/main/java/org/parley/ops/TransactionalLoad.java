package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * Single mails at a steady pace, each to one of the customers that the node has met. An answer that
 * is late does not hold up the next request, as far as {@value #REQUESTS} requests go.
 */
final class TransactionalLoad implements AutoCloseable {
  private static final long EVERY_MILLIS = 100;
  private static final int REQUESTS = 16;
  private static final Duration DELIVERY_LIMIT = Duration.ofSeconds(30);
  private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(10);

  private final NodeClient node;
  private final long firstCustomer;
  private final long customers;
  private final String seed = UUID.randomUUID().toString();
  private final ObjectNode message;
  private final AtomicLong asked = new AtomicLong();
  private final Map<String, Instant> requestedAt = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService requests = Executors.newFixedThreadPool(REQUESTS);

  private TransactionalLoad(NodeClient node, long firstCustomer, long customers) {
    this.node = node;
    this.firstCustomer = firstCustomer;
    this.customers = customers;
    this.message = Json.object().put("channel", "email");
    message
        .putObject("template")
        .put("subject", "Your receipt")
        .put("text", "Thank you, {{firstName}}.");
  }

  /** Begins; it goes on until it is closed. */
  static TransactionalLoad start(NodeClient node, long firstCustomer, long customers) {
    TransactionalLoad load = new TransactionalLoad(node, firstCustomer, customers);
    var unused =
        load.clock.scheduleAtFixedRate(
            () -> load.requests.execute(load::ask), 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    return load;
  }

  private void ask() {
    long n = asked.getAndIncrement();
    Instant now = Instant.now();
    String customer = CustomerCsv.id(firstCustomer + n % customers);
    try {
      JsonNode answer =
          node.post("/v1/customers/" + customer + "/messages", message, seed + "-" + n);
      requestedAt.put(answer.path("id").asText(), now);
    } catch (CommandFailure e) {
      // It is counted as asked and not sent.
    }
  }

  /**
   * What became of the messages.
   *
   * @param asked how many were asked for
   * @param sinceGrant microseconds from the grant until a carrier had accepted it
   * @param sinceRequest the same from the request, so with the wait for a place
   */
  record Result(long asked, Histogram sinceGrant, Histogram sinceRequest) {
    long sent() {
      return sinceGrant.getTotalCount();
    }
  }

  /** Ends it; waits until nothing is under way, and looks at each message. */
  Result stop() {
    close();
    Histogram sinceGrant = new Histogram(MAX_MICROS, 3);
    Histogram sinceRequest = new Histogram(MAX_MICROS, 3);
    long deadline = System.nanoTime() + DELIVERY_LIMIT.toNanos();
    requestedAt.forEach(
        (id, requested) -> {
          JsonNode seen = awaitDelivered(id, deadline);
          if (!isDelivered(seen)) return;
          Instant at = Instant.parse(seen.path("at").asText());
          record(sinceGrant, Instant.parse(seen.path("grantedAt").asText()), at);
          record(sinceRequest, requested, at);
        });
    return new Result(asked.get(), sinceGrant, sinceRequest);
  }

  private JsonNode awaitDelivered(String id, long deadline) {
    while (true) {
      JsonNode seen = look(id);
      if (isDelivered(seen) || System.nanoTime() > deadline) return seen;
      Follower.pause(Duration.ofMillis(100));
    }
  }

  /** Missing while the reports have not come as far as what was acknowledged. */
  private JsonNode look(String id) {
    try {
      return node.get("/v1/messages/" + id);
    } catch (CommandFailure e) {
      if (e.status() != CommandFailure.REFUSED) throw e;
      return MissingNode.getInstance();
    }
  }

  private static boolean isDelivered(JsonNode message) {
    return message.path("state").asText().equals("delivered");
  }

  private static void record(Histogram micros, Instant from, Instant to) {
    long between = Duration.between(from, to).toNanos() / 1_000;
    micros.recordValue(Math.max(0, Math.min(MAX_MICROS, between)));
  }

  @Override
  public void close() {
    clock.shutdownNow();
    requests.shutdown();
    try {
      if (!requests.awaitTermination(DELIVERY_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        requests.shutdownNow();
      }
    } catch (InterruptedException e) {
      requests.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}

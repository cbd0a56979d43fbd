package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Campaigns of one step in one channel on a node that is measured, and what they cost. */
final class BenchRun {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);

  private final Shell shell;
  private final BenchNode node;
  private final BenchChannel channel;

  BenchRun(Shell shell, BenchNode node, BenchChannel channel) {
    this.shell = shell;
    this.node = node;
    this.channel = channel;
  }

  /** Imports so many customers, beginning with the {@code first}th. */
  Submission.Imported audience(long first, long count) throws IOException {
    Path csv = node.directory().resolve("audience-" + first + ".csv");
    if (channel == BenchChannel.EMAIL) CustomerCsv.write(csv, first, count);
    else CustomerCsv.writeWithPhones(csv, first, count);
    return new Submission(node.client(), shell, seed())
        .importAudience(new AudienceFile(csv), "bench", false);
  }

  /** Sends a campaign whose cost is not measured. */
  void unmeasured(Submission.Imported audience, String why) {
    shell.note(why + "; this campaign is not measured.");
    Follower.Seen first = send(create(channel.definition(), audience));
    if (!first.isComplete()) throw stuck(first.progress());
  }

  /**
   * Sends a campaign, and prints and writes what it cost.
   *
   * @param conditions what else the figures should tell
   */
  int measure(BenchOptions options, Submission.Imported audience, ObjectNode conditions)
      throws IOException {
    Campaign campaign = create(channel.definition(), audience);
    BenchNode.Cpu before = node.cpu();
    Instant start = Instant.now();
    Follower.Seen seen = send(campaign);
    BenchNode.Cpu after = node.cpu();
    Progress progress = seen.progress();
    Duration took = Duration.between(progress.startedAt().orElse(start), seen.settledAt());
    ObjectNode figures = figures(audience, campaign.id, conditions, before, after, progress, took);
    print(figures);
    BenchCommand.write(shell, options.json, figures);
    if (!seen.isComplete() || progress.accepted() != audience.accepted()) throw stuck(progress);
    return 0;
  }

  /** A campaign that is ready to start. */
  record Campaign(Submission submission, String id) {}

  Campaign create(JsonNode definition, Submission.Imported audience) {
    Submission submission = new Submission(node.client(), shell, seed());
    return new Campaign(submission, submission.create(definition, audience.id()));
  }

  /**
   * What came of a campaign.
   *
   * @param rate settled recipients a second, in the middle of its course
   */
  record Sent(Follower.Seen seen, SteadyRate rate) {}

  /** Starts it and waits until everybody is settled. */
  Follower.Seen send(Campaign campaign) {
    return send(campaign, Optional.empty()).seen;
  }

  /**
   * Starts it and waits until everybody is settled.
   *
   * @param limit it is paused after this time, and whoever has not been reached by then is left out
   */
  Sent send(Campaign campaign, Optional<Duration> limit) {
    SteadyRate rate = new SteadyRate();
    Optional<Stop> stop = limit.map(time -> new Stop(campaign, time));
    try {
      campaign.submission.start(campaign.id);
      Follower.Seen seen =
          new Follower(node.client(), shell, LOOK_EVERY, IDLE_LIMIT)
              .follow(
                  campaign.id,
                  progress -> {
                    boolean goesOn = stop.isEmpty() || !stop.get().isPaused();
                    if (goesOn) rate.at(Instant.now(), progress.settled());
                    return progress.isFinal()
                        || progress.isSettled()
                        || (stop.isPresent() && stop.get().isOver(progress));
                  });
      return new Sent(seen, rate);
    } catch (CommandFailure e) {
      node.requireAlive();
      throw e;
    }
  }

  /** Ends a campaign in the middle of its course. */
  private static final class Stop {
    private static final Duration QUIET = Duration.ofSeconds(2);

    private final Campaign campaign;
    private final Instant at;
    private Optional<Instant> quietSince = Optional.empty();
    private long settled = -1;

    Stop(Campaign campaign, Duration limit) {
      this.campaign = campaign;
      this.at = Instant.now().plus(limit);
    }

    boolean isPaused() {
      return quietSince.isPresent();
    }

    /** Pauses it when it is time; over is it when nothing under way has settled for a while. */
    boolean isOver(Progress progress) {
      Instant now = Instant.now();
      if (now.isBefore(at)) return false;
      if (quietSince.isEmpty()) campaign.submission.pause(campaign.id);
      if (quietSince.isEmpty() || progress.settled() != settled) {
        settled = progress.settled();
        quietSince = Optional.of(now);
      }
      return Duration.between(quietSince.get(), now).compareTo(QUIET) >= 0;
    }
  }

  private ObjectNode figures(
      Submission.Imported audience,
      String campaign,
      ObjectNode conditions,
      BenchNode.Cpu before,
      BenchNode.Cpu after,
      Progress progress,
      Duration took) {
    long messages = progress.delivered() + progress.failed() + progress.unknown();
    double seconds = Math.max(1e-3, took.toNanos() / 1e9);
    JsonNode latency = node.client().get("/v1/campaigns/" + campaign + "/latency");
    ObjectNode figures = Json.object();
    figures.put("recipients", progress.accepted());
    figures.setAll(conditions);
    figures.put("seconds", BenchCommand.rounded(seconds));
    figures.put("messagesPerSecond", BenchCommand.rounded(messages / seconds));
    figures.put(
        "importRowsPerSecond",
        BenchCommand.rounded(audience.accepted() * 1e9 / Math.max(1, audience.nanos())));
    BenchCommand.put(
        figures, "jvmMicrosPerMessage", BenchNode.Cpu.each(before.jvm(), after.jvm(), messages));
    BenchCommand.put(
        figures,
        "postgresMicrosPerMessage",
        BenchNode.Cpu.each(before.postgres(), after.postgres(), messages));
    figures.set("grantToAcceptanceMillis", percentiles(latency));
    node.peakHeapMiB()
        .ifPresentOrElse(
            heap -> figures.put("peakHeapMiB", heap), () -> figures.putNull("peakHeapMiB"));
    figures
        .putObject("states")
        .put("delivered", progress.delivered())
        .put("failed", progress.failed())
        .put("suppressed", progress.suppressed())
        .put("unknown", progress.unknown());
    return figures;
  }

  private void print(JsonNode figures) {
    JsonNode percentiles = figures.path("grantToAcceptanceMillis");
    Table table =
        new Table()
            .row("recipients", Table.number(figures.path("recipients").asLong()))
            .row("messages/s", Table.number(figures.path("messagesPerSecond").asLong()))
            .row("import rows/s", Table.number(figures.path("importRowsPerSecond").asLong()))
            .row("JVM µs/message", text(figures.path("jvmMicrosPerMessage")))
            .row("PostgreSQL µs/message", text(figures.path("postgresMicrosPerMessage")))
            .row("grant to acceptance P50", Table.millis(percentiles.path("p50").asDouble()))
            .row("P95", Table.millis(percentiles.path("p95").asDouble()))
            .row("P99", Table.millis(percentiles.path("p99").asDouble()))
            .row("peak heap MiB", text(figures.path("peakHeapMiB")));
    figures
        .path("states")
        .properties()
        .forEach(state -> table.row(state.getKey(), Table.number(state.getValue().asLong())));
    table.lines().forEach(shell::print);
  }

  /** P50, P95 and P99 with one digit after the point. */
  static ObjectNode percentiles(JsonNode latency) {
    ObjectNode percentiles = Json.object();
    for (String p : List.of("p50", "p95", "p99")) {
      percentiles.put(p, BenchCommand.rounded(latency.path(p).asDouble()));
    }
    return percentiles;
  }

  static String text(JsonNode figure) {
    return figure.isNull() ? "cannot be told here" : figure.asText();
  }

  static CommandFailure stuck(Progress progress) {
    return CommandFailure.failed(
        "the campaign did not settle everybody: "
            + progress.pending()
            + " pending, of them "
            + progress.held()
            + " held, "
            + progress.accepted()
            + " accepted",
        "reasons: " + progress.reasons());
  }

  private static String seed() {
    return UUID.randomUUID().toString();
  }
}

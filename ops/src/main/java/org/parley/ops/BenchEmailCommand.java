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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench email}: CSV, HTTP, PostgreSQL, SMTP, and what each mail costs. */
@Command(
    name = "email",
    mixinStandardHelpOptions = true,
    description = "Send a campaign of one mail to each of N customers, and say what it cost.",
    footer = {
      "",
      "Messages a second: from the campaign's start to the last recipient settled, as reported.",
      "CPU: of the node and of PostgreSQL during the campaign, without import and carrier."
    })
final class BenchEmailCommand implements Callable<Integer> {
  /** Whether the node has met the customers before. */
  enum Customers {
    /** Never: every conversation is made. */
    NEW,
    /** By an earlier campaign in the same run, which is not measured. */
    KNOWN
  }

  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(2);

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--recipients",
      paramLabel = "N",
      defaultValue = "100000",
      description = "How many customers, 1 to 10000000. Default: ${DEFAULT-VALUE}.")
  int recipients;

  @Option(
      names = "--smtp",
      paramLabel = "HOST:PORT",
      description =
          "Where the mails go: something that accepts them all and drops them, such as smtp-sink."
              + " Default: a sandbox carrier in a process of its own.")
  Optional<String> smtp = Optional.empty();

  @Option(
      names = "--customers",
      paramLabel = "new|known",
      defaultValue = "NEW",
      description = "Whether the node has met them before. Default: new.")
  Customers customers = Customers.NEW;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "How many other customers are sent to before, unmeasured, so that the measured campaign"
              + " meets compiled code; 0 to 10000000. Default: ${DEFAULT-VALUE}, a cold start.")
  int warmUp;

  BenchEmailCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    if (recipients < 1 || recipients > 10_000_000) {
      throw CommandFailure.usage("--recipients must be 1 to 10000000");
    }
    if (warmUp < 0 || warmUp > 10_000_000) {
      throw CommandFailure.usage("--warm-up must be 0 to 10000000");
    }
    Optional<Address> carrier = smtp.map(text -> Address.parse("--smtp", text));
    if (carrier.isPresent() && !carrier.get().answers()) {
      throw CommandFailure.failed("nobody accepts mails at " + carrier.get() + " (--smtp).");
    }
    try (BenchNode node = new BenchNode(shell, launch, options, carrier)) {
      if (warmUp > 0) unmeasured(node, audience(node, recipients + 1L, warmUp), "Warming up");
      Submission.Imported audience = audience(node, 1, recipients);
      if (customers == Customers.KNOWN) unmeasured(node, audience, "Making the customers known");
      return measure(node, audience);
    }
  }

  private Submission.Imported audience(BenchNode node, long first, long count) throws IOException {
    Path csv = node.directory().resolve("audience-" + first + ".csv");
    CustomerCsv.write(csv, first, count);
    return new Submission(node.client(), shell, seed())
        .importAudience(new AudienceFile(csv), "bench", false);
  }

  private void unmeasured(BenchNode node, Submission.Imported audience, String why) {
    shell.note(why + "; this campaign is not measured.");
    Follower.Seen first = send(node, create(node, audience));
    if (!first.isComplete()) throw stuck(first.progress());
  }

  private int measure(BenchNode node, Submission.Imported audience) throws IOException {
    Run campaign = create(node, audience);
    BenchNode.Cpu before = node.cpu();
    Instant start = Instant.now();
    Follower.Seen seen = send(node, campaign);
    BenchNode.Cpu after = node.cpu();
    Progress progress = seen.progress();
    Duration took = Duration.between(progress.startedAt().orElse(start), seen.settledAt());
    ObjectNode figures = figures(node, audience, campaign.id, before, after, progress, took);
    print(figures);
    BenchCommand.write(shell, options.json, figures);
    if (!seen.isComplete() || progress.accepted() != recipients) throw stuck(progress);
    return 0;
  }

  private record Run(Submission submission, String id) {}

  private Run create(BenchNode node, Submission.Imported audience) {
    Submission submission = new Submission(node.client(), shell, seed());
    return new Run(submission, submission.create(definition(), audience.id()));
  }

  private Follower.Seen send(BenchNode node, Run campaign) {
    try {
      campaign.submission.start(campaign.id);
      return new Follower(node.client(), shell, LOOK_EVERY, IDLE_LIMIT)
          .followUntilSettled(campaign.id);
    } catch (CommandFailure e) {
      node.requireAlive();
      throw e;
    }
  }

  private ObjectNode figures(
      BenchNode node,
      Submission.Imported audience,
      String campaign,
      BenchNode.Cpu before,
      BenchNode.Cpu after,
      Progress progress,
      Duration took) {
    long messages = progress.delivered() + progress.failed() + progress.unknown();
    double seconds = Math.max(1e-3, took.toNanos() / 1e9);
    JsonNode latency = node.client().get("/v1/campaigns/" + campaign + "/latency");
    ObjectNode figures = Json.object();
    figures.put("recipients", progress.accepted());
    figures.put("customers", customers == Customers.NEW ? "new" : "known");
    figures.put("warmUp", warmUp);
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
    ObjectNode percentiles = figures.putObject("grantToAcceptanceMillis");
    for (String p : List.of("p50", "p95", "p99")) {
      percentiles.put(p, BenchCommand.rounded(latency.path(p).asDouble()));
    }
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

  private static String text(JsonNode figure) {
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

  /** A campaign of one mail with some values of the customer in it. */
  static ObjectNode definition() {
    ObjectNode definition = Json.object().put("name", "bench").put("category", "marketing");
    definition
        .putArray("steps")
        .addObject()
        .put("id", "hello")
        .put("channel", "email")
        .putObject("template")
        .put("subject", "{{firstName}}, it is spring in {{city}}")
        .put(
            "text",
            "Dear {{firstName}} {{lastName}},\n\nyour plan {{plan}} has something new for you.\n");
    return definition;
  }

  private static String seed() {
    return UUID.randomUUID().toString();
  }
}

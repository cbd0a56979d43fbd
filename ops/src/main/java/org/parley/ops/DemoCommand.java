package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code parley demo}: a node, a sandbox carrier, a campaign, and what became of it. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Start a node with sandbox carriers and send the sample campaign through them.",
      "Nothing leaves this machine."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int SAMPLE_RECIPIENTS = 1_000;
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(90);

  private final Shell shell;
  private final Launch launch;

  @Option(names = "--exit", description = "Stop the node when the campaign has ended.")
  boolean exit;

  @Option(
      names = "--recipients",
      paramLabel = "N",
      defaultValue = "" + SAMPLE_RECIPIENTS,
      description = "How many customers, 1 to 1000000. Default: the sample's ${DEFAULT-VALUE}.")
  int recipients;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = ".parley",
      description = "Where everything is kept. Default: ${DEFAULT-VALUE}.")
  String data = "";

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8080",
      description = "Where the node listens; port 0 is any. Default: ${DEFAULT-VALUE}.")
  String http = "";

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = "A PostgreSQL to use (jdbc:postgresql://...) and not the embedded one.")
  Optional<String> database = Optional.empty();

  DemoCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    if (recipients < 1 || recipients > 1_000_000) {
      throw CommandFailure.usage("--recipients must be 1 to 1000000");
    }
    Path samples = shell.home().resolve("ops").resolve("samples");
    NodeProcess.Settings settings =
        new NodeProcess.Settings(
            shell.path(data),
            Address.parse("--http", http),
            database,
            Optional.of(configuration(samples)),
            true);
    try (NodeProcess node = NodeProcess.start(launch, settings)) {
      NodeClient client = node.awaitReady(shell);
      shell.note("The node is ready at " + client.base());
      boolean good = run(node, client, samples);
      if (!exit) {
        shell.note("The node goes on; Ctrl-C stops it.");
        node.awaitEnd();
      }
      return good ? 0 : CommandFailure.FAILED;
    }
  }

  /** What the sandbox's telephones hear, and that their owners press a key. */
  private Path configuration(Path samples) throws IOException {
    Path file = NodeProcess.writable(shell.path(data)).resolve("demo.conf");
    ObjectNode parley = Json.object();
    parley.putObject("phone").put("prompts", samples.resolve("prompts").toString());
    parley.putObject("sandbox").putObject("sip").put("press", "1").put("press-after", "500ms");
    Files.write(file, Json.bytes(Json.object().set("parley", parley)));
    return file;
  }

  private boolean run(NodeProcess node, NodeClient client, Path samples) throws IOException {
    // A new seed each time: a second demo is a second campaign.
    Submission submission = new Submission(client, shell, UUID.randomUUID().toString());
    Submission.Imported audience = importAudience(submission, samples, node.data());
    submission.rejects(audience).forEach(shell::note);
    int optedOut = 0;
    for (String id : Files.readAllLines(samples.resolve("opt-outs.txt"))) {
      if (id.isBlank()) continue;
      Consent.optOut(client, id.strip(), List.of("email", "sms", "phone"));
      optedOut++;
    }
    shell.note(optedOut + " customers have opted out.");
    JsonNode definition = Json.parse(Files.readString(samples.resolve("campaign.json")));
    String campaign = submission.create(definition, audience.id());
    submission.start(campaign);
    Follower.Seen seen = follow(node, client, campaign);
    report(node, client, campaign, audience, seen.progress());
    return judge(audience, seen);
  }

  private Submission.Imported importAudience(Submission submission, Path samples, Path data)
      throws IOException {
    if (recipients == SAMPLE_RECIPIENTS) {
      Path sample = samples.resolve("audience.csv");
      return submission.importAudience(new AudienceFile(sample), "sample audience", true);
    }
    Path file = Files.createTempFile(data, "audience", ".csv");
    try {
      CustomerCsv.write(file, recipients);
      return submission.importAudience(new AudienceFile(file), "generated audience", true);
    } finally {
      Files.delete(file);
    }
  }

  private Follower.Seen follow(NodeProcess node, NodeClient client, String campaign) {
    try {
      return new Follower(client, shell, LOOK_EVERY, IDLE_LIMIT).follow(campaign);
    } catch (CommandFailure e) {
      node.requireAlive();
      throw e;
    }
  }

  private void report(
      NodeProcess node,
      NodeClient client,
      String campaign,
      Submission.Imported audience,
      Progress progress) {
    Table table = Summary.of(progress);
    table.row("rows left out", Table.number(audience.rejected()));
    JsonNode latency = client.get("/v1/campaigns/" + campaign + "/latency");
    for (String percentile : List.of("p50", "p95", "p99")) {
      table.row(
          percentile.toUpperCase(Locale.ROOT) + " grant to acceptance",
          Table.millis(latency.path(percentile).asDouble()));
    }
    shell.print("");
    table.lines().forEach(shell::print);
    shell.print("");
    if (progress.reasons().keySet().stream().anyMatch(reason -> reason.contains("requencyCap"))) {
      shell.print(
          "The frequency cap of the sample is 4 messages a day: who had them today is left in peace.");
    }
    shell.print(
        exit
            ? "Where to look next, when the node runs again (parley node --sandbox --data "
                + node.data()
                + ")"
            : "Where to look next");
    new Table()
        .row("  API docs       " + client.base().resolve("/docs"))
        .row("  this campaign  " + statusCommand(node, client, campaign))
        .row("  sandbox inbox  " + client.base().resolve("/sandbox/inbox"))
        .row("  API key        " + node.keyFile())
        .row("  data           " + node.data())
        .lines()
        .forEach(shell::print);
  }

  private String statusCommand(NodeProcess node, NodeClient client, String campaign) {
    String command = "parley campaign status " + campaign + " --url " + client.base();
    boolean usual = node.keyFile().equals(shell.path(Connection.KEY_FILE));
    return usual ? command : command + " --api-key-file " + node.keyFile();
  }

  private boolean judge(Submission.Imported audience, Follower.Seen seen) {
    Progress progress = seen.progress();
    if (!progress.addsUp() || progress.accepted() != audience.accepted()) {
      shell.note("parley: the states do not add up to the audience; please report this.");
      return false;
    }
    if (progress.pending() == 0) return true;
    shell.note(
        progress.onlyWaits()
            ? "parley: the rest is held for a later time; the node goes on with it when it runs."
            : "parley: nothing has moved for "
                + IDLE_LIMIT.toSeconds()
                + " s; see the node's log.");
    return false;
  }
}

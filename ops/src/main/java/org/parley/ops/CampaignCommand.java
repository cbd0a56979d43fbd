package org.parley.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code parley campaign …}: brings campaigns to a node and steers them. */
@Command(
    name = "campaign",
    description = "Submit campaigns, watch them and steer them.",
    mixinStandardHelpOptions = true)
final class CampaignCommand {
  private static final Duration WATCH_EVERY = Duration.ofMillis(500);
  private static final Duration WATCH_IDLE_LIMIT = Duration.ofDays(400);

  private final Shell shell;

  CampaignCommand(Shell shell) {
    this.shell = shell;
  }

  @Command(
      name = "submit",
      mixinStandardHelpOptions = true,
      description = "Import an audience, create a campaign over it and start it.",
      footer = {
        "",
        "The idempotency keys are the SHA-256 of the campaign, of the audience file and of --name:",
        "the same command again, after whatever went wrong, continues and contacts nobody twice.",
        "To send the same campaign a second time on purpose, give it another --name; also after a",
        "refusal that was put right at the node: for a day a refusal is repeated, too."
      })
  int submit(
      @Mixin Connection connection,
      @Parameters(paramLabel = "FILE", description = "The campaign, as JSON.") String file,
      @Option(
              names = "--audience",
              paramLabel = "FILE",
              description =
                  "The recipients: CSV with a header, or NDJSON (.ndjson), perhaps compressed (.gz)."
                      + " Without it the campaign names an audience that the node has.")
          Optional<String> audience,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              description = "The campaign's name; default: the one in FILE.")
          Optional<String> name,
      @Option(names = "--wait", description = "Follow the campaign until it has ended.")
          boolean wait) {
    ObjectNode definition = read(shell.path(file));
    name.ifPresent(n -> definition.put("name", n));
    Optional<AudienceFile> members = audience.map(a -> new AudienceFile(shell.path(a)));
    if (members.isEmpty() && definition.path("audience").asText("").isEmpty()) {
      throw CommandFailure.usage(
          "whom to reach is missing: give --audience FILE, or \"audience\" in " + file);
    }
    Fingerprint seed = new Fingerprint().add(definition.toString());
    members.ifPresent(m -> seed.add(m.path()));
    NodeClient node = connection.open(shell);
    return submit(
        connection, node, new Submission(node, shell, seed.key()), definition, members, wait);
  }

  private int submit(
      Connection connection,
      NodeClient node,
      Submission submission,
      ObjectNode definition,
      Optional<AudienceFile> members,
      boolean wait) {
    ObjectNode result = Json.object();
    String audienceId = definition.path("audience").asText();
    if (members.isPresent()) {
      String label = definition.path("name").asText("audience");
      Submission.Imported imported = submission.importAudience(members.get(), label, true);
      audienceId = imported.id();
      submission.rejects(imported).forEach(shell::note);
      result.put("recipients", imported.accepted()).put("rejected", imported.rejected());
      if (!connection.json) {
        shell.print(
            "audience  " + audienceId + "  " + Table.number(imported.accepted()) + " recipients");
      }
    }
    String campaignId = submission.create(definition, audienceId);
    submission.start(campaignId);
    result.put("audience", audienceId).put("campaign", campaignId);
    if (!connection.json) shell.print("campaign  " + campaignId + "  started");
    int status = wait ? watch(connection, node, campaignId, result) : 0;
    if (connection.json) shell.print(Json.pretty(result));
    return status;
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Show how far a campaign is.")
  int status(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID", description = "The campaign's id.") String id,
      @Option(names = "--watch", description = "Follow it until it has ended.") boolean watch) {
    NodeClient node = connection.open(shell);
    if (watch) {
      ObjectNode result = Json.object();
      int status = watch(connection, node, id, result);
      if (connection.json) shell.print(Json.pretty(result.path("progress")));
      return status;
    }
    JsonNode progress = node.get("/v1/campaigns/" + id(id) + "/progress");
    connection.show(shell, progress, seen -> Summary.of(Progress.of(seen)).lines());
    return 0;
  }

  private int watch(Connection connection, NodeClient node, String id, ObjectNode result) {
    Follower.Seen seen = new Follower(node, shell, WATCH_EVERY, WATCH_IDLE_LIMIT).follow(id(id));
    result.set("progress", node.get("/v1/campaigns/" + id(id) + "/progress"));
    if (!connection.json) Summary.of(seen.progress()).lines().forEach(shell::print);
    return seen.progress().addsUp() ? 0 : CommandFailure.FAILED;
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Stop contacting people until it is resumed.")
  int pause(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID", description = "The campaign's id.") String id) {
    return steer(connection, id, "pause");
  }

  @Command(name = "resume", mixinStandardHelpOptions = true, description = "Go on after a pause.")
  int resume(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID", description = "The campaign's id.") String id) {
    return steer(connection, id, "resume");
  }

  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "End it for good: who was not contacted will not be.")
  int cancel(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID", description = "The campaign's id.") String id) {
    return steer(connection, id, "cancel");
  }

  private int steer(Connection connection, String id, String verb) {
    JsonNode campaign = connection.open(shell).order("/v1/campaigns/" + id(id) + "/" + verb);
    connection.show(
        shell, campaign, c -> List.of("campaign  " + id + "  " + c.path("status").asText()));
    return 0;
  }

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Show the campaigns.")
  int list(
      @Mixin Connection connection,
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description =
                  "Only these: draft, scheduled, running, paused, cancelling, cancelled, completed.")
          Optional<String> status,
      @Option(names = "--cursor", paramLabel = "CURSOR", description = "Where to go on.")
          Optional<String> cursor) {
    String query =
        "/v1/campaigns?limit=50"
            + status.map(s -> "&status=" + Paths.segment(s)).orElse("")
            + cursor.map(c -> "&cursor=" + Paths.segment(c)).orElse("");
    JsonNode page = connection.open(shell).get(query);
    connection.show(shell, page, CampaignCommand::lines);
    String next = page.path("next").asText("");
    if (!connection.json && !next.isEmpty()) shell.note("more: --cursor " + next);
    return 0;
  }

  private static List<String> lines(JsonNode page) {
    Table table = new Table().row("campaign", "status", "recipients", "name");
    for (JsonNode campaign : page.path("items")) {
      table.row(
          campaign.path("id").asText(),
          campaign.path("status").asText(),
          campaign.path("audienceSize").isNumber()
              ? Table.number(campaign.path("audienceSize").asLong())
              : "-",
          campaign.path("definition").path("name").asText());
    }
    return table.lines();
  }

  private static String id(String id) {
    return Paths.segment(id);
  }

  private static ObjectNode read(Path file) {
    try {
      if (Json.parse(Files.readString(file)) instanceof ObjectNode object) return object;
      throw CommandFailure.usage(file + " is no campaign: it must be a JSON object");
    } catch (JsonProcessingException e) {
      throw CommandFailure.usage(
          file
              + " is no JSON: "
              + e.getOriginalMessage()
              + (e.getLocation() == null
                  ? ""
                  : " (line "
                      + e.getLocation().getLineNr()
                      + ", column "
                      + e.getLocation().getColumnNr()
                      + ")"));
    } catch (IOException e) {
      throw CommandFailure.usage("cannot read the campaign " + file);
    }
  }
}

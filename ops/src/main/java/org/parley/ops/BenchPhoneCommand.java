package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench phone}: calls by the whole path, with their prompt or signalling only. */
@Command(
    name = "phone",
    mixinStandardHelpOptions = true,
    description = {
      "Call each of N customers, so many a second, and say how many calls came about and how soon.",
      "The telephone exchange is a sandbox in a process of its own: everybody takes up the phone,",
      "listens to the prompt to its end, and the node hangs up."
    },
    footer = {
      "",
      "A call is set up when the exchange has its INVITE, by the exchange's ledger.",
      "A node has 300 places for calls at most, of which marketing takes 270: with a prompt of 3 s",
      "that is some 90 calls a second."
    })
final class BenchPhoneCommand implements Callable<Integer> {
  private static final int PROMPT_MILLIS = 1_000;
  private static final int FRAME_MILLIS = 20;
  private static final int RING_MILLIS = 50;
  private static final String PROMPT = "silence.wav";

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--calls",
      paramLabel = "N",
      description = "How many calls, 1 to 1000000. Default: what 20 seconds take.")
  Optional<Integer> calls = Optional.empty();

  @Option(
      names = "--per-second",
      paramLabel = "N",
      description =
          "How many calls are begun a second, 1 to 10000."
              + " Default: 100, and 500 with --signalling.")
  Optional<Integer> perSecond = Optional.empty();

  @Option(
      names = "--signalling",
      description = "No ringing, and one packet of sound: what counts is INVITE, 200, ACK and BYE.")
  boolean signalling;

  @Option(
      names = "--prompt",
      paramLabel = "MS",
      description = "How long the prompt lasts, 20 to 60000 ms. Default: 1000.")
  Optional<Integer> promptMillis = Optional.empty();

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "How many calls are made before, unmeasured; 0 to 1000000. Default: ${DEFAULT-VALUE}.")
  int warmUp;

  BenchPhoneCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    int rate = perSecond.orElse(signalling ? 500 : 100);
    BenchCommand.requireBetween("--per-second", rate, 1, 10_000);
    int count = calls.orElse(20 * rate);
    BenchCommand.requireBetween("--calls", count, 1, 1_000_000);
    BenchCommand.requireBetween("--warm-up", warmUp, 0, 1_000_000);
    if (signalling && promptMillis.isPresent()) {
      throw CommandFailure.usage("--signalling goes without --prompt");
    }
    int prompt = signalling ? FRAME_MILLIS : promptMillis.orElse(PROMPT_MILLIS);
    BenchCommand.requireBetween("--prompt", prompt, FRAME_MILLIS, 60_000);
    Path prompts = Files.createTempDirectory("parley-prompts");
    try {
      SilentPrompt.write(prompts.resolve(PROMPT), prompt);
      String settings = "parley.phone.prompts = " + Json.object().textNode(prompts.toString());
      BenchCarriers exchange = BenchCarriers.ofCalls(signalling ? 0 : RING_MILLIS);
      try (BenchNode node = new BenchNode(shell, launch, options, exchange, settings + "\n")) {
        return measure(node, count, rate, prompt);
      }
    } finally {
      BenchNode.remove(prompts);
    }
  }

  private int measure(BenchNode node, int count, int rate, int prompt) throws IOException {
    BenchRun run = new BenchRun(shell, node, BenchChannel.PHONE);
    ObjectNode definition = BenchChannel.PHONE.definition();
    ((ObjectNode) definition.at("/steps/0/template")).put("audio", PROMPT);
    if (warmUp > 0) {
      shell.note("Warming up; this campaign is not measured.");
      BenchRun.Campaign first = run.create(definition, run.audience(count + 1L, warmUp));
      Follower.Seen seen = run.send(first);
      if (!seen.isComplete()) throw BenchRun.stuck(seen.progress());
    }
    definition.putObject("policy").put("ratePerSecond", rate);
    BenchRun.Campaign campaign = run.create(definition, run.audience(1, count));
    BenchNode.Cpu before = node.cpu();
    Instant start = Instant.now();
    BenchRun.Sent sent = run.send(campaign, Optional.empty());
    BenchNode.Cpu after = node.cpu();
    Progress progress = sent.seen().progress();
    MixFigures figures = new MixFigures(signalling ? "signalling" : "phone", count / rate, warmUp);
    figures.json().put("promptMillis", prompt);
    Duration took = Duration.between(progress.startedAt().orElse(start), sent.seen().settledAt());
    JsonNode latency = node.client().get("/v1/campaigns/" + campaign.id() + "/latency");
    figures.channel(BenchChannel.PHONE, Optional.of(rate), sent, took, latency);
    Path ledger = BenchCarriers.callLedger(node.directory());
    figures.setUps(CallSetUps.of(node.client(), campaign.id(), ledger));
    figures.cost(before, after, node.peakHeapMiB());
    figures.lines().forEach(shell::print);
    BenchCommand.write(shell, options.json, figures.json());
    boolean good = sent.seen().isComplete() && progress.accepted() == count;
    if (!good) throw BenchRun.stuck(progress);
    return 0;
  }
}

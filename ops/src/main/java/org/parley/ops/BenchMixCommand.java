package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench mix}: three channels at a time, and single messages between them. */
@Command(
    name = "mix",
    mixinStandardHelpOptions = true,
    description = {
      "Send a campaign in each channel at the same time, and a transactional mail every 100 ms;",
      "say how long messages took, and which objectives were held.",
      "The carriers are sandboxes in processes of their own. What is held or not is no failure."
    },
    footer = {
      "",
      "Of 16 messages 10 are mails, 5 texts and 1 is a call; of calls never more than 100 a second.",
      "Times run from the grant to the carrier's acceptance. A node reports a call when it is over,",
      "so its set-up is measured until the exchange has it, by the exchange's ledger.",
      "came/s is the rate in the middle of a campaign, between a tenth and nine tenths of it.",
      "In stress the campaigns are paused in the end, and the heap is counted after full collections."
    })
final class BenchMixCommand implements Callable<Integer> {
  /** How much is asked for. */
  enum Scenario {
    NORMAL(750),
    PEAK(3_200),
    /** More mails and texts than go, as fast as they go; calls as in a peak. */
    STRESS(6_400);

    private final int perSecond;

    Scenario(int perSecond) {
      this.perSecond = perSecond;
    }

    /** Messages of a channel a second. */
    int perSecond(BenchChannel channel) {
      return switch (channel) {
        case EMAIL -> perSecond * 5 / 8;
        case SMS -> perSecond * 5 / 16;
        case PHONE -> Math.min(MAX_CALLS_PER_SECOND, perSecond / 16);
      };
    }

    boolean isPaced(BenchChannel channel) {
      return this != STRESS || channel == BenchChannel.PHONE;
    }
  }

  private static final int MAX_CALLS_PER_SECOND = 100;
  private static final int MAX_STRESS_SECONDS = 60;

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--scenario",
      paramLabel = "normal|peak|stress",
      defaultValue = "NORMAL",
      description =
          "normal: 750 messages a second. peak: 3200. stress: mails and texts as fast as they go,"
              + " and calls as in peak. Default: normal.")
  Scenario scenario = Scenario.NORMAL;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "How long the campaigns last at their rate, 1 to 3600, and in stress until they are"
              + " stopped, 1 to 60. Default: ${DEFAULT-VALUE}.")
  int seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "3200",
      description =
          "How many messages are sent before, unmeasured, in the same mix; 16 to 1000000."
              + " Default: ${DEFAULT-VALUE}.")
  int warmUp;

  @Option(
      names = "--smtp",
      paramLabel = "HOST:PORT",
      description = "Where the mails go. Default: a sandbox carrier in a process of its own.")
  Optional<String> smtp = Optional.empty();

  BenchMixCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    int most = scenario == Scenario.STRESS ? MAX_STRESS_SECONDS : 3_600;
    BenchCommand.requireBetween("--seconds", seconds, 1, most);
    BenchCommand.requireBetween("--warm-up", warmUp, 16, 1_000_000);
    Optional<Address> mails = smtp.map(text -> Address.parse("--smtp", text));
    if (mails.isPresent() && !mails.get().answers()) {
      throw CommandFailure.failed("nobody accepts mails at " + mails.get() + " (--smtp).");
    }
    BenchCarriers carriers = BenchCarriers.of(EnumSet.allOf(BenchChannel.class), mails);
    Path prompts = shell.home().resolve("ops").resolve("samples").resolve("prompts");
    ObjectNode settings = Json.object();
    settings.putObject("parley").putObject("phone").put("prompts", prompts.toString());
    try (BenchNode node = new BenchNode(shell, launch, options, carriers, hocon(settings))) {
      return measure(node);
    }
  }

  /** JSON without its outer braces, to stand behind other settings. */
  private static String hocon(ObjectNode settings) {
    String json = settings.toString();
    return json.substring(1, json.length() - 1) + "\n";
  }

  /** One channel's campaigns: the first is not measured. */
  private record Part(
      BenchChannel channel,
      BenchRun run,
      BenchRun.Campaign first,
      BenchRun.Campaign measured,
      long size) {}

  private int measure(BenchNode node) throws IOException {
    List<Part> parts = parts(node);
    shell.note("Warming up; these campaigns are not measured.");
    for (BenchRun.Sent sent : send(parts, Part::first, Optional.empty(), () -> {})) {
      if (!sent.seen().isComplete()) throw BenchRun.stuck(sent.seen().progress());
    }
    MixFigures figures = new MixFigures(scenario.name(), seconds, warmUp);
    List<BenchRun.Sent> sent;
    Heap heap = new Heap(node);
    Instant start = Instant.now();
    BenchNode.Cpu cpu = node.cpu();
    // The mails of the warm-up went to the first customers.
    try (TransactionalLoad load =
        TransactionalLoad.start(node.client(), 1, warmUpOf(BenchChannel.EMAIL))) {
      sent = send(parts, Part::measured, limit(), heap);
      BenchNode.Cpu after = node.cpu();
      TransactionalLoad.Result transactional = load.stop();
      for (int i = 0; i < parts.size(); i++)
        report(node, parts.get(i), sent.get(i), start, figures);
      figures.transactional(transactional);
      figures.cost(cpu, after, node.peakHeapMiB());
      heap.report(sent, figures);
    } catch (CommandFailure e) {
      node.requireAlive();
      throw e;
    }
    figures.lines().forEach(shell::print);
    BenchCommand.write(shell, options.json, figures.json());
    for (int i = 0; i < parts.size(); i++) requireSettled(parts.get(i), sent.get(i).seen());
    return 0;
  }

  /** More than goes is ended in time; what is asked for at a rate ends by itself. */
  private Optional<Duration> limit() {
    return scenario == Scenario.STRESS
        ? Optional.of(Duration.ofSeconds(seconds))
        : Optional.empty();
  }

  private void requireSettled(Part part, Follower.Seen seen) {
    Progress progress = seen.progress();
    boolean all = scenario == Scenario.STRESS || seen.isComplete();
    if (!all || !progress.addsUp() || progress.accepted() != part.size) {
      throw BenchRun.stuck(progress);
    }
  }

  /** Counts a node's live heap in the middle of an overload and at its end. */
  private final class Heap implements Runnable {
    private final BenchNode node;
    private long half;

    Heap(BenchNode node) {
      this.node = node;
    }

    @Override
    public void run() {
      if (scenario != Scenario.STRESS) return;
      Follower.pause(Duration.ofMillis(seconds * 500L));
      half = new LiveHeap(launch.java()).bytes(node.pid());
    }

    void report(List<BenchRun.Sent> sent, MixFigures figures) {
      if (scenario != Scenario.STRESS) return;
      long waiting = sent.stream().mapToLong(s -> s.seen().progress().pending()).sum();
      figures.overload(waiting, half, new LiveHeap(launch.java()).bytes(node.pid()));
    }
  }

  /** Imports the customers of each channel, others for each campaign, and creates the campaigns. */
  private List<Part> parts(BenchNode node) throws IOException {
    List<Part> parts = new ArrayList<>();
    long customer = 1;
    for (BenchChannel channel : BenchChannel.values()) {
      BenchRun run = new BenchRun(shell, node, channel);
      long before = warmUpOf(channel);
      long size = (long) scenario.perSecond(channel) * seconds;
      ObjectNode definition = channel.definition();
      BenchRun.Campaign first = run.create(definition, run.audience(customer, before));
      if (scenario.isPaced(channel)) {
        definition.putObject("policy").put("ratePerSecond", scenario.perSecond(channel));
      }
      BenchRun.Campaign measured = run.create(definition, run.audience(customer + before, size));
      parts.add(new Part(channel, run, first, measured, size));
      customer += before + size;
    }
    return parts;
  }

  private long warmUpOf(BenchChannel channel) {
    return switch (channel) {
      case EMAIL -> warmUp * 10L / 16;
      case SMS -> warmUp * 5L / 16;
      case PHONE -> warmUp / 16;
    };
  }

  /** Starts one campaign of each part at the same time, and waits for all. */
  private static List<BenchRun.Sent> send(
      List<Part> parts,
      Function<Part, BenchRun.Campaign> which,
      Optional<Duration> limit,
      Runnable meanwhile) {
    ExecutorService threads = Executors.newFixedThreadPool(parts.size());
    try {
      List<Future<BenchRun.Sent>> under = new ArrayList<>();
      for (Part part : parts) {
        under.add(threads.submit(() -> part.run.send(which.apply(part), limit)));
      }
      meanwhile.run();
      List<BenchRun.Sent> sent = new ArrayList<>();
      for (Future<BenchRun.Sent> one : under) sent.add(one.get());
      return sent;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CommandFailure failure) throw failure;
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private void report(
      BenchNode node, Part part, BenchRun.Sent sent, Instant start, MixFigures figures)
      throws IOException {
    String id = part.measured.id();
    Follower.Seen seen = sent.seen();
    Duration took = Duration.between(seen.progress().startedAt().orElse(start), seen.settledAt());
    Optional<Integer> asked =
        scenario.isPaced(part.channel)
            ? Optional.of(scenario.perSecond(part.channel))
            : Optional.empty();
    JsonNode latency = node.client().get("/v1/campaigns/" + id + "/latency");
    figures.channel(part.channel, asked, sent, took, latency);
    if (part.channel != BenchChannel.PHONE) return;
    Path ledger = BenchCarriers.callLedger(node.directory());
    figures.setUps(CallSetUps.of(node.client(), id, ledger));
  }
}

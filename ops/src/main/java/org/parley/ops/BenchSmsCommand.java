package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code parley bench sms}: CSV, HTTP, PostgreSQL, SMPP with receipts, and what each text costs.
 */
@Command(
    name = "sms",
    mixinStandardHelpOptions = true,
    description = {
      "Send a campaign of one text message to each of N customers, and say what it cost.",
      "The SMSC is a sandbox in a process of its own, with receipts."
    },
    footer = {
      "",
      "Messages a second: from the campaign's start to the last recipient settled, as reported.",
      "CPU: of the node and of PostgreSQL meanwhile, without import and carrier. Receipts that come",
      "after the last acceptance are not in it."
    })
final class BenchSmsCommand implements Callable<Integer> {
  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--recipients",
      paramLabel = "N",
      defaultValue = "20000",
      description = "How many customers, 1 to 10000000. Default: ${DEFAULT-VALUE}.")
  int recipients;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "How many other customers are sent to before, unmeasured; 0 to 10000000."
              + " Default: ${DEFAULT-VALUE}, a cold start.")
  int warmUp;

  BenchSmsCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    BenchCommand.requireBetween("--recipients", recipients, 1, 10_000_000);
    BenchCommand.requireBetween("--warm-up", warmUp, 0, 10_000_000);
    BenchCarriers carriers = BenchCarriers.of(EnumSet.of(BenchChannel.SMS), Optional.empty());
    try (BenchNode node = new BenchNode(shell, launch, options, carriers, "")) {
      BenchRun run = new BenchRun(shell, node, BenchChannel.SMS);
      if (warmUp > 0) run.unmeasured(run.audience(recipients + 1L, warmUp), "Warming up");
      ObjectNode conditions = Json.object().put("warmUp", warmUp);
      return run.measure(options, run.audience(1, recipients), conditions);
    }
  }
}

package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Optional;
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
      BenchRun run = new BenchRun(shell, node, BenchChannel.EMAIL);
      if (warmUp > 0) run.unmeasured(run.audience(recipients + 1L, warmUp), "Warming up");
      Submission.Imported audience = run.audience(1, recipients);
      if (customers == Customers.KNOWN) run.unmeasured(audience, "Making the customers known");
      ObjectNode conditions = Json.object();
      conditions.put("customers", customers == Customers.NEW ? "new" : "known");
      conditions.put("warmUp", warmUp);
      return run.measure(options, audience, conditions);
    }
  }
}

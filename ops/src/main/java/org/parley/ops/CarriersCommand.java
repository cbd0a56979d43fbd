package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code parley carriers …}: what the carriers do, and what they are to do. */
@Command(
    name = "carriers",
    description = "Show the carriers; drain, trip or resume one.",
    mixinStandardHelpOptions = true)
final class CarriersCommand implements Callable<Integer> {
  private final Shell shell;

  @Mixin Connection connection = new Connection();

  CarriersCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    JsonNode carriers = connection.open(shell).get("/v1/carriers");
    if (connection.json) {
      shell.print(Json.pretty(carriers));
      return 0;
    }
    Table table = header();
    for (JsonNode carrier : carriers.path("items")) row(table, carrier);
    table.lines().forEach(shell::print);
    return 0;
  }

  @Command(
      name = "drain",
      mixinStandardHelpOptions = true,
      description = "Let it take nothing new and finish what it has, on every node.")
  int drain(
      @Mixin Connection node,
      @Parameters(paramLabel = "NAME", description = "The carrier's name.") String name) {
    return order(node, name, "drain");
  }

  @Command(
      name = "trip",
      mixinStandardHelpOptions = true,
      description = "Treat it as broken until it is resumed, on every node.")
  int trip(
      @Mixin Connection node,
      @Parameters(paramLabel = "NAME", description = "The carrier's name.") String name) {
    return order(node, name, "trip");
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "End a drain or a trip, on every node.")
  int resume(
      @Mixin Connection node,
      @Parameters(paramLabel = "NAME", description = "The carrier's name.") String name) {
    return order(node, name, "resume");
  }

  private int order(Connection node, String name, String verb) {
    // A new key each time: after a resume, a drain is a new wish and no repetition of the first.
    JsonNode carrier =
        node.open(shell)
            .post("/v1/carriers/" + Paths.segment(name) + "/" + verb, UUID.randomUUID().toString());
    if (node.json) {
      shell.print(Json.pretty(carrier));
    } else {
      Table table = header();
      row(table, carrier);
      table.lines().forEach(shell::print);
    }
    return 0;
  }

  private static Table header() {
    return new Table()
        .row("carrier", "channel", "priority", "queue", "on wire", "per second", "state", "why");
  }

  private static void row(Table table, JsonNode carrier) {
    table.row(
        carrier.path("name").asText(),
        carrier.path("channel").asText(),
        carrier.path("priority").asText(),
        Table.number(carrier.path("queue").asLong()),
        Table.number(carrier.path("onWire").asLong()),
        Table.number(carrier.path("perSecond").asLong()),
        carrier.path("state").asText(),
        carrier.path("why").asText());
  }
}

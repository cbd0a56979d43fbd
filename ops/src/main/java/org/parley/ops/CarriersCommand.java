package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
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
    connection.show(shell, carriers, all -> lines(all.path("items")));
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
    JsonNode carrier = node.open(shell).order("/v1/carriers/" + Paths.segment(name) + "/" + verb);
    node.show(shell, carrier, one -> lines(List.of(one)));
    return 0;
  }

  private static List<String> lines(Iterable<JsonNode> carriers) {
    Table table =
        new Table()
            .row(
                "carrier", "channel", "priority", "queue", "on wire", "per second", "state", "why");
    for (JsonNode carrier : carriers) row(table, carrier);
    return table.lines();
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

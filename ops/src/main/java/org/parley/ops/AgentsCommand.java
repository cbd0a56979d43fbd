package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code parley agents}: how many agents every node has, and how busy they are. */
@Command(
    name = "agents",
    description = "Show the agents of every node.",
    mixinStandardHelpOptions = true)
final class AgentsCommand implements Callable<Integer> {
  private final Shell shell;

  @Mixin Connection connection = new Connection();

  AgentsCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    JsonNode agents = connection.open(shell).get("/v1/agents");
    connection.show(shell, agents, AgentsCommand::lines);
    return 0;
  }

  private static List<String> lines(JsonNode agents) {
    Table table =
        new Table()
            .row(
                "node",
                "channel",
                "agents",
                "allowed",
                "busy",
                "places",
                "waiting",
                "latest change");
    for (JsonNode pool : agents.path("items")) {
      JsonNode last = pool.path("lastResize");
      table.row(
          pool.path("node").asText(),
          pool.path("channel").asText(),
          pool.path("instances").asText(),
          pool.path("min").asText() + "-" + pool.path("max").asText(),
          Table.number(pool.path("busy").asLong()),
          Table.number(pool.path("places").asLong()),
          Table.number(pool.path("waiting").asLong()),
          last.isObject()
              ? last.path("from").asText()
                  + " to "
                  + last.path("to").asText()
                  + ": "
                  + last.path("why").asText()
              : "-");
    }
    return table.lines();
  }
}

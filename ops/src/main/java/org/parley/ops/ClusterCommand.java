package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley cluster …}: a cluster on this machine, and a look at any. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    description = {
      "Start a cluster on this machine: PostgreSQL, sandbox carriers and nodes.",
      "Commands from the standard input then kill, stop, freeze and start its nodes.",
      "Nothing leaves this machine, and with the end of the input everything ends."
    })
final class ClusterCommand implements Callable<Integer> {
  private static final int MAX_NODES = 9;

  private final Shell shell;
  private final Launch launch;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many nodes to start, 1 to " + MAX_NODES + "; each has PARLEY_HEAP.")
  Optional<Integer> nodes = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = ".parley-cluster",
      description = "Where everything is kept. Default: ${DEFAULT-VALUE}.")
  String data = "";

  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8080",
      description =
          "Where the first node listens, the others on the ports after it; port 0 is any."
              + " Default: ${DEFAULT-VALUE}.")
  String http = "";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "More settings of every node, in HOCON.")
  Optional<String> config = Optional.empty();

  ClusterCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    int count =
        nodes.orElseThrow(
            () ->
                CommandFailure.usage(
                    "give --nodes N to start a cluster here; parley cluster status looks at one"));
    if (count < 1 || count > MAX_NODES) {
      throw CommandFailure.usage("--nodes must be 1 to " + MAX_NODES);
    }
    LocalLayout layout =
        new LocalLayout(
            shell, shell.path(data), count, Address.parse("--http", http), config.map(shell::path));
    try (LocalCluster cluster = LocalCluster.start(shell, launch.setApart(), layout)) {
      cluster.awaitStarted();
      cluster.doors().forEach(shell::print);
      shell.note("What is to happen? help lists the commands.");
      ClusterConsole console = new ClusterConsole(cluster, shell::print);
      String line = shell.in().readLine();
      while (line != null && console.obey(line)) line = shell.in().readLine();
    }
    return 0;
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Show the nodes of a cluster, as one of them sees it.")
  int status(@Mixin Connection connection) {
    JsonNode cluster = connection.open(shell).get("/v1/cluster");
    connection.show(shell, cluster, seen -> ClusterTable.lines(seen, address -> address));
    return 0;
  }
}

package org.parley.ops;

import java.util.Optional;
import picocli.CommandLine.Option;

/** What every measurement can be told. */
final class BenchOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Work in this directory and leave it. Default: a fresh one, removed at the end.")
  Optional<String> data = Optional.empty();

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = "A PostgreSQL to use (jdbc:postgresql://...) and not the embedded one.")
  Optional<String> database = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to this file.")
  Optional<String> json = Optional.empty();

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "20",
      description = "SMTP connections of the lane. Default: ${DEFAULT-VALUE}.")
  int connections = 20;
}

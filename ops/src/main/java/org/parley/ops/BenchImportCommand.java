package org.parley.ops;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code parley bench import}: rows a second over HTTP, beside COPY of the same rows. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Import N customers over HTTP, and copy the same rows with psql for comparison.")
final class BenchImportCommand implements Callable<Integer> {
  private static final int COPY_LIMIT_MINUTES = 10;

  private final Shell shell;
  private final Launch launch;

  @Mixin BenchOptions options = new BenchOptions();

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "500000",
      description = "How many rows, 1 to 10000000. Default: ${DEFAULT-VALUE}.")
  int rows;

  BenchImportCommand(Shell shell, Launch launch) {
    this.shell = shell;
    this.launch = launch;
  }

  @Override
  public Integer call() throws IOException {
    if (rows < 1 || rows > 10_000_000) {
      throw CommandFailure.usage("--rows must be 1 to 10000000");
    }
    try (BenchNode node = new BenchNode(shell, launch, options, Optional.empty())) {
      Path csv = node.directory().resolve("audience.csv");
      CustomerCsv.write(csv, rows);
      Submission.Imported imported =
          new Submission(node.client(), shell, UUID.randomUUID().toString())
              .importAudience(new AudienceFile(csv), "bench", false);
      double perSecond = imported.accepted() * 1e9 / Math.max(1, imported.nanos());
      Optional<Double> copied = copy(node, csv);
      ObjectNode figures = Json.object().put("rows", imported.accepted());
      figures.put("rowsPerSecond", BenchCommand.rounded(perSecond));
      BenchCommand.put(figures, "copyRowsPerSecond", copied);
      Table table =
          new Table()
              .row("rows", Table.number(imported.accepted()))
              .row("import rows/s", Table.number(Math.round(perSecond)));
      copied.ifPresent(
          rate -> {
            figures.put("ratioToCopy", Math.round(perSecond / rate * 100) / 100.0);
            table.row("COPY rows/s", Table.number(Math.round(rate)));
            table.row("import / COPY", String.format(Locale.ROOT, "%.2f", perSecond / rate));
          });
      table.lines().forEach(shell::print);
      BenchCommand.write(shell, options.json, figures);
      return imported.accepted() == rows ? 0 : CommandFailure.FAILED;
    }
  }

  /**
   * Rows a second of COPY into a logged table of the same columns; empty when it cannot be told.
   */
  private Optional<Double> copy(BenchNode node, Path csv) throws IOException {
    Optional<String> target = target(node);
    if (target.isEmpty()) {
      shell.note("No comparison with COPY: the database is not known to be on this machine.");
      return Optional.empty();
    }
    long start = System.nanoTime();
    Process psql;
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
                  List.of(
                      "psql",
                      "-X",
                      "-q",
                      "-v",
                      "ON_ERROR_STOP=1",
                      "-d",
                      target.get(),
                      "-c",
                      "CREATE TABLE bench_copy (customer_id text, email text, time_zone text,"
                          + " locale text, first_name text, last_name text, city text, plan text)",
                      "-c",
                      "\\copy bench_copy FROM '" + quoted(csv) + "' WITH (FORMAT csv, HEADER)",
                      "-c",
                      "DROP TABLE bench_copy"))
              .redirectErrorStream(true)
              .redirectOutput(node.directory().resolve("psql.log").toFile());
      // The embedded server lets in who can read its password file.
      Path password = node.directory().resolve("node").resolve("postgres").resolve("password");
      if (Files.isReadable(password)) {
        builder.environment().put("PGPASSWORD", Files.readString(password).strip());
      }
      psql = builder.start();
    } catch (IOException e) {
      shell.note("No comparison with COPY: there is no psql on the path.");
      return Optional.empty();
    }
    try {
      if (psql.waitFor(COPY_LIMIT_MINUTES, TimeUnit.MINUTES) && psql.exitValue() == 0) {
        return Optional.of(rows * 1e9 / (System.nanoTime() - start));
      }
      shell.note("No comparison with COPY: psql failed.");
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandFailure.failed("interrupted");
    } finally {
      psql.destroy();
    }
  }

  private Optional<String> target(BenchNode node) {
    if (options.database.isPresent()) {
      return options.database.map(url -> url.replaceFirst("^jdbc:", ""));
    }
    return node.postmaster().map(p -> "postgresql://parley@127.0.0.1:" + p.port() + "/parley");
  }

  private static String quoted(Path file) {
    return file.toString().replace("'", "''");
  }
}

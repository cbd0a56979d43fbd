package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code parley bench …}: measures the real path, and stops by itself. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measure the real path on this machine, on a fresh node in a process of its own.",
      "The first 60,000 messages of a JVM cost more: compare runs of the same size."
    })
final class BenchCommand {

  /** Writes the figures where the user wants them. */
  static void write(Shell shell, Optional<String> file, JsonNode figures) throws IOException {
    if (file.isPresent()) Files.writeString(shell.path(file.get()), Json.pretty(figures) + "\n");
  }

  static void requireBetween(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw CommandFailure.usage(option + " must be " + min + " to " + max);
    }
  }

  /** A figure with one digit after the point, which is more than it can be trusted with. */
  static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }

  static void put(ObjectNode into, String key, Optional<Double> value) {
    if (value.isPresent()) into.put(key, rounded(value.get()));
    else into.putNull(key);
  }
}

package org.parley.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Certificates made by the script that operators use, by an authority of its own in a directory.
 */
record Certificates(Path directory) {
  private static final Path SCRIPT = Path.of("..", "ops", "bin", "parley-certificates");

  /** What the script said, and how it ended. */
  record Ran(int status, String text) {}

  static Certificates make(Path directory, String... hosts) {
    List<String> arguments = new ArrayList<>(List.of(directory.toString()));
    arguments.addAll(List.of(hosts));
    Ran ran = run(arguments.toArray(String[]::new));
    assertThat(ran.status()).as(ran.text()).isZero();
    return new Certificates(directory);
  }

  static Ran run(String... arguments) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the script ended").isTrue();
      return new Ran(process.exitValue(), text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  Path file(String host, String name) {
    return directory.resolve(host).resolve(name);
  }

  /** The settings of a node with the certificate of a host. */
  String settings(String host) {
    return """
        parley.cluster.host = "%s"
        parley.cluster.tls { enabled = on, key = "%s", certificate = "%s", authorities = "%s" }
        """
        .formatted(
            host,
            file(host, "key.pem"),
            file(host, "certificate.pem"),
            file(host, "authorities.pem"));
  }
}

package org.parley.ops;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** The options that say which node to speak to, and how to show what it says. */
final class Connection {
  private static final String DEFAULT_URL = "http://127.0.0.1:8080";

  /** Where a node writes its first key, seen from where it was started. */
  static final String KEY_FILE = ".parley/api-key";

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The node to speak to. Default: PARLEY_URL, or " + DEFAULT_URL + ".")
  Optional<String> url = Optional.empty();

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      description =
          "The API key. Others on this machine may see it; prefer a file or PARLEY_API_KEY.")
  Optional<String> apiKey = Optional.empty();

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = "Where the API key stands. Default: PARLEY_API_KEY, or " + KEY_FILE + ".")
  Optional<String> apiKeyFile = Optional.empty();

  @Option(names = "--json", description = "Print JSON for programs.")
  boolean json;

  NodeClient open(Shell shell) {
    return new NodeClient(base(shell), key(shell));
  }

  /**
   * Prints what a node has answered: as it is for programs, otherwise in lines for a person.
   *
   * @param lines makes the lines
   */
  void show(Shell shell, JsonNode answer, Function<JsonNode, List<String>> lines) {
    if (json) shell.print(Json.pretty(answer));
    else lines.apply(answer).forEach(shell::print);
  }

  private URI base(Shell shell) {
    String text = url.or(() -> shell.variable("PARLEY_URL")).orElse(DEFAULT_URL);
    try {
      URI uri = URI.create(text);
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (web && uri.getHost() != null) return uri;
    } catch (IllegalArgumentException e) {
      // Falls through: said below, together with what is allowed.
    }
    throw CommandFailure.usage("not the URL of a node: " + text + "; it looks like " + DEFAULT_URL);
  }

  private Optional<String> key(Shell shell) {
    if (apiKey.isPresent()) return apiKey;
    if (apiKeyFile.isPresent()) return Optional.of(read(shell.path(apiKeyFile.get())));
    Optional<String> variable = shell.variable("PARLEY_API_KEY");
    if (variable.isPresent()) return variable;
    Path usual = shell.path(KEY_FILE);
    return Files.isReadable(usual) ? Optional.of(read(usual)) : Optional.empty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw CommandFailure.usage("cannot read the API key from " + file);
    }
  }
}

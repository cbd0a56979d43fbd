package org.parley.agents.sms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.parley.agents.sms.Smscs.send;
import static org.parley.agents.sms.Smscs.to;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Outcome;

/**
 * Against an SMSC of independent code. Runs where Node.js and the npm package {@code smpp} are: the
 * folder is {@code PARLEY_NPM}, or {@code .cache/parley/npm} in the home directory.
 */
class NodeSmscConformanceIT extends SmscConformanceTest {
  private static final Path SCRIPT = Path.of("src", "test", "node", "smsc.js").toAbsolutePath();

  private @Nullable Process node;
  private int port;

  @BeforeEach
  void startNode() throws IOException {
    Path modules = modules();
    assumeTrue(Files.isDirectory(modules.resolve("smpp")), "npm's smpp is not in " + modules);
    Optional<Path> program = program();
    assumeTrue(program.isPresent(), "node is not installed");
    ProcessBuilder builder = new ProcessBuilder(program.get().toString(), SCRIPT.toString());
    builder.environment().put("NODE_PATH", modules.toString());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = builder.start();
    node = process;
    BufferedReader out = process.inputReader(UTF_8);
    String line = String.valueOf(out.readLine());
    assertThat(line).startsWith("listening on ");
    port = Integer.parseInt(line.substring("listening on ".length()));
  }

  private static Path modules() {
    String folder = System.getenv("PARLEY_NPM");
    Path root =
        folder == null
            ? Path.of(System.getProperty("user.home"), ".cache", "parley", "npm")
            : Path.of(folder);
    return root.resolve("node_modules");
  }

  private static Optional<Path> program() {
    return Stream.of(String.valueOf(System.getenv("PATH")).split(":", -1))
        .map(folder -> Path.of(folder, "node"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Override
  int port() {
    return port;
  }

  @Override
  void personSays(String from, String to, String text) throws IOException {
    Process process = node;
    if (process == null) throw new IllegalStateException("node did not start");
    OutputStream in = process.getOutputStream();
    String json = "{\"from\":\"" + from + "\",\"to\":\"" + to + "\",\"text\":\"" + text + "\"}\n";
    in.write(json.getBytes(UTF_8));
    in.flush();
  }

  @AfterEach
  void stopNode() {
    if (node != null) node.destroy();
  }

  @Test
  void aReceiptThatOvertakesTheResponseIsHandedOn() throws Exception {
    Outcome outcome = send(connector("Hello", ""), to("+9990000008"));

    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(tools.receipts)
                    .extracting("carrierRef")
                    .contains(outcome.carrierRef().orElseThrow()));
  }
}

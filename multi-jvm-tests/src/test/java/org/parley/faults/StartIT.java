package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What a node that cannot start says: an exit code and one sentence. */
class StartIT {
  private static final int CANNOT_START = 1;
  private static final int WRONG_SETTINGS = 2;
  private static final String PROGRAMS =
      "parley.database.programs = \"" + Path.of("target", "faults-postgres").toAbsolutePath() + '"';

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory = Path.of("");

  @Test
  void aNodeThatCannotStartSaysWhyInOneSentence() throws IOException {
    Path occupied = Files.writeString(directory.resolve("occupied"), "not a directory");
    int nobody = FreePorts.one();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      // All at once: most of a start is waiting.
      try (Child onTakenPort = launch("port", PROGRAMS, "--http", "127.0.0.1:" + port);
          Child inFile = launch("file", "", "--data", occupied.resolve("data").toString());
          Child unknownKey = launch("key", "parley.run.paralelism = 3");
          Child badValue = launch("value", "parley.run.parallelism = 0");
          Child broken = launch("broken", "parley { run {");
          Child noDatabase =
              launch("away", "", "--database", "jdbc:postgresql://127.0.0.1:" + nobody + "/x");
          Child noUrl = launch("url", "", "--database", "postgres://somewhere")) {
        says(inFile, CANNOT_START, "data directory", "occupied", "--data");
        says(unknownKey, WRONG_SETTINGS, "parley.run.paralelism", "no such setting", "parallelism");
        says(badValue, WRONG_SETTINGS, "parley.run.parallelism = 0", "1 to 10000");
        says(broken, WRONG_SETTINGS, "broken.conf");
        says(noDatabase, CANNOT_START, "127.0.0.1:" + nobody, "nothing answers there");
        says(noUrl, WRONG_SETTINGS, "parley.database.url", "jdbc:postgresql://");
        says(onTakenPort, CANNOT_START, Integer.toString(port), "taken");
      }
    }
  }

  private Child launch(String name, String settings, String... more) throws IOException {
    Path place = Files.createDirectories(directory.resolve(name));
    Path config = Files.writeString(place.resolve(name + ".conf"), settings);
    return Node.launch(place, name, config, List.of(more));
  }

  private static void says(Child node, int exitCode, String... parts) {
    int code = node.awaitExit(Duration.ofSeconds(60));
    List<String> sentences = node.errors().lines().filter(l -> l.startsWith("parley: ")).toList();
    assertThat(sentences).as("what it says: %s", node.errors()).hasSize(1);
    assertThat(sentences.get(0)).contains(parts);
    assertThat(node.errors()).doesNotContain("\tat ", "Exception");
    assertThat(node.output()).isEmpty();
    assertThat(code).as(sentences.get(0)).isEqualTo(exitCode);
  }
}

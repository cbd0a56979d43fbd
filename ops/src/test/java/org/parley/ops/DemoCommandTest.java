package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo from its own side: the node is an imitation in a process of its own. */
class DemoCommandTest {
  @TempDir Path directory;

  @Test
  void theDemoEndsWithATableThatAddsUpAndStopsItsNode() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("demo", "--exit", "--http", "127.0.0.1:0")).isZero();
    assertThat(session.err())
        .contains("Waiting for the node", "Waiting for the cluster to form")
        .contains("12 rows were left out")
        .contains("25 customers have opted out");
    assertThat(session.out())
        .containsPattern("audience +1,000")
        .containsPattern("suppressed +25")
        .containsPattern("P99 grant to acceptance +21 ms")
        .contains("/docs", "/sandbox", "api-key");
    String url = session.out().replaceAll("(?s).*(http://127.0.0.1:\\d+)/docs.*", "$1");
    assertThat(Address.parse("url", url.substring("http://".length())).answers())
        .as("the node is gone")
        .isFalse();
    assertThat(Files.readString(directory.resolve(".parley/node.log")))
        .contains("parley is ready")
        .doesNotContain(FakeNode.KEY);
    assertThat(session.out() + session.err()).doesNotContain(FakeNode.KEY);
  }

  @Test
  void anotherNumberOfRecipientsIsMadeUp() {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("demo", "--exit", "--http", "127.0.0.1:0", "--recipients", "37"))
        .isZero();
    assertThat(session.out())
        .containsPattern("audience +37")
        .contains("when the node runs again")
        .doesNotContain("--api-key-file");
  }

  @Test
  void aTakenPortIsOneSentence() throws IOException {
    Session session = new Session(directory, Map.of());
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String http = "127.0.0.1:" + taken.getLocalPort();
      assertThat(session.run("demo", "--http", http)).isEqualTo(CommandFailure.FAILED);
      assertThat(session.err()).contains("cannot listen on " + http).hasLineCount(1);
    }
  }

  @Test
  void aDataDirectoryThatIsAFileIsOneSentence() throws IOException {
    Session session = new Session(directory, Map.of());
    Files.writeString(directory.resolve("file"), "");
    assertThat(session.run("demo", "--data", "file/below", "--http", "127.0.0.1:0"))
        .isEqualTo(CommandFailure.FAILED);
    assertThat(session.err()).contains("cannot write to the data directory").hasLineCount(1);
  }

  @Test
  void whatTheNodeSaysWhenItCannotStartIsPassedOn() {
    Session session = new Session(directory, Map.of());
    assertThat(
            session.run(
                "demo", "--http", "127.0.0.1:0", "--database", "jdbc:postgresql://broken/db"))
        .isEqualTo(CommandFailure.FAILED);
    assertThat(session.err()).contains("parley: the database does not answer; see --database");
  }

  @Test
  void aPortThatIsNoneIsAUsageError() {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("demo", "--http", "8080")).isEqualTo(CommandFailure.USAGE);
    assertThat(session.err()).contains("--http must be HOST:PORT");
  }
}

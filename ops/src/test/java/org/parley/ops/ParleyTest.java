package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParleyTest {
  @TempDir Path directory;
  private Session session = new Session(Path.of(""), Map.of());

  @BeforeEach
  void openSession() {
    session = new Session(directory, Map.of());
  }

  @Test
  void helpNamesEveryCommandAndEveryExitCode() {
    assertThat(session.run("--help")).isZero();
    assertThat(session.out())
        .contains("demo", "campaign", "customer", "cluster", "bench", "completion")
        .contains("no node answered", "the node refused");
  }

  @Test
  void anUnknownOptionIsAUsageError() {
    assertThat(session.run("demo", "--fast")).isEqualTo(CommandFailure.USAGE);
    assertThat(session.err()).contains("--fast");
  }

  @Test
  void aCommandWithoutItsVerbIsAUsageError() {
    assertThat(session.run("campaign")).isEqualTo(CommandFailure.USAGE);
  }

  @Test
  void completionPrintsAScriptThatKnowsTheCommands() {
    assertThat(session.run("completion")).isZero();
    assertThat(session.out()).contains("complete -F", "campaign", "opt-out");
  }

  @Test
  void aNodeThatIsNotThereIsOneSentenceAndStatusThree() throws Exception {
    String url = "http://" + Session.nobody();
    assertThat(session.run("campaign", "status", "cmp_1", "--url", url))
        .isEqualTo(CommandFailure.UNREACHABLE);
    assertThat(session.err())
        .startsWith("parley: no answer from the node at " + url)
        .hasLineCount(1);
  }

  @Test
  void aUrlThatIsNoneIsAUsageError() {
    assertThat(session.run("campaign", "list", "--url", "localhost:80"))
        .isEqualTo(CommandFailure.USAGE);
    assertThat(session.err()).contains("not the URL of a node");
  }
}

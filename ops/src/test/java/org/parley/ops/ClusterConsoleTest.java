package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterConsoleTest {
  private final Recorder nodes = new Recorder();
  private final List<String> said = new ArrayList<>();
  private final ClusterConsole console = new ClusterConsole(nodes, said::add);

  @Test
  void eachFaultHasACommand() {
    for (String line :
        List.of("kill 2", " stop  1 ", "start 2", "freeze 3 30s", "freeze 1 2m", "thaw 3")) {
      assertThat(console.obey(line)).isTrue();
    }
    assertThat(nodes.done)
        .containsExactly(
            "kill 2", "stop 1", "start 2", "freeze 3 PT30S", "freeze 1 PT2M", "thaw 3");
    assertThat(said).isEmpty();
  }

  @Test
  void aFreezeWithoutATimeEndsByItselfToo() {
    assertThat(console.obey("freeze 2")).isTrue();
    assertThat(nodes.done).containsExactly("freeze 2 PT10M");
  }

  @Test
  void statusAndHelpAnswerInLines() {
    assertThat(console.obey("status")).isTrue();
    assertThat(said).containsExactly("all is well");
    assertThat(console.obey("help")).isTrue();
    assertThat(String.join("\n", said)).contains("kill N", "freeze N", "quit");
  }

  @Test
  void theEndIsQuit() {
    assertThat(console.obey("")).isTrue();
    assertThat(console.obey("quit")).isFalse();
    assertThat(said).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kill",
        "kill 0",
        "kill 4",
        "kill -1",
        "kill two",
        "kill 1 2",
        "kill 99999999999",
        "reboot 1",
        "freeze 1 11m",
        "freeze 1 0s",
        "freeze 1 30",
        "freeze 1 99999s",
        "thaw",
        "Kill 1"
      })
  void whatIsNoCommandGetsOneSentenceAndDoesNothing(String line) {
    assertThat(console.obey(line)).isTrue();
    assertThat(nodes.done).isEmpty();
    assertThat(said).hasSize(1);
    assertThat(said.get(0)).endsWith(".");
  }

  /** Three nodes that write down what is done to them. */
  private static final class Recorder implements ClusterConsole.Nodes {
    private final List<String> done = new ArrayList<>();

    @Override
    public int count() {
      return 3;
    }

    @Override
    public void start(int node) {
      done.add("start " + node);
    }

    @Override
    public void stop(int node) {
      done.add("stop " + node);
    }

    @Override
    public void kill(int node) {
      done.add("kill " + node);
    }

    @Override
    public void freeze(int node, Duration time) {
      done.add("freeze " + node + " " + time);
    }

    @Override
    public void thaw(int node) {
      done.add("thaw " + node);
    }

    @Override
    public List<String> status() {
      return List.of("all is well");
    }
  }
}

package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster from the side of who types: its processes are imitations, the signals are real. */
class ClusterCommandTest {
  @TempDir Path directory;

  @Test
  void statusShowsEveryMemberAndWhoDecides() throws IOException {
    try (FakeNode node = new FakeNode()) {
      Session session = Session.with(node, directory);
      assertThat(session.run("cluster", "status")).isZero();
      assertThat(session.out().lines())
          .anyMatch(
              line ->
                  line.matches(
                      "10\\.0\\.0\\.1:7355 +up +yes +256 +12,345 +0\\.1\\.0 +2026-11-24T08:00:00Z"
                          + " +conversation http"))
          .anyMatch(
              line -> line.matches("10\\.0\\.0\\.2:7355 +up +no, from 10\\.0\\.0\\.1:7355 +- +-.*"))
          .contains(
              "leader: 10.0.0.1:7355",
              "split brain: lease-majority, lease of 10.0.0.1:7355 until 2026-11-24T10:00:10Z"
                  + " (epoch 7)");
    }
  }

  @Test
  void statusIsJsonForPrograms() throws IOException {
    try (FakeNode node = new FakeNode()) {
      Session session = Session.with(node, directory);
      assertThat(session.run("cluster", "status", "--json")).isZero();
      assertThat(members(session.out())).isEqualTo(2);
    }
  }

  @Test
  void statusOfNobodyIsStatusThree() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("cluster", "status", "--url", "http://" + Session.nobody()))
        .isEqualTo(CommandFailure.UNREACHABLE);
  }

  @Test
  void withoutANumberOfNodesNothingIsStarted() throws IOException {
    Session session = new Session(directory, Map.of());
    assertThat(session.run("cluster")).isEqualTo(CommandFailure.USAGE);
    assertThat(session.run("cluster", "--nodes", "10")).isEqualTo(CommandFailure.USAGE);
    assertThat(session.err()).contains("--nodes N", "1 to 9").hasLineCount(2);
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void nodesAreHurtByCommandsSupervisedAndGoneAtTheEnd() throws Exception {
    PipedReader in = new PipedReader();
    Session session = new Session(directory, Map.of(), in);
    CompletableFuture<Integer> status;
    List<ProcessHandle> children;
    try (PipedWriter typed = new PipedWriter(in)) {
      status =
          CompletableFuture.supplyAsync(
              () -> session.run("cluster", "--nodes", "2", "--http", "127.0.0.1:0"));
      await(session, "node 1  ready at http", "node 2  ready at http", "--api-key-file");
      await(session, "10.0.0.1:7355  member up", "10.0.0.2:7355  member up, out of reach");
      assertThat(directory.resolve(".parley-cluster/api-key")).hasContent(FakeNode.KEY);
      assertThat(directory.resolve(".parley-cluster/node-2/node.conf"))
          .content()
          .contains("database.conf", "sandbox-email", "sandbox-sms", "sandbox-phone", "\"seeds\"");
      ProcessHandle first = processes(session, typed, 1).get(0);
      children = ProcessHandle.current().children().toList();

      type(typed, "kill 1");
      await(session, "node 1  killed, status 137");
      assertThat(first.isAlive()).isFalse();
      type(typed, "freeze 2 1s");
      await(session, "node 2  frozen for 1 s", "node 2  thawed");
      type(typed, "start 1");
      await(session, "node 1  ready at http[^$]*node 1  ready at http");

      ProcessHandle second = processes(session, typed, 2).get(1);
      assertThat(second.destroyForcibly()).isTrue();
      await(session, "node 2  ended by itself, status 137[^$]*started again[^$]*node 2  ready at");
      type(typed, "stop 2");
      await(session, "node 2  stopped, status 143");
      type(typed, "freeze 1");
      await(session, "node 1  frozen for 600 s");
    }
    assertThat(status.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(session.out()).contains("everything has ended").doesNotContain(FakeNode.KEY);
    assertThat(children).hasSizeGreaterThanOrEqualTo(6);
    assertThat(ProcessHandle.current().children()).noneMatch(ProcessHandle::isAlive);
  }

  private static int members(String json) throws JsonProcessingException {
    return Json.parse(json).path("members").size();
  }

  private static void type(PipedWriter typed, String line) throws IOException {
    typed.write(line + "\n");
    typed.flush();
  }

  /** The nodes' processes as the so-many-th {@code status} names them. */
  private static List<ProcessHandle> processes(Session session, PipedWriter typed, int time)
      throws IOException {
    type(typed, "status");
    Pattern pids =
        Pattern.compile("node 1 +ready +(\\d+) +http.*\\Rnode 2 +ready +(\\d+) +http.*\\R");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> pids.matcher(session.out()).results().count() >= time);
    Matcher found = pids.matcher(session.out());
    for (int i = 0; i < time; i++) assertThat(found.find()).isTrue();
    return List.of(handle(found.group(1)), handle(found.group(2)));
  }

  private static ProcessHandle handle(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  /** Waits until it has said all of these patterns, in any order. */
  private static void await(Session session, String... patterns) {
    for (String pattern : patterns) {
      Awaitility.await(pattern)
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(session.out() + session.err()).containsPattern(pattern));
    }
  }
}

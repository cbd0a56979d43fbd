package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.parley.faults.Run.Plan;
import org.parley.persistence.postgres.EmbeddedServer;

/**
 * A PostgreSQL of the operator's that goes away and comes back, with clients that keep asking. The
 * server belongs to this JVM; the node only knows its address. Where a small file system may be
 * mounted, it keeps its data on one, so that its disk can be filled.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DatabaseAwayIT {
  private static final int DISK_MEGABYTES = 224;

  /** What fits on it. */
  private static final int DISK_RECIPIENTS = 5_000;

  private static final Duration OUTAGE =
      Duration.ofSeconds(Integer.getInteger("parley.faults.outageSeconds", 4));

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path directory = Path.of("");

  private Path disk = Path.of("");
  private boolean mounted;
  private EmbeddedServer.Settings settings;
  private EmbeddedServer server;
  private Carrier carrier;
  private Node node;

  DatabaseAwayIT() throws IOException {
    settings = serverSettings(Path.of(""));
  }

  @BeforeAll
  void start() throws IOException {
    disk = Files.createDirectories(directory.resolve("disk"));
    mounted = run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MEGABYTES + "m", "tmpfs", disk);
    settings = serverSettings(disk.resolve("postgres"));
    server = EmbeddedServer.start(settings);
    carrier = Carrier.start(directory, "--delay", "10ms");
    node = Node.start(directory, carrier, nodeSettings(server));
  }

  @AfterAll
  void end() {
    if (node != null) node.close();
    if (carrier != null) carrier.close();
    if (server != null) server.close();
    if (mounted) assertThat(run("umount", disk)).isTrue();
  }

  @Test
  void whileTheDatabaseIsAwayRequestsAnswerNotNowAndNothingAcknowledgedIsLost() throws IOException {
    Trial trial = Trial.of(0, 800).withAtMost(DISK_RECIPIENTS);
    Run run = Run.start(node::client, carrier, Plan.marketing("away", trial.recipients()));
    run.awaitTaken(trial.random().nextInt(trial.recipients() / 2));
    try (Asking asking = Asking.start(node.client(), "away", run.audienceId())) {
      asking.awaitAcknowledged(3);
      server.close();
      asking.awaitRefusals(OUTAGE, "GET", "PUT", "POST");
      server = EmbeddedServer.start(settings);
      asking.awaitAcknowledged(3);
      asking.stop();
      asking.judge(trial);
    }
    run.awaitEnd("completed");
    assertThat(run.judged(trial).total("failed"))
        .as("nobody fails for our sake: %s, %s", trial, run.progress())
        .isZero();
    assertThat(node.isAlive()).as("%s", trial).isTrue();
  }

  @Test
  void whileTheDiskIsFullRequestsAnswerNotNowAndNothingAcknowledgedIsLost() throws IOException {
    assumeTrue(mounted, "a small file system cannot be mounted here (it takes root)");
    Trial trial = Trial.of(0, 800).withAtMost(DISK_RECIPIENTS);
    Run run = Run.start(node::client, carrier, Plan.marketing("full", trial.recipients()));
    run.awaitTaken(trial.random().nextInt(trial.recipients() / 2));
    try (Asking asking = Asking.start(node.client(), "full", run.audienceId())) {
      asking.awaitAcknowledged(3);
      Path filler = disk.resolve("filler");
      fill(filler);
      // Reading needs no room.
      asking.awaitRefusals(Duration.ofSeconds(1), "PUT", "POST");
      Files.delete(filler);
      asking.awaitAcknowledged(3);
      asking.stop();
      asking.judge(trial);
    }
    run.awaitEnd("completed");
    assertThat(run.judged(trial).total("failed"))
        .as("nobody fails for our sake: %s, %s", trial, run.progress())
        .isZero();
    assertThat(node.isAlive()).as("%s", trial).isTrue();
  }

  private static EmbeddedServer.Settings serverSettings(Path data) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new EmbeddedServer.Settings(
          data,
          Path.of("target", "faults-postgres"),
          free.getLocalPort(),
          Duration.ofMinutes(1),
          Map.of("shared_buffers", "64MB", "min_wal_size", "32MB", "max_wal_size", "64MB"));
    }
  }

  private static String nodeSettings(EmbeddedServer server) throws IOException {
    return """
        parley.database {
          url = "jdbc:postgresql://127.0.0.1:%d/postgres", user = "%s", password = "%s"
          requests.wait = 1s
        }
        parley.http.request-timeout = 2s
        parley.stores.idempotency.claim = 8s
        """
        .formatted(server.port(), EmbeddedServer.USER, server.password());
  }

  /** Until there is no byte left. */
  private static void fill(Path filler) throws IOException {
    byte[] block = new byte[64 * 1024];
    try (OutputStream out = Files.newOutputStream(filler)) {
      for (int i = 0; i < DISK_MEGABYTES * 16; i++) out.write(block);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static boolean run(Object... command) {
    try {
      Process process =
          new ProcessBuilder(java.util.Arrays.stream(command).map(Object::toString).toList())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

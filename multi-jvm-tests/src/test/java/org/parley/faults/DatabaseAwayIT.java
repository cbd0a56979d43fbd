package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.parley.faults.Run.Plan;

/**
 * A PostgreSQL of the operator's that goes away and comes back, with clients that keep asking.
 * Where a small file system may be mounted, it keeps its data on one, so that its disk can be
 * filled.
 */
class DatabaseAwayIT {
  /** What fits on it. */
  private static final int DISK_RECIPIENTS = 5_000;

  private static final Duration OUTAGE =
      Duration.ofSeconds(Integer.getInteger("parley.faults.outageSeconds", 4));

  private final FaultRun faults = FaultRun.shared();
  private final Cluster cluster = faults.cluster();

  DatabaseAwayIT() throws IOException {
    cluster.restore();
  }

  @Test
  void whileTheDatabaseIsAwayRequestsAnswerNotNowAndNothingAcknowledgedIsLost() throws IOException {
    Trial trial = Trial.of(300).withAtMost(DISK_RECIPIENTS);
    Run run = Run.start(cluster::client, faults.mail(), Plan.marketing("away", trial.recipients()));
    run.awaitTaken(trial.random().nextInt(trial.recipients() / 2));
    try (Asking asking = Asking.start(cluster.client(), "away", run.audienceId())) {
      asking.awaitAcknowledged(3);
      cluster.postgres().stop();
      asking.awaitRefusals(OUTAGE, "GET", "PUT", "POST");
      cluster.postgres().startAgain();
      asking.awaitAcknowledged(3);
      asking.stop();
      asking.judge(trial);
    }
    run.awaitEnd("completed");
    assertThat(run.judged(trial).total("failed"))
        .as("nobody fails for our sake: %s, %s", trial, run.progress())
        .isZero();
    assertThat(cluster.alive()).as("%s", trial).hasSize(2);
  }

  @Test
  void whileTheDiskIsFullRequestsAnswerNotNowAndNothingAcknowledgedIsLost() throws IOException {
    assumeTrue(
        cluster.disk().isMounted(), "a small file system cannot be mounted here (it takes root)");
    Trial trial = Trial.of(300).withAtMost(DISK_RECIPIENTS);
    Run run = Run.start(cluster::client, faults.mail(), Plan.marketing("full", trial.recipients()));
    run.awaitTaken(trial.random().nextInt(trial.recipients() / 2));
    try (Asking asking = Asking.start(cluster.client(), "full", run.audienceId())) {
      asking.awaitAcknowledged(3);
      cluster.disk().fill();
      // Reading needs no room.
      asking.awaitRefusals(Duration.ofSeconds(1), "PUT", "POST");
      cluster.disk().empty();
      asking.awaitAcknowledged(3);
      asking.stop();
      asking.judge(trial);
    }
    run.awaitEnd("completed");
    assertThat(run.judged(trial).total("failed"))
        .as("nobody fails for our sake: %s, %s", trial, run.progress())
        .isZero();
    assertThat(cluster.alive()).as("%s", trial).hasSize(2);
  }
}

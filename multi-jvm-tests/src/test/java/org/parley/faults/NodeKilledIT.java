package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.parley.faults.Run.Plan;

/** {@code kill -9} of the node, again and again, in the middle of a campaign. */
class NodeKilledIT {
  /** Places of its agent pool: so many may be in doubt after a kill. */
  private static final int PLACES = 100;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory = Path.of("");

  @Test
  void aNodeThatIsKilledAgainAndAgainForgetsNobodyAndContactsNobodyTwice() throws IOException {
    Trial trial = Trial.of(2, 600);
    Random random = trial.random();
    int certain = trial.recipients() - trial.kills() * PLACES;
    int most = certain * 8 / 10 / trial.kills();
    assertThat(most).as("recipients between two kills: %s", trial).isPositive();
    try (Carrier carrier = Carrier.start(directory, "--delay", "15ms");
        Node node = Node.start(directory, carrier, "")) {
      Run run = Run.start(node::client, carrier, Plan.marketing("killed", trial.recipients()));
      for (int kill = 0; kill < trial.kills(); kill++) {
        // None is a kill right after the start: in the recovery of what the last one left.
        run.awaitTaken(run.taken() + random.nextInt(most));
        node.killAndStartAgain();
      }
      assertThat(run.progress().path("status").asText())
          .as("the last kill must hit the campaign: %s", trial)
          .isEqualTo("running");
      run.awaitEnd("completed");
      Checker.Evidence evidence = run.judged(trial);
      assertThat(evidence.total("unknown"))
          .as("in doubt is no more than what was under way: %s", trial)
          .isBetween(0L, (long) trial.kills() * PLACES);
      assertThat(evidence.total("failed")).as("%s", trial).isZero();
      assertThat(evidence.total("suppressed")).as("%s", trial).isZero();
    }
  }
}

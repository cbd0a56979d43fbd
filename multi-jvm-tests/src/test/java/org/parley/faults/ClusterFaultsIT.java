package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.parley.faults.Checker.Finding;
import org.parley.faults.FaultRun.Row;
import org.parley.faults.Run.Plan;

/**
 * Two nodes through a short selection of the faults, with fixed seeds; {@code ops/bin/parley
 * faults} has them all. In the end the nodes are broken on purpose, and the checker must see it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterFaultsIT {
  private static final int RECIPIENTS = Integer.getInteger("parley.faults.recipients", 300);
  private static final long SEED = Long.getLong("parley.faults.seed", 7);
  private static final Duration STANDS_STILL = Duration.ofSeconds(6);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private static Path directory = Path.of("");

  private FaultRun faults;

  ClusterFaultsIT() throws IOException {
    faults = FaultRun.on(directory, 2);
  }

  @BeforeAll
  void start() {}

  @AfterAll
  void end() {
    faults.close();
  }
}

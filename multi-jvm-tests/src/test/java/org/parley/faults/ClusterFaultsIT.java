package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.parley.faults.FaultRun.Row;

/**
 * Two nodes through a short selection of the faults, with fixed seeds; {@code ops/bin/parley
 * faults} has them all.
 */
class ClusterFaultsIT {
  /** What takes too long for the gate runs with this. */
  private static final String LONG = "parley.faults.long";

  private static final int RECIPIENTS = Integer.getInteger("parley.faults.recipients", 200);
  private static final long SEED = Long.getLong("parley.faults.seed", 7);

  private final FaultRun faults = FaultRun.shared();

  ClusterFaultsIT() throws IOException {}

  @Test
  @EnabledIfSystemProperty(named = LONG, matches = "true")
  void aNodeThatFreezesForAWhileSendsNothingThatHasExpired() throws IOException {
    holds("freeze-5");
  }

  @Test
  void oneOfTwoNodesGoesOnAloneWhenTheOtherIsKilled() throws IOException {
    holds("kill-one-of-two");
  }

  private void holds(String name) throws IOException {
    Row row = faults.happens(Fault.named(name), "it-" + name, SEED, RECIPIENTS);
    assertThat(row.isGood()).as("%s", row).isTrue();
  }
}

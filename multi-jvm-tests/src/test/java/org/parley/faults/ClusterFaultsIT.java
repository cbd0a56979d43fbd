package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.parley.faults.Checker.Finding;
import org.parley.faults.FaultRun.Row;
import org.parley.faults.Run.Plan;

/**
 * Two nodes through a short selection of the faults, with fixed seeds; {@code ops/bin/parley
 * faults} has them all. Then the product is broken on purpose, and the checker must see it.
 */
class ClusterFaultsIT {
  /** What takes too long, or depends on the moment of a crash, for the gate: it runs with this. */
  private static final String LONG = "parley.faults.long";

  private static final int RECIPIENTS = Integer.getInteger("parley.faults.recipients", 200);
  private static final long SEED = Long.getLong("parley.faults.seed", 7);

  /**
   * A campaign that has lost somebody never ends: it is judged when nothing has moved for so long.
   */
  private static final Duration STILL = Pace.seconds(4);

  private static final int BROKEN_RECIPIENTS = 300;

  private final FaultRun faults = FaultRun.shared();

  ClusterFaultsIT() throws IOException {
    faults.cluster().restore();
  }

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

  @Test
  @EnabledIfSystemProperty(named = LONG, matches = "true")
  void withoutTheCheckOfExpiryTheCheckerSeesMessagesThatAreLate() throws IOException {
    Run run = startBroken("no-expiry-check");
    Member frozen = faults.cluster().alive().get(0);
    frozen.freeze();
    Scene.pause(Pace.seconds(5));
    frozen.thaw();
    assertThat(seen(run)).anyMatch(f -> f.invariant().equals("I4"));
  }

  /** One crash for two breaks: the second one only concerns campaigns that begin after it. */
  @Test
  @EnabledIfSystemProperty(named = LONG, matches = "true")
  void withoutDeduplicationSecondCopiesAndWithACursorThatMovesOnFetchTheForgottenAreSeen()
      throws IOException {
    Run copied = startBroken("no-deduplication");
    Run forgotten = startBroken("cursor-on-fetch");
    Member victim = faults.cluster().alive().get(0);
    victim.kill();
    victim.startAgain();
    faults.cluster().restore();
    assertThat(seen(copied)).anyMatch(f -> f.text().contains("sent to twice"));
    assertThat(seen(forgotten)).anyMatch(f -> f.text().endsWith("is forgotten"));
  }

  private Run startBroken(String name) throws IOException {
    for (Member member : faults.cluster().members()) member.order("break " + name);
    Run run =
        Run.start(faults.cluster()::client, faults.mail(), Plan.marketing(name, BROKEN_RECIPIENTS));
    run.awaitTaken(1);
    return run;
  }

  private List<Finding> seen(Run run) throws IOException {
    run.awaitRest(STILL);
    for (Member member : faults.cluster().members()) member.order("whole");
    List<Finding> findings = faults.judge(run, Node.GRANT_LIFE.plus(Pace.seconds(1)));
    Trial.note("the checker sees " + findings.size() + ": " + findings.stream().limit(3).toList());
    return findings;
  }
}

package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.faults.Run.Plan;

/** A small cluster through all that may happen around it in the middle of a campaign. */
class CampaignFaultsIT {
  /** Attempts that may be on their way to the carrier at a time. */
  private static final int PLACES = 2 * FaultRun.PLACES;

  private final FaultRun faults = FaultRun.shared();
  private final Cluster cluster = faults.cluster();
  private final Carrier carrier = faults.mail();

  CampaignFaultsIT() throws IOException {
    cluster.restore();
  }

  @AfterEach
  void behaveAgain() throws IOException {
    carrier.change("--delay", FaultRun.DELAY);
  }

  @Test
  void aCampaignGoesOnByItselfWhenItsPostgresIsKilled() throws IOException {
    Trial trial = Trial.of(1_000);
    carrier.change("--delay", "10ms");
    Run run = Run.start(cluster::client, carrier, Plan.marketing("database", trial.recipients()));
    run.awaitTaken(1 + trial.random().nextInt(trial.recipients() / 2));
    cluster.postgres().kill();
    run.awaitEnd("completed");
    Checker.Evidence evidence = run.judged(trial);
    assertThat(evidence.total("delivered") + evidence.total("unknown"))
        .as("%s", trial)
        .isEqualTo(trial.recipients());
    assertThat(cluster.alive()).hasSize(2);
  }

  @Test
  void whatTheCarrierMayHaveTakenIsUnknownAndWhatItDidNotTakeIsTriedAgain() throws IOException {
    Trial trial = Trial.of(400);
    int bounces = trial.recipients() / 20;
    carrier.change(
        "--refuse-share",
        "0.1",
        "--refuse-code",
        "451",
        "--drop-before-dot-share",
        "0.05",
        "--drop-after-dot-share",
        "0.05",
        "--seed",
        Long.toString(trial.seed()));
    Run run =
        Run.start(
            cluster::client, carrier, new Plan("faulty", "marketing", trial.recipients(), bounces));
    run.awaitEnd("completed");
    Checker.Evidence evidence = run.judged(trial);
    Set<String> taken =
        evidence.ledger().stream().map(Ledger.Line::attempt).collect(Collectors.toSet());
    assertThat(evidence.total("failed")).as("%s", trial).isEqualTo(bounces);
    assertThat(evidence.total("unknown")).as("dropped after the dot: %s", trial).isPositive();
    // A call that takes too long on a busy machine is in doubt as well, and rightly.
    assertThat(evidence.recipients())
        .as("what was dropped before the dot is not in doubt: %s", trial)
        .filteredOn(r -> r.state().equals("unknown") && !r.reason().equals("callTimeout"))
        .allMatch(r -> taken.contains(r.attempt()));
  }

  @Test
  void aPausedCampaignSendsNothingMoreAndAResumedOneCompletes() throws IOException {
    Trial trial = Trial.of(1_000);
    carrier.change("--delay", "20ms");
    Run run = Run.start(cluster::client, carrier, Plan.marketing("paused", trial.recipients()));
    run.awaitTaken(100);
    run.steer("pause");
    int whenAcknowledged = run.taken();
    run.awaitProgress(
        "a paused campaign with nothing under way",
        p ->
            p.path("status").asText().equals("paused")
                && p.path("steps").path("hello").path("sending").asLong() == 0);
    int atRest = run.taken();
    assertThat(atRest).as("%s", trial).isBetween(whenAcknowledged, whenAcknowledged + PLACES);
    Awaitility.await("nothing reaches the carrier while the campaign is paused")
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(20))
        .until(() -> run.taken() == atRest);
    run.steer("resume");
    run.awaitEnd("completed");
    Checker.Evidence evidence = run.judged(trial);
    assertThat(evidence.total("delivered")).as("%s", trial).isEqualTo(trial.recipients());
  }

  @Test
  void aCancelledCampaignEndsWithEverybodyAccountedFor() throws IOException {
    Trial trial = Trial.of(1_000);
    carrier.change("--delay", "20ms");
    Run run = Run.start(cluster::client, carrier, Plan.marketing("cancelled", trial.recipients()));
    run.awaitTaken(100);
    run.steer("cancel");
    int whenAcknowledged = run.taken();
    run.awaitEnd("cancelled");
    assertThat(run.taken()).as("%s", trial).isBetween(100, whenAcknowledged + PLACES);
    Checker.Evidence evidence = run.judged(trial);
    assertThat(evidence.total("suppressed"))
        .as("%s", trial)
        .isEqualTo(trial.recipients() - run.taken());
    assertThat(run.progress().path("reasons").path("campaignCancelled").asLong())
        .as("%s", trial)
        .isEqualTo(evidence.total("suppressed"));
  }
}

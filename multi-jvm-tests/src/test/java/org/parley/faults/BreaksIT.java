package org.parley.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.faults.Checker.Finding;
import org.parley.faults.Run.Plan;

/** The product is broken on purpose, and the checker must see it. */
class BreaksIT {
  /** Together with a full lane, the last message waits for longer than a grant lives. */
  private static final Duration SLOW = Pace.of(Duration.ofMillis(1_500));

  /** More than the carrier takes before the crash. */
  private static final int RECIPIENTS = 1_000;

  /** As many as all places: all are granted at once, and most wait for the carrier. */
  private static final int GRANTED_AT_ONCE = 2 * FaultRun.PLACES;

  /**
   * A campaign that has lost somebody never ends: it is judged when nothing has moved for so long.
   */
  private static final Duration STILL = Pace.seconds(4);

  private static final Duration LIMIT = Pace.seconds(60);

  private final FaultRun faults = FaultRun.shared();
  private final Cluster cluster = faults.cluster();
  private final Carrier carrier = faults.mail();

  BreaksIT() throws IOException {
    cluster.restore();
  }

  @AfterEach
  void beWholeAgain() throws IOException {
    for (Member member : cluster.members()) member.makeWhole();
    carrier.change("--delay", FaultRun.DELAY);
  }

  @Test
  void withoutTheCheckOfExpiryTheCheckerSeesMessagesThatAreLate() throws IOException {
    carrier.change("--delay", SLOW.toMillis() + "ms");
    Run run = startBroken("no-expiry-check", GRANTED_AT_ONCE);
    run.awaitRest(STILL);
    assertThat(findings(run)).anyMatch(f -> f.invariant().equals("I4"));
  }

  /**
   * One crash of all nodes for two breaks. The second one only concerns campaigns that begin after
   * it. While the database stands still the carrier takes messages, and what became of them cannot
   * be written: the audience's run asks for those again, and whoever does not know what was granted
   * sends them again.
   */
  @Test
  void withoutDeduplicationSecondCopiesAndWithACursorThatMovesOnFetchTheForgottenAreSeen()
      throws IOException {
    Run copied = startBroken("no-deduplication", RECIPIENTS);
    copied.awaitTaken(1);
    Run forgotten = startBroken("cursor-on-fetch", GRANTED_AT_ONCE);
    Records records = new Records(cluster.postgres());
    Awaited.await("a cursor that has moved", LIMIT, () -> records.cursors(forgotten.id()) > 0);
    Set<String> tries = copied.firstTries();
    cluster.postgres().freeze();
    int before = copied.taken();
    Awaited.await(
        "a first try that the carrier has taken",
        LIMIT,
        () ->
            copied.lines().stream().skip(before).anyMatch(line -> tries.contains(line.attempt())));
    for (Member member : cluster.members()) member.kill();
    cluster.postgres().thaw();
    carrier.change();
    cluster.restore();
    forgotten.awaitRest(STILL);
    assertThat(findings(forgotten)).anyMatch(f -> f.text().endsWith("is forgotten"));
    List<Finding> unused =
        Awaited.await(
            "a second copy",
            LIMIT,
            () -> findings(copied),
            all -> all.stream().anyMatch(f -> f.text().contains("sent to twice")));
  }

  private Run startBroken(String name, int recipients) throws IOException {
    for (Member member : cluster.members()) member.makeBroken(name);
    return Run.start(cluster::client, carrier, Plan.marketing(name, recipients));
  }

  private List<Finding> findings(Run run) {
    return faults.judge(run, faults.onTheWire());
  }
}

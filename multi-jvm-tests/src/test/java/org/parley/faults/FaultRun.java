package org.parley.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.parley.faults.Checker.Finding;
import org.parley.faults.Run.Plan;

/**
 * A cluster with carriers, and one fault after the other in the middle of campaigns on it: three
 * campaigns for the same people beside the main one, text messages, customers who opt out, and
 * clients that ask. In the end the checker reads ledgers, reports and database.
 */
final class FaultRun implements AutoCloseable {
  /** Until the carrier answers a message. */
  static final String DELAY = "300ms";

  private static final int CONNECTIONS = 8;
  private static final int PLACES = 30;
  private static final int CONVERSATIONS = 40;
  private static final int CAP = 2;
  private static final String CAPPED =
      "{\"frequencyCap\":{\"messages\":" + CAP + ",\"per\":\"PT1H\",\"onLimit\":\"skip\"}}";
  private static final int OPT_OUTS = 10;
  private static final Duration END = Duration.ofSeconds(90);

  private final Carrier mail;
  private final Carrier sms;
  private final Cluster cluster;

  /** What came of one fault. */
  record Row(
      String fault,
      long seed,
      Map<String, Long> totals,
      Duration again,
      Duration gap,
      List<Finding> findings) {
    boolean isGood() {
      return findings.isEmpty();
    }
  }

  private FaultRun(Path directory, int nodes) throws IOException {
    this.mail = Carrier.start(directory, "--delay", DELAY);
    this.sms = Carrier.sms(directory);
    try {
      this.cluster =
          Cluster.start(
              directory,
              nodes,
              Node.settings(PLACES, Node.mail(mail, CONNECTIONS), Node.sms(sms)));
    } catch (IOException | RuntimeException | Error e) {
      mail.close();
      sms.close();
      throw e;
    }
  }

  /** Starts a cluster. */
  static FaultRun on(Path directory, int nodes) throws IOException {
    return new FaultRun(directory, nodes);
  }

  Cluster cluster() {
    return cluster;
  }

  Carrier mail() {
    return mail;
  }

  /**
   * Makes a fault happen in the middle of a campaign, waits for its end and judges it.
   *
   * @param name a word of its own, for what it makes
   */
  Row happens(Fault fault, String name, long seed, int recipients) throws IOException {
    Random random = new Random(seed);
    Trial.note(fault.name() + ", seed " + seed);
    Run run = Run.start(cluster::client, mail, Plan.marketing(name, recipients));
    List<Run> family = family(name, recipients / 10);
    Run texts =
        Run.start(cluster::client, sms, texts(name, Math.max(20, recipients / 10)));
    OptingOut optingOut = OptingOut.start(cluster, run, OPT_OUTS);
    try (Probe probe = Probe.start(cluster, name, CONVERSATIONS)) {
      run.awaitTaken(recipients / 10 + random.nextInt(recipients / 5));
      Instant before = Instant.now();
      long begun = System.nanoTime();
      fault.act().happen(new Scene(cluster, random, mail, sms, run));
      long over = System.nanoTime();
      List<Finding> findings = new ArrayList<>();
      List<Run> all = Stream.concat(Stream.of(run, texts), family.stream()).toList();
      for (Run each : all) {
        if (!each.completesWithin(END)) {
          findings.add(new Finding("I1", "a campaign has not ended: " + each.progress()));
        }
      }
      optingOut.close();
      probe.stop();
      boolean killed = fault.name().startsWith("kill") || fault.name().equals("postgres-kill");
      Duration again = probe.answeredAgain(killed ? begun : over, 0.99);
      for (Run each : all) findings.addAll(judge(each));
      findings.addAll(together(family));
      findings.addAll(
          WireChecks.notAfterOptOut(run.lines(), optingOut.acknowledged(), Node.GRANT_LIFE));
      Map<String, Long> totals = run.totals();
      findings.addAll(must(fault.must(), totals, again, probe.longestGap()));
      if (fault.must().othersFeelNothing()) findings.addAll(slower(texts, before));
      return new Row(fault.name(), seed, totals, again, probe.longestGap(), findings);
    }
  }

  private static Plan texts(String name, int recipients) {
    String slowly = "{\"ratePerSecond\":" + Math.max(1, recipients / 20) + '}';
    return Plan.marketing(name + "-texts", recipients).over("sms").withPolicy(slowly);
  }

  /** Three campaigns for the same people, of which each person gets two. */
  private List<Run> family(String name, int people) {
    List<Run> family = new ArrayList<>();
    Plan plan = Plan.marketing(name + "-capped", people).withPolicy(CAPPED);
    family.add(Run.start(cluster::client, mail, plan));
    for (int i = 1; i <= CAP; i++) {
      Plan next = Plan.marketing(name + "-capped-" + i, 0).withPolicy(CAPPED);
      family.add(family.get(0).another(next));
    }
    return family;
  }

  private List<Finding> judge(Run run) {
    Checker.Evidence evidence = run.evidence();
    Records records = new Records(cluster.postgres());
    List<Finding> findings = new ArrayList<>(Checker.findings(evidence));
    findings.addAll(
        WireChecks.inTime(evidence.ledger(), records.grants(run.id()), Node.GRANT_LIFE));
    findings.addAll(WireChecks.reported(evidence.totals(), records.states(run.id())));
    return findings;
  }

  private List<Finding> together(List<Run> family) {
    Records records = new Records(cluster.postgres());
    List<Ledger.Line> lines = family.stream().flatMap(run -> run.lines().stream()).toList();
    List<Records.Grant> grants =
        family.stream().flatMap(run -> records.grants(run.id()).stream()).toList();
    List<Finding> findings = new ArrayList<>(WireChecks.capped(lines, CAP));
    findings.addAll(WireChecks.inOrder(lines, grants));
    return findings;
  }

  private static List<Finding> must(
      Fault.Must must, Map<String, Long> totals, Duration again, Duration gap) {
    List<Finding> findings = new ArrayList<>();
    if (must.again().filter(limit -> again.compareTo(limit) > 0).isPresent()) {
      findings.add(new Finding("answers", "P99 after " + again.toMillis() + " ms"));
    }
    if (must.gap().filter(limit -> gap.compareTo(limit) > 0).isPresent()) {
      findings.add(new Finding("answers", "none for " + gap.toMillis() + " ms"));
    }
    long uncertain = totals.get("unknown") + totals.get("failed");
    if (must.certain() && uncertain > 0) {
      findings.add(new Finding("certain", uncertain + " failed or unknown"));
    }
    return findings;
  }

  /** The other channel, before and since. */
  private List<Finding> slower(Run texts, Instant moment) {
    Map<String, Instant> takenAt = new ConcurrentHashMap<>();
    texts.lines().forEach(line -> takenAt.put(line.recipient(), line.at()));
    List<Records.Grant> grants = new Records(cluster.postgres()).grants(texts.id());
    long before = p95(texts, grants.stream().filter(g -> g.grantedAt().isBefore(moment)), takenAt);
    long since = p95(texts, grants.stream().filter(g -> !g.grantedAt().isBefore(moment)), takenAt);
    Trial.note("P95 of text messages: " + before + " ms before, " + since + " ms since");
    // Below this, it is the machine that is measured.
    long floor = 50;
    if (since <= Math.max(2 * before, floor)) return List.of();
    return List.of(new Finding("I7", "P95 of texts " + before + " ms before, " + since + " since"));
  }

  private static long p95(
      Run texts, Stream<Records.Grant> grants, Map<String, Instant> takenAt) {
    long[] millis =
        grants
            .filter(grant -> takenAt.containsKey(texts.audience().get(grant.customerId())))
            .mapToLong(
                grant ->
                    Duration.between(
                            grant.grantedAt(),
                            takenAt.get(texts.audience().get(grant.customerId())))
                        .toMillis())
            .sorted()
            .toArray();
    return millis.length == 0 ? 0 : millis[(int) Math.ceil(0.95 * millis.length) - 1];
  }

  @Override
  public void close() {
    cluster.close();
    mail.close();
    sms.close();
  }
}

package org.parley.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.parley.faults.Checker.Finding;
import org.parley.faults.Node.Patience;
import org.parley.faults.Run.Plan;

/**
 * A cluster with carriers, and one fault after the other in the middle of campaigns on it: three
 * campaigns for the same people beside the main one, text messages, customers who opt out, and
 * clients that ask. In the end the checker reads ledgers, reports and database.
 */
final class FaultRun implements AutoCloseable {
  private static final int DELAY_MILLIS = 300;

  /** Until the carrier answers a message. */
  static final String DELAY = DELAY_MILLIS + "ms";

  /** Attempts that a node may have granted at a time, on the cluster that tests share. */
  static final int PLACES = 30;

  /** A node's to the mail carrier, fewer than its places: some that are granted wait. */
  private static final int CONNECTIONS = 8;

  private static final int MOST_CONNECTIONS = 80;

  /** A large campaign has a connection of a node for so many recipients, to end in minutes. */
  private static final int FOR_A_CONNECTION = 250;

  /** What two slow cores send a second, of all that a run has, at the end of its first minute. */
  private static final int FIRST_PER_SECOND = 170;

  /** Clients are told soon that the database is away. */
  private static final String IMPATIENT =
      """
      parley.database.requests.wait = 1s
      parley.http.request-timeout = %s
      parley.stores.idempotency.claim = %s
      """
          .formatted(Pace.millis(5_000), Pace.millis(8_000));

  /** What the heap of a node here has room for, after many campaigns. */
  private static final String FEW_LIVE = "parley.conversation.max-live = 12000\n";

  private static final Path TARGET = Path.of("target", "faults");
  private static final int SHOWN = 10;
  private static final int CONVERSATIONS = 20;
  private static final int CAP = 2;
  private static final String CAPPED =
      "{\"frequencyCap\":{\"messages\":" + CAP + ",\"per\":\"PT1H\",\"onLimit\":\"skip\"}}";
  private static final int OPT_OUTS = 10;

  /** How much longer than the mails it takes the texts to be sent, at most. */
  private static final int SPARE_SECONDS = 5;

  private static final Duration END = Pace.seconds(90);

  /**
   * How long a campaign takes at least that must be under way all through a fault of many steps.
   */
  private static final int LASTING_SECONDS = 120;

  /** And what it sends a second: at most one part in so many of what this machine can. */
  private static final int OF_WHAT_IT_CAN = 2;

  /** Between a step and the one that follows it: some waits are over while a fault lasts. */
  private static final Duration WAIT = Pace.seconds(5);

  /** What the other channel's time since a fault is compared with. */
  private static final Duration SHORTLY_BEFORE = Pace.seconds(20);

  /** How far two nodes of this machine are apart about the database's time, without hiccups. */
  private static final Duration CLOCKS = Duration.ofMillis(50);

  /** Far less than the messages of a campaign that would pile up in a queue without a bound. */
  private static final long HEAP_ROOM_BYTES = 16L << 20;

  /**
   * A shorter stall of this machine makes every limit as much longer. A longer one is a fault of
   * its own, to which nodes take each other for dead: how long answers took is not judged then.
   */
  private static final Duration STALL = Pace.seconds(3);

  /** From the last look of a node, which is a collection away at most, to the carrier's first. */
  private static final Duration WAY = Pace.of(Duration.ofMillis(250));

  private static @Nullable FaultRun shared;

  private final Carrier mail;
  private final Carrier sms;
  private final Cluster cluster;
  private final Patience patience;

  /** How many mails are sent a second, at most: a guess at first, then what was seen here. */
  private int perSecond;

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

    /** For a failure, which also says what to look at first. */
    @Override
    public String toString() {
      return "%s, seed %d: %s, answers again after %s, gap %s: %s"
          .formatted(fault, seed, totals, again, gap, findings.stream().limit(SHOWN).toList());
    }
  }

  private FaultRun(Path directory, int nodes, int connections, Patience patience, Versions versions)
      throws IOException {
    this.patience = patience;
    this.perSecond = Math.min(FIRST_PER_SECOND, nodes * connections * 1000 / DELAY_MILLIS);
    int places = Math.max(PLACES, connections + connections / 8);
    this.mail = Carrier.start(directory, "--delay", DELAY);
    this.sms = Carrier.sms(directory);
    try {
      this.cluster =
          Cluster.start(
              directory,
              nodes,
              Node.settings(
                      patience,
                      places,
                      Node.mail(patience, mail, connections),
                      Node.sms(patience, sms))
                  + IMPATIENT
                  + FEW_LIVE,
              versions);
    } catch (IOException | RuntimeException | Error e) {
      mail.close();
      sms.close();
      throw e;
    }
  }

  /**
   * Starts a cluster.
   *
   * @param recipients of the largest campaign on it
   * @param patience of its nodes
   * @param versions of its nodes
   */
  static FaultRun on(
      Path directory, int nodes, int recipients, Patience patience, Versions versions)
      throws IOException {
    int wanted = Math.min(MOST_CONNECTIONS, recipients / FOR_A_CONNECTION);
    return new FaultRun(directory, nodes, Math.max(CONNECTIONS, wanted), patience, versions);
  }

  /** Two nodes that all tests of this JVM share; each test leaves all of it whole. */
  static synchronized FaultRun shared() throws IOException {
    FaultRun known = shared;
    if (known != null) return known;
    Path directory = Files.createTempDirectory(Files.createDirectories(TARGET), "shared-");
    FaultRun started =
        new FaultRun(directory.toAbsolutePath(), 2, CONNECTIONS, Patience.SHORT, Versions.OWN);
    Runtime.getRuntime().addShutdownHook(new Thread(started::close, "end-shared-cluster"));
    shared = started;
    return started;
  }

  Cluster cluster() {
    return cluster;
  }

  Carrier mail() {
    return mail;
  }

  /** From a grant to the wire, on a machine without hiccups. */
  Duration onTheWire() {
    return patience.grantLife.plus(WAY);
  }

  /**
   * Makes a fault happen in the middle of a campaign on a cluster that is whole, waits for its end
   * and judges it.
   *
   * @param name a word of its own, for what it makes
   */
  Row happens(Fault fault, String name, long seed, int recipients) throws IOException {
    Random random = new Random(seed);
    cluster.restore();
    mail.ledger().forget();
    sms.ledger().forget();
    for (Member member : cluster.members()) member.client().forget();
    List<Long> lives = cluster.members().stream().map(Member::processId).toList();
    Trial.note(fault.name() + ", seed " + seed);
    Plan waiting = Plan.marketing(name + "-followed", recipients / 10).followedAfter(WAIT);
    Run followed = Run.start(cluster::client, mail, waiting);
    // What nobody may feel happens under a load that leaves this machine room, from beginning to
    // end.
    boolean lasts = fault.must().planned();
    Plan plan = Plan.marketing(name, recipients);
    int lasting = Math.max(LASTING_SECONDS, recipients / (perSecond / OF_WHAT_IT_CAN));
    Run run = Run.start(cluster::client, mail, lasts ? slowly(plan, lasting) : plan);
    long startedNanos = System.nanoTime();
    List<Run> family = family(name, recipients / 10);
    // Some are under way whenever the fault comes, and while it lasts.
    int spare = Math.min(SPARE_SECONDS, recipients / 100);
    int textsTake = lasts ? lasting : recipients / perSecond + spare;
    Plan texting = Plan.marketing(name + "-texts", Math.max(20, recipients / 10)).over("sms");
    Run texts = Run.start(cluster::client, sms, slowly(texting, textsTake));
    OptingOut optingOut = OptingOut.start(cluster, run, OPT_OUTS);
    try (Hiccups hiccups = Hiccups.measured();
        Probe probe = Probe.start(cluster, name, CONVERSATIONS)) {
      run.awaitTaken(recipients / 10 + random.nextInt(recipients / 5));
      Instant before = Instant.now();
      long begun = System.nanoTime();
      List<Finding> findings =
          new ArrayList<>(act(fault, new Scene(cluster, random, mail, sms, run)));
      long over = System.nanoTime();
      List<Run> all = Stream.concat(Stream.of(run, texts), family.stream()).toList();
      for (Run each : Stream.concat(all.stream(), Stream.of(followed)).toList()) {
        if (!each.completesWithin(END)) {
          findings.add(new Finding("I1", "a campaign has not ended: " + each.progress()));
        } else if (each == run && !lasts) {
          long took = Duration.ofNanos(System.nanoTime() - startedNanos).toSeconds();
          perSecond = (int) Math.max(perSecond, recipients / (1 + took));
        }
      }
      optingOut.close();
      probe.stop();
      boolean killed = fault.name().startsWith("kill") || fault.name().equals("postgres-kill");
      Duration again = probe.answeredAgain(killed ? begun : over, 0.99);
      Trial.note("the longest hiccup: " + hiccups.longest().toMillis() + " ms");
      Duration limit = onTheWire().plus(hiccups.longest());
      for (Run each : all) findings.addAll(judge(each, limit));
      findings.addAll(together(family));
      Duration apart = CLOCKS.plus(hiccups.longest());
      findings.addAll(WireChecks.inItsTime(followed.lines(), followed.followUps(), WAIT, apart));
      findings.addAll(WireChecks.notAfterOptOut(run.lines(), optingOut.acknowledged(), limit));
      Trial.note("mails: " + run.progress().path("reasons"));
      Trial.note("text messages: " + texts.totals() + texts.progress().path("reasons"));
      Map<String, Long> totals = run.totals();
      Duration gap = probe.longestGap(begun);
      if (fault.must().planned()) findings.addAll(certain(totals));
      if (hiccups.longest().compareTo(STALL) < 0) {
        findings.addAll(answers(fault.must(), again, gap, hiccups.longest()));
      } else {
        Trial.note("this machine stalls: how long answers took is not judged");
      }
      if (fault.must().othersFeelNothing()) findings.addAll(slower(texts, before));
      if (!fault.must().planned() && !someoneLives(lives)) {
        findings.add(new Finding("lives", "no node has lived through it"));
      }
      return new Row(fault.name(), seed, totals, again, gap, findings);
    }
  }

  private boolean someoneLives(List<Long> before) {
    return cluster.members().stream().anyMatch(node -> before.contains(node.processId()));
  }

  /** Makes it happen; what only shows meanwhile. */
  private static List<Finding> act(Fault fault, Scene scene) throws IOException {
    boolean measured = fault.must().othersFeelNothing();
    List<Heaps.Sample> samples = new ArrayList<>();
    if (measured) samples.addAll(Heaps.of(scene.cluster()));
    fault.act().happen(scene);
    if (!measured) return List.of();
    samples.addAll(Heaps.of(scene.cluster()));
    Trial.note("heaps: " + samples);
    return Heaps.flat(samples, HEAP_ROOM_BYTES);
  }

  private static Plan slowly(Plan plan, int seconds) {
    int rate = (plan.recipients() + seconds - 1) / seconds;
    return plan.withPolicy("{\"ratePerSecond\":" + rate + '}');
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

  /**
   * What the checker finds in a campaign.
   *
   * @param limit from a grant to the wire
   */
  List<Finding> judge(Run run, Duration limit) {
    Checker.Evidence evidence = run.evidence();
    Records records = new Records(cluster.postgres());
    List<Finding> findings = new ArrayList<>(Checker.findings(evidence));
    findings.addAll(WireChecks.inTime(evidence.ledger(), records.grants(run.id()), limit));
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

  private static List<Finding> answers(
      Fault.Must must, Duration again, Duration gap, Duration stall) {
    List<Finding> findings = new ArrayList<>();
    if (must.again().filter(limit -> again.compareTo(limit.plus(stall)) > 0).isPresent()) {
      findings.add(new Finding("answers", "P99 after " + again.toMillis() + " ms"));
    }
    if (must.gap().filter(limit -> gap.compareTo(limit.plus(stall)) > 0).isPresent()) {
      findings.add(new Finding("answers", "none for " + gap.toMillis() + " ms"));
    }
    return findings;
  }

  private static List<Finding> certain(Map<String, Long> totals) {
    long uncertain = totals.getOrDefault("unknown", 0L) + totals.getOrDefault("failed", 0L);
    if (uncertain == 0) return List.of();
    return List.of(new Finding("certain", uncertain + " failed or unknown"));
  }

  /** The other channel, shortly before and since: at its start a cluster is slow by itself. */
  private List<Finding> slower(Run texts, Instant moment) {
    Map<String, Instant> takenAt = new ConcurrentHashMap<>();
    texts.lines().forEach(line -> takenAt.put(line.recipient(), line.at()));
    List<Records.Grant> grants = new Records(cluster.postgres()).grants(texts.id());
    Instant from = moment.minus(SHORTLY_BEFORE);
    long before =
        p95(
            texts,
            grants.stream()
                .filter(g -> g.grantedAt().isBefore(moment) && !g.grantedAt().isBefore(from)),
            takenAt);
    long since = p95(texts, grants.stream().filter(g -> !g.grantedAt().isBefore(moment)), takenAt);
    Trial.note("P95 of text messages: " + before + " ms before, " + since + " ms since");
    // Below this, it is the machine that is measured.
    long floor = 50;
    if (since <= Math.max(2 * before, floor)) return List.of();
    return List.of(new Finding("I7", "P95 of texts " + before + " ms before, " + since + " since"));
  }

  private static long p95(Run texts, Stream<Records.Grant> grants, Map<String, Instant> takenAt) {
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

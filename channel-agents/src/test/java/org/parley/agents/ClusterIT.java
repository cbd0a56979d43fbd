package org.parley.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.cluster.typed.Down;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.agents.Cluster.Node;
import org.parley.agents.sandbox.Mischief;
import org.parley.agents.sandbox.SandboxSettings;
import org.parley.agents.sandbox.SandboxSmtp;
import org.parley.core.api.CarrierOrder;
import org.parley.core.api.CarrierState;
import org.parley.core.api.CarrierView;
import org.parley.core.api.Category;
import org.parley.core.api.Outcome;
import org.parley.core.api.Template;
import org.parley.core.spi.Attempt;

/** What the agents of several nodes are to each other. */
class ClusterIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long EPOCH = 5;
  private static final int NOBODY_LISTENS = 1;
  private static final int PER_SECOND = 100;
  private static final double LEASE_SECONDS = 0.2;

  private final SandboxSmtp sandbox =
      SandboxSmtp.start(
          SandboxSettings.read(
              ConfigFactory.parseString("parley.sandbox.smtp.port = 0")
                  .withFallback(ConfigFactory.load())
                  .resolve()));
  private final Cluster cluster = new Cluster(carrierAt(sandbox.port()));
  private final AtomicBoolean stopped = new AtomicBoolean();

  @AfterEach
  void stop() throws Exception {
    stopped.set(true);
    cluster.close();
    sandbox.close();
  }

  private static String carrierAt(int port) {
    return "parley.carriers = [{ name = main, channel = email, protocol = smtp, host = 127.0.0.1,"
        + " tls = off, connections = 4, breaker { window = 4, minimum-calls = 4, open = 10m },"
        + " per-second = "
        + PER_SECOND
        + ", port = "
        + port
        + "}]";
  }

  /** Sends without a pause, as many at a time as there are places. */
  private void sendFrom(Node node, List<Outcome> outcomes) {
    for (int i = 0; i < 20; i++) sendNext(node, outcomes);
  }

  private void sendNext(Node node, List<Outcome> outcomes) {
    if (stopped.get()) return;
    boolean unused =
        node.pool()
            .places()
            .await(
                Category.MARKETING,
                () ->
                    node.pool()
                        .deliver(
                            Attempts.to("ann@example.com"),
                            outcome -> {
                              outcomes.add(outcome);
                              node.pool().places().release();
                              // Not again at once: a stopping node refuses at once.
                              if (outcome.kind() == Outcome.Kind.ACCEPTED) {
                                sendNext(node, outcomes);
                              }
                            }));
  }

  @Test
  void theNodesTogetherKeepTheCarriersRateAlsoWhenTheOneThatLendsItLeaves() {
    Node first = cluster.start("");
    List<Node> others = List.of(cluster.start(""), cluster.start(""));
    long start = System.nanoTime();
    List<Outcome> byFirst = new CopyOnWriteArrayList<>();
    List<Outcome> bySecond = new CopyOnWriteArrayList<>();
    List<Outcome> byThird = new CopyOnWriteArrayList<>();
    sendFrom(first, byFirst);
    sendFrom(others.get(0), bySecond);
    sendFrom(others.get(1), byThird);

    await().atMost(PATIENCE).until(() -> sandbox.acceptedCount() >= 3 * PER_SECOND);
    assertRateHolds(start);
    // The oldest node has all shards, as it was alone at first.
    first.leave();
    int before = bySecond.size() + byThird.size();
    await().atMost(PATIENCE).until(() -> bySecond.size() + byThird.size() > before + PER_SECOND);
    assertRateHolds(start);

    for (List<Outcome> each : List.of(byFirst, bySecond, byThird)) {
      assertThat(each.stream().filter(o -> o.kind() == Outcome.Kind.ACCEPTED).count())
          .isGreaterThan(PER_SECOND / 5);
    }
  }

  private void assertRateHolds(long startNanos) {
    int count = (int) sandbox.acceptedCount();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    assertThat((double) count)
        .as("messages in %s s", seconds)
        .isLessThanOrEqualTo(PER_SECOND * (seconds + 2 * LEASE_SECONDS));
  }

  @Test
  void anOrderReachesEveryNodeAlsoOnesThatStartLaterAndHoldsWhenAllHaveEnded() throws Exception {
    Node one = cluster.start("");
    Node two = cluster.start("");
    awaitWarm(two);
    for (Node each : List.of(one, two)) {
      await().atMost(PATIENCE).until(() -> carrier(each).nodes().size() == 2);
    }

    CarrierView drained = get(one.operators().order("main", CarrierOrder.DRAIN));
    assertThat(drained.nodes())
        .extracting(CarrierView.OnNode::state)
        .containsExactly(CarrierState.DRAINED, CarrierState.DRAINED);
    Outcome refused = deliver(two, Attempts.to("ann@example.com"));
    assertThat(refused.kind()).isEqualTo(Outcome.Kind.NOT_SENT);
    assertThat(refused.reason()).contains("noCarrier");

    Node three = cluster.start("");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                carrier(one).nodes().stream().filter(n -> n.state() == CarrierState.DRAINED).count()
                    == 3);
    await().atMost(PATIENCE).until(() -> carrier(three).nodes().size() == 3);
    for (Node each : List.of(one, two, three)) each.crash();
    Node four = cluster.start("");
    assertThat(carrier(four).state())
        .as("with no node left that was told")
        .isEqualTo(CarrierState.DRAINED);
    CarrierView resumed = get(four.operators().order("main", CarrierOrder.RESUME));
    // The node that has just come may not have been lent anything yet.
    assertThat(resumed.state()).isIn(CarrierState.CLOSED, CarrierState.OWN_SHARE);
    assertThat(deliver(four, Attempts.to("ann@example.com")).kind())
        .isEqualTo(Outcome.Kind.ACCEPTED);
  }

  @Test
  void aNodeWithoutAgentsUsesThoseOfAnother() throws Exception {
    Node agents = cluster.start("pekko.cluster.roles = [email-agent]");
    Node none = cluster.start("pekko.cluster.roles = [phone-agent]");
    awaitWarm(none);
    long before = sandbox.acceptedCount();

    CompletableFuture<Outcome> settled = new CompletableFuture<>();
    assertThat(none.pool().places().tryTake(Category.MARKETING)).isTrue();
    Attempt large = large();
    none.pool().deliver(large, settled::complete);

    Outcome outcome = settled.get(30, TimeUnit.SECONDS);
    assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    assertThat(outcome.carrier()).contains("main");
    assertThat(sandbox.acceptedCount()).isEqualTo(before + 1);
    assertThat(cluster.gate().from).isEqualTo(none.system().address());
    assertThat(cluster.gate().epoch).isEqualTo(EPOCH);
    // All nodes here have the same clocks, so that its end can be compared.
    Attempt there = Objects.requireNonNull(cluster.gate().seen);
    assertThat(there.id()).isEqualTo(large.id());
    assertThat(large.deadlineNanos() - there.deadlineNanos())
        .as("the lender's answer was on its way")
        .isBetween(1L, Duration.ofSeconds(30).toNanos());
    assertThat(there.until())
        .isBetween(large.until().minusSeconds(31), large.until().plusMillis(50));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(get(none.operators().agents()))
                    .anySatisfy(
                        view -> {
                          assertThat(view.node()).isEqualTo(none.name());
                          assertThat(view.instances()).isZero();
                          assertThat(view.borrowed()).isPositive();
                        })
                    .anySatisfy(
                        view -> {
                          assertThat(view.node()).isEqualTo(agents.name());
                          assertThat(view.busy()).isPositive();
                        }));
  }

  @Test
  void aNodeThatAloneCannotReachItsCarrierSendsThroughTheOthers() throws Exception {
    Node well = cluster.start("");
    awaitWarm(well);
    Node cutOff = cluster.start(carrierAt(NOBODY_LISTENS));
    List<Outcome> outcomes = new CopyOnWriteArrayList<>();

    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              sendNext(cutOff, outcomes);
              return outcomes.stream().filter(o -> o.kind() == Outcome.Kind.ACCEPTED).count() > 10;
            });

    assertThat(carrier(cutOff).nodes())
        .filteredOn(on -> on.node().equals(cutOff.name()))
        .extracting(CarrierView.OnNode::state)
        .containsExactly(CarrierState.OPEN);
    assertThat(outcomes).extracting(Outcome::kind).doesNotContain(Outcome.Kind.UNKNOWN);
  }

  @Test
  void whatALostNodeHadIsUnknownAfterItsLifeAndIsNotSentAgain() throws Exception {
    Node agents = cluster.start("pekko.cluster.roles = [email-agent]");
    Node none = cluster.start("pekko.cluster.roles = [phone-agent]");
    awaitWarm(none);
    sandbox.behave(new Mischief(Duration.ofMinutes(1), 0, 550, 0, 0));
    Attempt attempt = living(Duration.ofSeconds(5));
    CompletableFuture<Outcome> settled = new CompletableFuture<>();
    CompletableFuture<Instant> settledAt = settled.thenApply(outcome -> Instant.now());
    none.pool().deliver(attempt, settled::complete);
    await().atMost(PATIENCE).until(() -> carrier(agents).onWire() == 1);

    agents.crash();
    org.apache.pekko.cluster.typed.Cluster.get(none.system())
        .manager()
        .tell(new Down(agents.system().address()));

    assertThat(settled.get(30, TimeUnit.SECONDS)).isEqualTo(Outcome.unknown("agentLost"));
    assertThat(settledAt.join()).isAfterOrEqualTo(attempt.until());
    // Nobody lends any more, so the next one certainly stays here.
    await()
        .atMost(PATIENCE)
        .until(() -> deliver(none, Attempts.to("ann@example.com")).kind() == Outcome.Kind.NOT_SENT);
  }

  /** Until the nodes know each other and the carrier's rate is lent. */
  private static void awaitWarm(Node node) {
    await()
        .atMost(PATIENCE)
        .until(() -> deliver(node, Attempts.to("ann@example.com")).kind() == Outcome.Kind.ACCEPTED);
  }

  private static Attempt living(Duration life) {
    return attempt(Attempts.to("ann@example.com").template(), Instant.now().plus(life));
  }

  /** An attempt with a template that is larger than an ordinary message between nodes may be. */
  private static Attempt large() {
    return attempt(
        Template.text("Hello", "A text of twenty characters. ".repeat(20_000)),
        Instant.now().plusSeconds(600));
  }

  private static Attempt attempt(Template template, Instant until) {
    Attempt any = Attempts.to("ann@example.com");
    return new Attempt(
        any.id(),
        any.customer(),
        any.key(),
        any.number(),
        any.channel(),
        any.category(),
        any.address(),
        any.profile(),
        template,
        any.unsubscribeToken(),
        any.grantedAt(),
        until,
        EPOCH,
        System.nanoTime() + Duration.between(any.grantedAt(), until).toNanos());
  }

  /** What a node tells of the carrier, as soon as a desk has told it of one. */
  private static CarrierView carrier(Node node) {
    return await()
        .atMost(PATIENCE)
        .until(() -> get(node.operators().carriers()), carriers -> !carriers.isEmpty())
        .get(0);
  }

  private static Outcome deliver(Node node, Attempt attempt) throws Exception {
    CompletableFuture<Outcome> settled = new CompletableFuture<>();
    node.pool().deliver(attempt, settled::complete);
    return settled.get(30, TimeUnit.SECONDS);
  }

  private static <T> T get(java.util.concurrent.CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}

package org.parley.core.due;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.testkit.javadsl.TestEntityRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.parley.core.api.CampaignDefinition;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.CampaignView;
import org.parley.core.api.Category;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Refusal;
import org.parley.core.api.StepKey;
import org.parley.core.campaign.Campaign;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.campaign.CampaignCommand.CampaignReply;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.conversation.ConversationCommand.Verdict.Kind;
import org.parley.core.conversation.ConversationCommand.Wake;
import org.parley.core.spi.DueWorkStore;

class DueWorkTest {
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration LEASE = Duration.ofMinutes(2);
  private static final int BATCH = 10;

  // One for all tests here: with a clock that stands still, an end of a kit takes a second.
  private static final ActorTestKit KIT =
      ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
  private static final ManualTime TIME = ManualTime.get(KIT.system());

  private final List<ActorRef<?>> spawned = new ArrayList<>();
  private volatile Instant now = Instant.parse("2026-11-24T10:00:00Z");
  private final Rows rows = new Rows();
  private final List<Wake> woken = new CopyOnWriteArrayList<>();
  private final List<CustomerKey> wokenCustomers = new CopyOnWriteArrayList<>();
  private volatile Function<Wake, Optional<Kind>> answers = wake -> Optional.of(Kind.SETTLED);
  private volatile CampaignReply campaignAnswers =
      new CampaignReply(Optional.empty(), Optional.empty());
  private final List<String> wokenCampaigns = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    spawned.forEach(KIT::stop);
  }

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private <T> ActorRef<T> spawn(Behavior<T> behavior) {
    ActorRef<T> actor = KIT.spawn(behavior);
    spawned.add(actor);
    return actor;
  }

  /** Rows in memory that are hidden while they are leased, as in the database. */
  private static final class Rows implements DueWorkStore {
    final Map<Key, Item> rows = new ConcurrentHashMap<>();
    final AtomicInteger failures = new AtomicInteger();
    final List<Integer> limits = new CopyOnWriteArrayList<>();
    final Map<String, Integer> rates = new ConcurrentHashMap<>();

    private Optional<Integer> rate(Key key) {
      return Optional.ofNullable(rates.get(key.work().replaceFirst("/.*", "")));
    }

    void put(String entityType, String entityId, String work, Instant due) {
      Key key = new Key(entityType, entityId, work);
      rows.put(key, new Item(key, due, due, rate(key)));
    }

    @Override
    public CompletionStage<List<Item>> lease(
        Instant at, Duration lease, int limit, Set<String> passOver) {
      limits.add(limit);
      if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        return CompletableFuture.failedFuture(new IllegalStateException("away"));
      }
      List<Item> taken = new ArrayList<>();
      for (Item row : List.copyOf(rows.values())) {
        if (taken.size() == limit || row.leasedUntil().isAfter(at)) continue;
        String work = row.key().work();
        if (passOver.stream().anyMatch(id -> work.startsWith(id + '/'))) continue;
        Item leased = new Item(row.key(), row.due(), at.plus(lease), row.ratePerSecond());
        taken.add(leased);
        rows.put(row.key(), leased);
      }
      return CompletableFuture.completedFuture(taken);
    }

    @Override
    public CompletionStage<Void> finish(List<Item> items) {
      for (Item item : items) rows.remove(item.key(), item);
      return CompletableFuture.completedFuture(null);
    }
  }

  private void start() {
    ActorRef<CampaignCommand> campaign =
        spawn(
            Behaviors.receive(CampaignCommand.class)
                .onMessage(
                    CampaignCommand.Wake.class,
                    wake -> {
                      wake.replyTo().tell(campaignAnswers);
                      return Behaviors.same();
                    })
                .build());
    spawn(
        DueWork.create(
            new DueWork.Parts(
                new DueWork.Settings(1, BATCH, POLL, LEASE),
                rows,
                this::tell,
                id -> {
                  wokenCampaigns.add(id);
                  return TestEntityRef.of(Campaign.TYPE, id, campaign);
                },
                () -> now)));
  }

  private void tell(CustomerKey customer, ConversationMessage message) {
    Wake wake = (Wake) message;
    wokenCustomers.add(customer);
    woken.add(wake);
    answers
        .apply(wake)
        .ifPresent(
            kind -> wake.replyTo().tell(new Verdict(wake.key(), customer.customerId(), 0, kind)));
  }

  private void pass(Duration span) {
    now = now.plus(span);
    TIME.timePasses(span);
  }

  private void awaitPassing(Duration step, String what, Callable<Boolean> holds) {
    Awaitility.await(what)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              pass(step);
              return holds.call();
            });
  }

  private void due(String customer, String work) {
    rows.put("conversation", CustomerKey.of(customer).entityId(), work, now);
  }

  @Test
  void whatIsDueIsWokenAndItsRowGoesOnceItIsAcknowledged() {
    due("ada", "cmp_a/hello");
    due("bob", "msg/msg_1");
    start();
    awaitPassing(POLL, "the rows go", rows.rows::isEmpty);
    assertThat(woken)
        .extracting(Wake::key)
        .containsExactlyInAnyOrder(new StepKey("cmp_a", "hello"), StepKey.message("msg_1"));
    assertThat(wokenCustomers)
        .containsExactlyInAnyOrder(CustomerKey.of("ada"), CustomerKey.of("bob"));
  }

  @Test
  void aRowStaysWhileNobodyHasAnsweredAndComesBackWhenItsLeaseEnds() {
    due("ada", "cmp_a/hello");
    answers = wake -> Optional.empty();
    start();
    awaitPassing(POLL, "woken", () -> woken.size() == 1);
    pass(POLL);
    assertThat(rows.rows).hasSize(1);
    answers = wake -> Optional.of(Kind.REFUSED);
    awaitPassing(LEASE.dividedBy(4), "woken again", rows.rows::isEmpty);
    assertThat(woken).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void aCustomerWithoutRoomKeepsTheRowUntilItsLeaseEnds() {
    due("ada", "cmp_a/hello");
    due("bob", "cmp_a/hello");
    answers = wake -> Optional.of(woken.size() == 1 ? Kind.BUSY : Kind.HELD);
    start();
    awaitPassing(POLL, "one row goes", () -> rows.rows.size() == 1);
    pass(POLL.multipliedBy(20));
    assertThat(woken).as("not before the lease ends").hasSize(2);
    awaitPassing(LEASE.dividedBy(4), "the other goes too", rows.rows::isEmpty);
    assertThat(woken).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void aRowThatWasPutToALaterTimeMeanwhileStays() {
    due("ada", "cmp_a/hello");
    Instant later = now.plus(Duration.ofDays(1));
    answers =
        wake -> {
          rows.put("conversation", CustomerKey.of("ada").entityId(), "cmp_a/hello", later);
          return Optional.of(Kind.HELD);
        };
    start();
    awaitPassing(POLL, "woken", () -> woken.size() == 1);
    pass(POLL.multipliedBy(4));
    assertThat(rows.rows).hasSize(1);
  }

  @Test
  void noMoreAreUnderWayThanTheBatchAndTheOthersFollow() {
    for (int i = 0; i < 25; i++) due("c" + i, "cmp_a/hello");
    answers = wake -> Optional.empty();
    start();
    awaitPassing(POLL, "a batch is woken", () -> woken.size() == BATCH);
    pass(POLL.multipliedBy(8));
    assertThat(woken).hasSize(BATCH);
    answers = wake -> Optional.of(Kind.SETTLED);
    awaitPassing(LEASE.dividedBy(4), "all go", rows.rows::isEmpty);
    assertThat(rows.limits).allMatch(limit -> limit <= BATCH);
  }

  @Test
  void aCampaignWhoseChannelIsSlowHoldsUpNoOther() {
    for (int i = 0; i < 50; i++) due("c" + i, "cmp_slow/hello");
    answers = wake -> isOf("cmp_slow", wake) ? Optional.empty() : Optional.of(Kind.SETTLED);
    start();
    awaitPassing(POLL, "a batch is woken", () -> woken.size() == BATCH);
    for (int i = 0; i < 50; i++) due("d" + i, "cmp_quick/hello");
    awaitPassing(POLL, "the other's rows go", () -> rows.rows.size() == 50);
    assertThat(woken).filteredOn(wake -> isOf("cmp_slow", wake)).hasSize(BATCH);
    answers = wake -> Optional.of(Kind.SETTLED);
    awaitPassing(LEASE.dividedBy(4), "all go", rows.rows::isEmpty);
  }

  @Test
  void theRateOfACampaignHoldsForWhatIsDueAndHoldsUpNoOther() {
    int rate = 4;
    rows.rates.put("cmp_paced", rate);
    for (int i = 0; i < 60; i++) due("c" + i, "cmp_paced/hello");
    for (int i = 0; i < 60; i++) due("d" + i, "cmp_quick/hello");
    List<Instant> paced = new CopyOnWriteArrayList<>();
    answers =
        wake -> {
          if (isOf("cmp_paced", wake)) paced.add(now);
          return Optional.of(Kind.SETTLED);
        };
    start();
    awaitPassing(
        POLL,
        "the other's rows go",
        () -> woken.stream().filter(wake -> isOf("cmp_quick", wake)).count() == 60);
    awaitPassing(POLL, "all go", rows.rows::isEmpty);
    // A scan may take a little more than is allowed, and the next ones wait for it.
    for (int i = 0; i < paced.size(); i++) {
      Duration since = Duration.between(paced.get(0), paced.get(i)).plusSeconds(1);
      assertThat(i).isLessThanOrEqualTo((int) (rate * since.toMillis() / 1_000) + 2 * BATCH);
    }
  }

  private static boolean isOf(String campaignId, Wake wake) {
    return wake.key().campaignId().equals(campaignId);
  }

  @Test
  void aStoreThatIsAwayIsAskedAgain() {
    due("ada", "cmp_a/hello");
    rows.failures.set(2);
    start();
    awaitPassing(POLL, "the row goes", rows.rows::isEmpty);
    assertThat(rows.limits).hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  void aCampaignThatIsDueIsWokenAndItsRowGoes() {
    rows.put("campaign", "default.cmp_a", "start", now);
    start();
    awaitPassing(POLL, "the row goes", rows.rows::isEmpty);
    assertThat(wokenCampaigns).containsExactly("default.cmp_a");
  }

  @Test
  void aCampaignThatIsBusyKeepsItsRow() {
    rows.put("campaign", "default.cmp_a", "start", now);
    campaignAnswers = new CampaignReply(Optional.empty(), Optional.of(Refusal.busy("freezing")));
    start();
    awaitPassing(POLL, "woken", () -> wokenCampaigns.size() == 1);
    pass(POLL.multipliedBy(8));
    assertThat(rows.rows).hasSize(1);
    campaignAnswers =
        new CampaignReply(
            Optional.empty(), Optional.of(Refusal.conflict("wrongStatus", "cancelled")));
    awaitPassing(LEASE.dividedBy(4), "the row goes", rows.rows::isEmpty);
    assertThat(wokenCampaigns).hasSizeGreaterThan(1);
  }

  @Test
  void aCampaignWhoseNodeHasAnEarlierTimeKeepsItsRowUntilItHasStarted() {
    rows.put("campaign", "default.cmp_a", "start", now);
    campaignAnswers = campaign(CampaignStatus.SCHEDULED);
    start();
    awaitPassing(POLL, "woken", () -> wokenCampaigns.size() == 1);
    pass(POLL.multipliedBy(8));
    assertThat(rows.rows).hasSize(1);
    campaignAnswers = campaign(CampaignStatus.RUNNING);
    awaitPassing(LEASE.dividedBy(4), "the row goes", rows.rows::isEmpty);
  }

  private CampaignReply campaign(CampaignStatus status) {
    return new CampaignReply(
        Optional.of(
            new CampaignView(
                "cmp_a",
                1,
                status,
                new CampaignDefinition(
                    "Spring", "aud_1", Category.MARKETING, List.of(), Schedule.NOW, Policy.NONE),
                Optional.empty(),
                now,
                Optional.empty(),
                Optional.empty())),
        Optional.empty());
  }
}

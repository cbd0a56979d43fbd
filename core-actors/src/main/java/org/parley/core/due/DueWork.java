package org.parley.core.due;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ShardedDaemonProcess;
import org.parley.core.api.CampaignStatus;
import org.parley.core.api.ConversationMessage;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.Refusal;
import org.parley.core.api.StepKey;
import org.parley.core.campaign.Allowance;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.campaign.CampaignCommand.CampaignReply;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.conversation.ConversationCommand.Wake;
import org.parley.core.spi.DueWorkStore;
import org.parley.core.spi.DueWorkStore.Item;
import org.parley.core.spi.ShardTypes;

/**
 * Wakes what is due: takes rows, tells their entities, and removes a row once its entity has
 * acknowledged. A row that nobody acknowledged comes back when its lease ends. What takes long, as
 * its channel is slow, holds up nothing else: after two seconds it does not count any more, and no
 * more of its campaign is taken while a batch of such rows is under way. The rate of a campaign
 * holds for what is due, as it does for its run.
 */
public final class DueWork extends AbstractBehavior<Object> {

  /**
   * The numbers of {@code parley.due-work}.
   *
   * @param scanners how many of these share the work over the cluster
   * @param batch rows taken at a time; also how many are under way in one scanner for less than two
   *     seconds
   * @param pollEvery the pause when nothing is due
   * @param lease how long a taken row stays hidden
   */
  public record Settings(int scanners, int batch, Duration pollEvery, Duration lease) {
    public static Settings from(Config config) {
      Config c = config.getConfig("parley.due-work");
      Settings settings =
          new Settings(
              c.getInt("scanners"),
              c.getInt("batch"),
              c.getDuration("poll-every"),
              c.getDuration("lease"));
      if (settings.scanners() < 1 || settings.batch() < 1) {
        throw new IllegalArgumentException(
            "parley.due-work: scanners and batch: allowed is 1 or more");
      }
      return settings;
    }
  }

  /** What the scanners of a node share. */
  public record Parts(
      Settings settings,
      DueWorkStore store,
      BiConsumer<CustomerKey, ConversationMessage> conversations,
      Function<String, EntityRef<CampaignCommand>> campaigns,
      InstantSource clock) {}

  private enum Tick {
    SCAN,
    FLUSH
  }

  private record Taken(List<Item> items) {}

  private record Acknowledged(Item item, boolean done) {}

  /**
   * Under way.
   *
   * @param campaign empty for a single message, of which none is ever passed over
   */
  private record Under(Item item, Optional<String> campaign, long sinceBeat) {}

  private static final Duration CAMPAIGN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration BEAT = Duration.ofMillis(100);
  private static final int SLOW_BEATS = 20;

  private final Parts parts;
  private final TimerScheduler<Object> timers;
  private final Map<String, Under> under = new HashMap<>();
  private final List<Item> done = new ArrayList<>();
  private final Map<String, Allowance> paced = new HashMap<>();
  private final ActorRef<Verdict> verdicts;
  private boolean scanning;
  private long beats;

  /** Starts the scanners over the cluster. */
  public static void start(ActorSystem<?> system, Parts parts) {
    ShardedDaemonProcess.get(system)
        .init(
            Object.class,
            ShardTypes.DUE_WORK,
            parts.settings().scanners(),
            number ->
                Behaviors.supervise(create(parts))
                    .onFailure(
                        SupervisorStrategy.restartWithBackoff(
                            Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2)));
  }

  static Behavior<Object> create(Parts parts) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new DueWork(context, timers, parts)));
  }

  private DueWork(ActorContext<Object> context, TimerScheduler<Object> timers, Parts parts) {
    super(context);
    this.parts = parts;
    this.timers = timers;
    this.verdicts = context.getSelf().narrow();
    timers.startTimerWithFixedDelay(Tick.FLUSH, BEAT);
    context.getSelf().tell(Tick.SCAN);
  }

  @Override
  public Receive<Object> createReceive() {
    return newReceiveBuilder()
        .onMessage(Verdict.class, this::onVerdict)
        .onMessage(Acknowledged.class, this::onAcknowledged)
        .onMessage(Taken.class, this::onTaken)
        .onMessage(Tick.class, this::onTick)
        .build();
  }

  private Behavior<Object> onTick(Tick tick) {
    if (tick == Tick.SCAN) {
      scan();
    } else {
      flush();
      beats++;
      // What has not answered until then has come back, or will.
      long lease = parts.settings().lease().toMillis() / BEAT.toMillis();
      under.values().removeIf(each -> beats - each.sinceBeat() > lease);
    }
    return this;
  }

  private void scan() {
    if (scanning) return;
    int quick = 0;
    Map<String, Integer> slow = new HashMap<>();
    for (Under each : under.values()) {
      if (beats - each.sinceBeat() < SLOW_BEATS) quick++;
      else each.campaign().ifPresent(id -> slow.merge(id, 1, Integer::sum));
    }
    slow.values().removeIf(rows -> rows < parts.settings().batch());
    Instant now = parts.clock().instant();
    paced.values().forEach(allowance -> allowance.growTo(now));
    paced.values().removeIf(Allowance::isFull);
    Set<String> passOver = new HashSet<>(slow.keySet());
    paced.forEach(
        (id, allowance) -> {
          if (!allowance.allows()) passOver.add(id);
        });
    int room = parts.settings().batch() - quick;
    if (room <= 0) {
      timers.startSingleTimer(Tick.SCAN, parts.settings().pollEvery());
      return;
    }
    scanning = true;
    getContext()
        .pipeToSelf(
            parts.store().lease(now, parts.settings().lease(), room, Set.copyOf(passOver)),
            (items, failure) -> new Taken(items == null ? List.of() : items));
  }

  private Behavior<Object> onTaken(Taken taken) {
    scanning = false;
    for (Item item : taken.items()) wake(item);
    if (taken.items().isEmpty()) {
      timers.startSingleTimer(Tick.SCAN, parts.settings().pollEvery());
    } else {
      scan();
    }
    return this;
  }

  private void wake(Item item) {
    DueWorkStore.Key key = item.key();
    if (key.entityType().equals("campaign")) {
      getContext()
          .ask(
              CampaignReply.class,
              parts.campaigns().apply(key.entityId()),
              CAMPAIGN_TIMEOUT,
              CampaignCommand.Wake::new,
              (reply, failure) ->
                  new Acknowledged(item, reply != null && !isBusy(reply) && !isTooEarly(reply)));
      return;
    }
    int slash = key.work().indexOf('/');
    StepKey step = new StepKey(key.work().substring(0, slash), key.work().substring(slash + 1));
    CustomerKey customer = CustomerKey.parse(key.entityId());
    Optional<String> campaign =
        step.isMessage() ? Optional.empty() : Optional.of(step.campaignId());
    under.put(name(customer.customerId(), step), new Under(item, campaign, beats));
    item.ratePerSecond().ifPresent(rate -> allowance(step.campaignId(), rate).take());
    parts.conversations().accept(customer, new Wake(step, verdicts));
  }

  /** This scanner's part of a campaign's rate. */
  private Allowance allowance(String campaignId, int rate) {
    double share = (double) rate / parts.settings().scanners();
    return paced.computeIfAbsent(campaignId, id -> new Allowance(share, parts.clock().instant()));
  }

  private Behavior<Object> onVerdict(Verdict verdict) {
    Under known = under.remove(name(verdict.customerId(), verdict.key()));
    return known == null ? this : acknowledged(known.item(), verdict.kind().acknowledges());
  }

  private Behavior<Object> onAcknowledged(Acknowledged acknowledged) {
    return acknowledged(acknowledged.item(), acknowledged.done());
  }

  private Behavior<Object> acknowledged(Item item, boolean isDone) {
    if (isDone) done.add(item);
    if (done.size() >= parts.settings().batch()) flush();
    return this;
  }

  private void flush() {
    if (done.isEmpty()) return;
    List<Item> batch = List.copyOf(done);
    done.clear();
    // A failure leaves the rows: their leases end and their entities answer the same again.
    var unused = parts.store().finish(batch);
  }

  private static boolean isBusy(CampaignReply reply) {
    return reply.refusal().filter(r -> r.kind() == Refusal.Kind.BUSY).isPresent();
  }

  /** Its own clock is behind ours: the row stays, for nothing else starts the campaign. */
  private static boolean isTooEarly(CampaignReply reply) {
    return reply.campaign().filter(c -> c.status() == CampaignStatus.SCHEDULED).isPresent();
  }

  private static String name(String customerId, StepKey key) {
    return customerId + '\n' + key;
  }
}

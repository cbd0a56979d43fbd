package org.parley.agents.budget;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;
import org.parley.agents.budget.CarrierBudget.Ask;
import org.parley.agents.budget.CarrierBudget.Command;
import org.parley.agents.budget.CarrierBudget.Lent;
import org.parley.agents.budget.CarrierBudget.Who;
import org.parley.agents.budget.CarrierBudget.Without;
import org.parley.agents.lane.Budget;
import org.parley.agents.settings.Checked;
import org.parley.core.api.Channel;

/** This node's parts of the carriers' rates, in a cluster. */
public final class Budgets {
  private record Tick() {}

  private static final Duration TICK = Duration.ofMillis(100);
  private static final String ACTOR = "carrier-budgets";

  private final Map<String, LeasedBudget> budgets = new ConcurrentHashMap<>();
  private final LongSupplier nanoClock = System::nanoTime;
  private final Settings settings;
  private final Set<String> carriers;
  private final Cluster cluster;
  private final String node;
  private final Senders senders;
  private final ActorRef<ShardingEnvelope<Command>> region;
  private final ActorRef<Object> answers;

  /**
   * How rates are lent.
   *
   * @param lease for how long
   * @param patience how long a node that gets no answer waits before it lives on its own share
   */
  public record Settings(Duration lease, Duration patience) {
    /** Reads {@code parley.agents.budget}. */
    public static Settings read(Checked config) {
      return new Settings(
          config.time("lease", Duration.ofMillis(50), Duration.ofMillis(500)),
          config.time("patience", Duration.ofMillis(600), Duration.ofSeconds(30)));
    }
  }

  private Budgets(ActorSystem<?> system, Settings settings, Set<String> carriers) {
    this.settings = settings;
    this.carriers = Set.copyOf(carriers);
    this.cluster = Cluster.get(system);
    this.node = name(cluster.selfMember().uniqueAddress());
    this.senders = new Senders(node, downRemovalMargin(system));
    look();
    CarrierBudget.Parts parts =
        new CarrierBudget.Parts(
            settings, senders, (name, who) -> tell(system, name, who), nanoClock);
    this.region =
        ClusterSharding.get(system)
            .init(
                Entity.of(
                    CarrierBudget.TYPE,
                    entity -> CarrierBudget.create(entity.getEntityId(), parts)));
    this.answers = system.systemActorOf(Behaviors.withTimers(this::receiver), ACTOR, Props.empty());
  }

  /**
   * Starts them; the system must be a member of a cluster.
   *
   * @param carriers the names of those that this node uses
   */
  public static Budgets start(ActorSystem<?> system, Settings settings, Set<String> carriers) {
    return new Budgets(system, settings, carriers);
  }

  /**
   * Whether a node with such roles has agents of a channel. A node of an embedder's, with none of
   * Parley's roles, has agents of every one.
   */
  public static boolean haveAgents(Set<String> roles, Channel channel) {
    return Senders.haveAgents(roles, channel);
  }

  /**
   * This node's part of a carrier's rate.
   *
   * @param perSecond how many attempts all nodes together may start a second
   */
  public Budget of(String carrier, Channel channel, int perSecond) {
    LeasedBudget budget =
        new LeasedBudget(
            perSecond,
            settings.lease(),
            settings.patience(),
            nanoClock,
            () -> senders.share(channel),
            (number, heard, wanted) -> {
              LeaseBook.Question question =
                  new LeaseBook.Question(node, number, heard, wanted, perSecond);
              region.tell(
                  new ShardingEnvelope<>(carrier, new Ask(question, channel, answers.narrow())));
            });
    budgets.put(carrier, budget);
    return budget;
  }

  private Behavior<Object> receiver(TimerScheduler<Object> timers) {
    timers.startTimerWithFixedDelay(new Tick(), TICK);
    return Behaviors.receive(Object.class)
        .onMessage(Lent.class, this::lent)
        .onMessage(Who.class, this::who)
        .onMessage(Tick.class, tick -> tick())
        .build();
  }

  private Behavior<Object> lent(Lent lent) {
    LeasedBudget budget = budgets.get(lent.carrier());
    if (budget != null) budget.lent(lent.question(), lent.tokens(), lent.againNanos());
    return Behaviors.same();
  }

  private Behavior<Object> who(Who who) {
    if (!carriers.contains(who.carrier())) who.replyTo().tell(new Without(node));
    return Behaviors.same();
  }

  private Behavior<Object> tick() {
    look();
    budgets.values().forEach(LeasedBudget::tick);
    return Behaviors.same();
  }

  private void look() {
    Map<String, Senders.Member> members = new HashMap<>();
    for (Member member : cluster.state().getMembers()) {
      MemberStatus status = member.status();
      members.put(
          name(member.uniqueAddress()),
          new Senders.Member(
              member.getRoles(),
              status.equals(MemberStatus.up()) || status.equals(MemberStatus.leaving()),
              status.equals(MemberStatus.exiting())));
    }
    senders.look(members, nanoClock.getAsLong());
  }

  private static String name(UniqueAddress address) {
    return address.address() + "#" + address.longUid();
  }

  private static void tell(ActorSystem<?> system, String name, Who who) {
    String address = name.substring(0, name.lastIndexOf('#'));
    system
        .classicSystem()
        .actorSelection(address + "/system/" + ACTOR)
        .tell(who, org.apache.pekko.actor.ActorRef.noSender());
  }

  /** How long those who were put out may go on; what is sharded waits for so long, too. */
  private static Duration downRemovalMargin(ActorSystem<?> system) {
    return Duration.ofNanos(
        org.apache.pekko.cluster.Cluster.get(system.classicSystem())
            .downingProvider()
            .downRemovalMargin()
            .toNanos());
  }
}

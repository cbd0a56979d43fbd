package org.parley.agents.budget;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.parley.agents.budget.CarrierBudget.Ask;
import org.parley.agents.budget.CarrierBudget.Lent;
import org.parley.agents.lane.Budget;
import org.parley.agents.settings.Checked;

/** This node's parts of the carriers' rates, in a cluster. */
public final class Budgets {
  private record Tick() {}

  private static final Duration TICK = Duration.ofMillis(100);

  private final Map<String, LeasedBudget> budgets = new ConcurrentHashMap<>();
  private final LongSupplier nanoClock = System::nanoTime;
  private final Settings settings;
  private final String node;
  private final ActorRef<ShardingEnvelope<Ask>> region;
  private final ActorRef<Object> answers;

  /**
   * How rates are lent.
   *
   * @param lease for how long
   * @param patience how long a node that gets no answer lets attempts wait
   */
  public record Settings(Duration lease, Duration patience) {
    /** Reads {@code parley.agents.budget}. */
    public static Settings read(Checked config) {
      return new Settings(
          config.time("lease", Duration.ofMillis(50), Duration.ofSeconds(5)),
          config.time("patience", Duration.ofMillis(500), Duration.ofSeconds(30)));
    }
  }

  private Budgets(ActorSystem<?> system, Settings settings) {
    this.settings = settings;
    this.node = system.address().toString();
    this.region =
        ClusterSharding.get(system)
            .init(
                Entity.of(
                    CarrierBudget.TYPE,
                    entity ->
                        CarrierBudget.create(entity.getEntityId(), settings.lease(), nanoClock)));
    this.answers = system.systemActorOf(receiver(), "carrier-budgets", Props.empty());
  }

  /** Starts them; the system must be a member of a cluster. */
  public static Budgets start(ActorSystem<?> system, Settings settings) {
    return new Budgets(system, settings);
  }

  /**
   * This node's part of a carrier's rate.
   *
   * @param perSecond how many attempts all nodes together may start a second
   */
  public Budget of(String carrier, int perSecond) {
    LeasedBudget budget =
        new LeasedBudget(
            perSecond,
            settings.lease(),
            settings.patience(),
            nanoClock,
            (number, wanted) ->
                region.tell(
                    new ShardingEnvelope<>(
                        carrier, new Ask(node, number, wanted, perSecond, answers.narrow()))));
    budgets.put(carrier, budget);
    return budget;
  }

  private Behavior<Object> receiver() {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(new Tick(), TICK);
          return Behaviors.receive(Object.class)
              .onMessage(
                  Lent.class,
                  lent -> {
                    LeasedBudget budget = budgets.get(lent.carrier());
                    if (budget != null) {
                      budget.lent(lent.question(), lent.tokens(), lent.againNanos());
                    }
                    return Behaviors.same();
                  })
              .onMessage(
                  Tick.class,
                  tick -> {
                    budgets.values().forEach(LeasedBudget::tick);
                    return Behaviors.same();
                  })
              .build();
        });
  }
}

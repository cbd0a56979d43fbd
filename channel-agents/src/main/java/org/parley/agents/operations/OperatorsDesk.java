package org.parley.agents.operations;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWMap;
import org.apache.pekko.cluster.ddata.LWWMapKey;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.apache.pekko.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;
import org.parley.agents.lane.Lane;
import org.parley.agents.pool.ChannelPool;
import org.parley.core.api.CarrierOrder;
import org.parley.core.spi.CarrierOrderStore.Standing;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks for this node's agents and carriers, and makes its lanes follow the operators' orders:
 * from the start those that are kept, then those it is told. In a cluster they are distributed data
 * beside, so that a node that was not reached at that moment follows them too.
 */
public final class OperatorsDesk extends AbstractBehavior<OperatorsDesk.Command> {
  /** What it is told. */
  interface Command {}

  private record Written(Replicator.UpdateResponse<LWWMap<String, String>> response)
      implements Command {}

  private record Told(Replicator.SubscribeResponse<LWWMap<String, String>> response)
      implements Command {}

  private static final Logger LOG = LoggerFactory.getLogger(OperatorsDesk.class);
  private static final Key<LWWMap<String, String>> ORDERS =
      LWWMapKey.create("parley-carrier-orders");

  private final List<ChannelPool> pools;
  private final String node;
  private final Optional<ReplicatorMessageAdapter<Command, LWWMap<String, String>>> replicator;
  private final Map<String, Standing> standing = new HashMap<>();

  /**
   * Starts the desk.
   *
   * @param kept the orders that were given before this node started
   * @param clustered whether there are other nodes to agree with
   */
  public static void start(
      ActorSystem<?> system,
      List<ChannelPool> pools,
      Map<String, Standing> kept,
      boolean clustered) {
    Behavior<Command> desk =
        clustered
            ? DistributedData.withReplicatorMessageAdapter(
                (ReplicatorMessageAdapter<Command, LWWMap<String, String>> adapter) ->
                    Behaviors.setup(
                        context -> new OperatorsDesk(context, pools, kept, Optional.of(adapter))))
            : Behaviors.setup(context -> new OperatorsDesk(context, pools, kept, Optional.empty()));
    ActorRef<Command> unused = system.systemActorOf(desk, "parley-operators", Props.empty());
  }

  private OperatorsDesk(
      ActorContext<Command> context,
      List<ChannelPool> pools,
      Map<String, Standing> kept,
      Optional<ReplicatorMessageAdapter<Command, LWWMap<String, String>>> replicator) {
    super(context);
    this.pools = List.copyOf(pools);
    this.node = context.getSystem().address().toString();
    this.replicator = replicator;
    kept.forEach(this::begin);
    replicator.ifPresent(adapter -> adapter.subscribe(ORDERS, Told::new));
    ActorRef<Orders.Ask> asks = context.getSelf().narrow();
    context.getSystem().receptionist().tell(Receptionist.register(Orders.key(), asks));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Orders.Describe.class, this::describe)
        .onMessage(Orders.Follow.class, this::follow)
        .onMessage(Told.class, this::told)
        .onMessage(Written.class, ignored -> this)
        .build();
  }

  private Behavior<Command> describe(Orders.Describe ask) {
    ask.replyTo().tell(description());
    return this;
  }

  private Behavior<Command> follow(Orders.Follow ask) {
    Standing order = new Standing(ask.order(), ask.at());
    if (obey(ask.carrier(), order)) remember(ask.carrier(), order);
    ask.replyTo().tell(description());
    return this;
  }

  private Behavior<Command> told(Told news) {
    if (news.response() instanceof Replicator.Changed<LWWMap<String, String>> changed) {
      changed.get(ORDERS).getEntries().forEach((carrier, text) -> obey(carrier, parse(text)));
    }
    return this;
  }

  /** A lane begins as it is after a RESUME. */
  private void begin(String carrier, Standing kept) {
    if (kept.order() == CarrierOrder.RESUME) standing.put(carrier, kept);
    else obey(carrier, kept);
  }

  /** Makes a lane follow an order; false when it already follows this or a later one. */
  private boolean obey(String carrier, Standing order) {
    Standing known = standing.get(carrier);
    if (known != null && !order.at().isAfter(known.at())) return false;
    standing.put(carrier, order);
    boolean same = known != null && known.order() == order.order();
    for (Lane lane : lanes()) {
      if (!lane.carrier().equals(carrier) || same) continue;
      lane.order(order.order(), order.at());
      LOG.info("An operator's order for carrier {}: {}", carrier, order.order());
    }
    return true;
  }

  private void remember(String carrier, Standing order) {
    SelfUniqueAddress self =
        replicator.isPresent()
            ? DistributedData.get(getContext().getSystem()).selfUniqueAddress()
            : null;
    if (self == null) return;
    replicator
        .get()
        .askUpdate(
            replyTo ->
                new Replicator.Update<>(
                    ORDERS,
                    LWWMap.create(),
                    Replicator.writeLocal(),
                    replyTo,
                    orders -> orders.put(self, carrier, text(order))),
            Written::new);
  }

  private static String text(Standing order) {
    return order.order().name() + ' ' + order.at();
  }

  private static Standing parse(String text) {
    int blank = text.indexOf(' ');
    return new Standing(
        CarrierOrder.valueOf(text.substring(0, blank)), Instant.parse(text.substring(blank + 1)));
  }

  private Orders.Description description() {
    return new Orders.Description(
        node,
        pools.stream().map(pool -> pool.view(node)).toList(),
        lanes().stream().map(Lane::report).toList());
  }

  private List<Lane> lanes() {
    List<Lane> lanes = new ArrayList<>();
    for (ChannelPool pool : pools) lanes.addAll(pool.lanes());
    return lanes;
  }
}

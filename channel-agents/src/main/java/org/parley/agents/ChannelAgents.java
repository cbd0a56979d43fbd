package org.parley.agents;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.parley.agents.email.SmtpConnector;
import org.parley.agents.lane.Alarm;
import org.parley.agents.lane.Lane;
import org.parley.agents.lane.LaneSettings;
import org.parley.agents.pool.ChannelPool;
import org.parley.agents.pool.PoolSettings;
import org.parley.agents.settings.Checked;
import org.parley.core.api.Channel;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.Attempt;
import org.parley.core.spi.Connector;
import org.parley.core.spi.WireGate;

/** The door of the module: starts this node's agents for every channel that has a carrier. */
public final class ChannelAgents {
  private static final List<String> PROTOCOLS = List.of("smtp");

  private final ActorSystem<?> system;
  private final WireGate gate;
  private final Function<Attempt, RenderedMessage> renderer;
  private final Config config;
  private final Checked parley;

  private ChannelAgents(
      ActorSystem<?> system, WireGate gate, Function<Attempt, RenderedMessage> renderer) {
    this.system = system;
    this.gate = gate;
    this.renderer = renderer;
    this.config = system.settings().config();
    this.parley = Checked.at(config, "parley");
  }

  /**
   * Reads {@code parley.carriers} and {@code parley.agents} and starts an agent pool for each
   * channel that has a carrier. No connection is made before the first message. The coordinated
   * shutdown drains the pools before the node leaves the cluster.
   *
   * @param gate asked right before each attempt starts on the wire; it must not block
   * @param renderer fills in an attempt's template; an attempt it throws on is {@code REJECTED}
   *     with the reason {@code template}
   * @throws ConfigException when a value is not allowed; it names the key, the value and what is
   */
  public static List<AgentPool> start(
      ActorSystem<?> system, WireGate gate, Function<Attempt, RenderedMessage> renderer) {
    return new ChannelAgents(system, gate, renderer).startPools();
  }

  private List<AgentPool> startPools() {
    Map<Channel, List<CarrierLane>> lanes = lanes();
    List<ChannelPool> pools = new ArrayList<>();
    lanes.forEach((channel, chain) -> pools.add(startPool(channel, chain)));
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeClusterShutdown(),
            "drain-channel-agents",
            () -> drain(pools));
    return List.copyOf(pools);
  }

  private Map<Channel, List<CarrierLane>> lanes() {
    Map<Channel, List<CarrierLane>> lanes = new EnumMap<>(Channel.class);
    Set<String> names = new HashSet<>();
    int index = 0;
    for (Config carrier : config.getConfigList("parley.carriers")) {
      String path = "parley.carriers." + index++;
      Checked named = new Checked(carrier, path);
      String protocol = named.oneOf("protocol", PROTOCOLS);
      Checked full =
          new Checked(
              carrier.withFallback(config.getConfig("parley.carrier-defaults." + protocol)), path);
      String name = full.text("name");
      if (!names.add(name)) throw full.bad("name", name, "a name no other carrier has");
      Channel channel = channel(full);
      lanes
          .computeIfAbsent(channel, ignored -> new ArrayList<>())
          .add(lane(name, channel, protocol, full));
    }
    return lanes;
  }

  private static Channel channel(Checked carrier) {
    String label = carrier.text("channel");
    for (Channel channel : Channel.values()) {
      if (channel.label().equals(label)) return channel;
    }
    throw carrier.bad("channel", label, "one of email, sms, phone");
  }

  private CarrierLane lane(String name, Channel channel, String protocol, Checked carrier) {
    LaneSettings settings = LaneSettings.read(name, carrier);
    Connector connector = connector(name, protocol, carrier);
    if (connector.channel() != channel) {
      connector.close();
      throw carrier.bad(
          "channel", channel.label(), connector.channel().label() + " with protocol " + protocol);
    }
    return new CarrierLane(
        settings.priority(), new Lane(settings, connector, gate, alarm(), System::nanoTime));
  }

  /** The one place that knows which protocol is spoken by which connector. */
  private Connector connector(String name, String protocol, Checked carrier) {
    return switch (protocol) {
      case "smtp" ->
          SmtpConnector.open(
              name,
              carrier,
              parley,
              renderer,
              InstantSource.system(),
              system.dispatchers().lookup(DispatcherSelector.blocking()),
              system
                  .dispatchers()
                  .lookup(DispatcherSelector.fromConfig("parley.agents.signing-dispatcher")));
      default -> throw carrier.bad("protocol", protocol, "one of " + String.join(", ", PROTOCOLS));
    };
  }

  private Alarm alarm() {
    return (nanos, task) ->
        system.scheduler().scheduleOnce(Duration.ofNanos(nanos), task, system.executionContext());
  }

  private ChannelPool startPool(Channel channel, List<CarrierLane> chain) {
    String path = "parley.agents." + channel.label();
    List<Lane> ordered =
        chain.stream()
            .sorted(Comparator.comparingInt(CarrierLane::priority))
            .map(CarrierLane::lane)
            .toList();
    return ChannelPool.start(system, channel, PoolSettings.read(Checked.at(config, path)), ordered);
  }

  private static CompletionStage<Done> drain(List<ChannelPool> pools) {
    CompletableFuture<?>[] drains =
        pools.stream()
            .map(pool -> pool.drain().toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(drains).thenApply(ignored -> Done.getInstance());
  }

  /** A lane and its place in the failover chain. */
  private record CarrierLane(int priority, Lane lane) {}
}

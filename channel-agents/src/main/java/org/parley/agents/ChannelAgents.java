package org.parley.agents;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.parley.agents.budget.Budgets;
import org.parley.agents.email.SmtpConnector;
import org.parley.agents.email.inbound.InboundMail;
import org.parley.agents.lane.Alarm;
import org.parley.agents.lane.Budget;
import org.parley.agents.lane.Lane;
import org.parley.agents.lane.LaneSettings;
import org.parley.agents.operations.ClusterOperators;
import org.parley.agents.operations.OperatorsDesk;
import org.parley.agents.phone.SipConnector;
import org.parley.agents.pool.ChannelPool;
import org.parley.agents.pool.PoolSettings;
import org.parley.agents.settings.Checked;
import org.parley.agents.sms.SmppConnector;
import org.parley.core.api.Channel;
import org.parley.core.api.Operators;
import org.parley.core.spi.AgentPool;
import org.parley.core.spi.AgentTools;
import org.parley.core.spi.CarrierOrderStore;
import org.parley.core.spi.CarrierOrderStore.Standing;
import org.parley.core.spi.Connector;

/** The door of the module: starts this node's agents for every channel that has a carrier. */
public final class ChannelAgents {
  /** Which channel each protocol carries. */
  private static final Map<String, Channel> PROTOCOLS =
      new TreeMap<>(Map.of("smtp", Channel.EMAIL, "smpp", Channel.SMS, "sip", Channel.PHONE));

  private static final List<String> OWN_KEYS = List.of("name", "channel", "protocol");

  private final ActorSystem<?> system;
  private final AgentTools tools;
  private final Config config;
  private final Checked parley;
  private final boolean clustered;
  private final Optional<Budgets> budgets;

  private ChannelAgents(ActorSystem<?> system, AgentTools tools) {
    this.system = system;
    this.tools = tools;
    this.config = system.settings().config();
    this.parley = Checked.at(config, "parley");
    this.clustered = config.getString("pekko.actor.provider").equals("cluster");
    this.budgets =
        clustered
            ? Optional.of(Budgets.start(system, budgetSettings(config), ownCarriers()))
            : Optional.empty();
  }

  /**
   * Reads {@code parley.carriers} and {@code parley.agents} and starts an agent pool for each
   * channel that has a carrier. In a cluster the roles {@code email-agent}, {@code sms-agent} and
   * {@code phone-agent} say of which channels a node has agents; a node with none of Parley's roles
   * has agents of all, and a node without a channel's role borrows those of other nodes. SMTP opens
   * a connection at once, which takes what is slow off the first message; SMPP binds at once,
   * because receipts and answers come over the binds. Blocks for at most 10 seconds, until it is
   * known what operators have ordered of the carriers before. They end before the system does; the
   * engine drains them sooner.
   *
   * @param tools what the agents need of the engine; an attempt that its renderer throws on is
   *     {@code REJECTED} with the reason {@code template}
   * @throws ConfigException when a value is not allowed; it names the key, the value and what is
   */
  public static List<AgentPool> start(ActorSystem<?> system, AgentTools tools) {
    List<AgentPool> pools = new ChannelAgents(system, tools).startPools();
    var unused = InboundMail.startIfEnabled(system, tools);
    return pools;
  }

  /**
   * Checks the carriers and agents of a configuration without starting any.
   *
   * @throws ConfigException when a value is not allowed; it names the key, the value and what is
   */
  public static void check(Config config) {
    Checked parley = Checked.at(config, "parley");
    for (Carrier carrier : carriers(config)) {
      LaneSettings unusedLane =
          LaneSettings.read(carrier.name(), carrier.settings(), InstantSource.system());
      checkConnector(carrier, parley);
    }
    InboundMail.check(config);
    for (Channel channel : Channel.values()) {
      PoolSettings unusedPool = poolSettings(config, channel);
    }
    Budgets.Settings unusedBudget = budgetSettings(config);
  }

  /**
   * What operators see of the agents and carriers of all nodes, and what they may order.
   *
   * @param orders where their orders are kept
   */
  public static Operators operators(ActorSystem<?> system, CarrierOrderStore orders) {
    return new ClusterOperators(system, orders, InstantSource.system());
  }

  private static PoolSettings poolSettings(Config config, Channel channel) {
    return PoolSettings.read(Checked.at(config, "parley.agents." + channel.label()));
  }

  private static Budgets.Settings budgetSettings(Config config) {
    return Budgets.Settings.read(Checked.at(config, "parley.agents.budget"));
  }

  private List<AgentPool> startPools() {
    Map<String, Standing> orders =
        tools.orders().standing().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    List<ChannelPool> pools = new ArrayList<>();
    Map<Channel, List<Carrier>> byChannel = new EnumMap<>(Channel.class);
    for (Carrier carrier : carriers(config)) {
      byChannel.computeIfAbsent(carrier.channel(), ignored -> new ArrayList<>()).add(carrier);
    }
    byChannel.forEach((channel, chain) -> pools.add(startPool(channel, chain)));
    OperatorsDesk.start(system, pools, orders, clustered);
    for (ChannelPool pool : pools) {
      CoordinatedShutdown.get(system)
          .addTask(
              CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
              "drain-" + pool.channel().label() + "-agents",
              pool::drain);
    }
    return List.copyOf(pools);
  }

  /** The configured carriers with their defaults; a key that nobody reads is refused. */
  private static List<Carrier> carriers(Config config) {
    List<Carrier> carriers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int index = 0;
    for (Config own : config.getConfigList("parley.carriers")) {
      String path = "parley.carriers." + index++;
      String protocol = new Checked(own, path).oneOf("protocol", List.copyOf(PROTOCOLS.keySet()));
      Config defaults = config.getConfig("parley.carrier-defaults." + protocol);
      Checked full = new Checked(own.withFallback(defaults), path);
      refuseUnknownKeys(full, own.root(), defaults.root(), OWN_KEYS);
      String name = full.text("name");
      if (!names.add(name)) throw full.bad("name", name, "a name no other carrier has");
      carriers.add(new Carrier(name, channel(full, protocol), protocol, full));
    }
    return carriers;
  }

  /** In each part, too; only what stands in {@code domains} has names of its own. */
  private static void refuseUnknownKeys(
      Checked part, ConfigObject own, ConfigObject defaults, List<String> more) {
    for (String key : own.keySet()) {
      if (!more.contains(key) && !defaults.containsKey(key)) {
        Set<String> known = new TreeSet<>(defaults.keySet());
        known.addAll(more);
        throw part.bad(key, "a key nobody reads", String.join(", ", known));
      }
      if (!key.equals("domains")
          && own.get(key) instanceof ConfigObject inner
          && defaults.get(key) instanceof ConfigObject known) {
        refuseUnknownKeys(part.part(key), inner, known, List.of());
      }
    }
  }

  private static Channel channel(Checked carrier, String protocol) {
    String label = carrier.text("channel");
    Channel carried = Objects.requireNonNull(PROTOCOLS.get(protocol));
    if (label.equals(carried.label())) return carried;
    throw carrier.bad(
        "channel",
        label,
        carried.label() + ", which is what the protocol " + protocol + " carries");
  }

  private CarrierLane lane(Carrier carrier) {
    LaneSettings settings = LaneSettings.read(carrier.name(), carrier.settings(), tools.clock());
    Connector connector = connector(carrier);
    connector.warmUp();
    return new CarrierLane(
        settings.priority(),
        new Lane(
            settings,
            connector,
            tools.gate(),
            alarm(),
            System::nanoTime,
            budgets
                .map(all -> all.of(carrier.name(), carrier.channel(), settings.perSecond()))
                .orElse(Budget.UNSHARED)));
  }

  /** The one place that knows which protocol is spoken by which connector. */
  private Connector connector(Carrier carrier) {
    return switch (carrier.protocol()) {
      case "smtp" ->
          SmtpConnector.open(
              carrier.name(),
              carrier.settings(),
              parley,
              tools.renderer(),
              tools.inbound()::returnToken,
              tools.clock(),
              system.dispatchers().lookup(DispatcherSelector.blocking()),
              system
                  .dispatchers()
                  .lookup(DispatcherSelector.fromConfig("parley.agents.signing-dispatcher")));
      case "sip" ->
          SipConnector.open(
              carrier.name(),
              carrier.settings(),
              parley,
              tools.renderer(),
              tools.clock(),
              system.dispatchers().lookup(DispatcherSelector.blocking()));
      case "smpp" -> SmppConnector.open(carrier.name(), carrier.settings(), tools, tools.clock());
      default -> throw unknownProtocol(carrier);
    };
  }

  private static void checkConnector(Carrier carrier, Checked parley) {
    switch (carrier.protocol()) {
      case "smtp" -> SmtpConnector.check(carrier.name(), carrier.settings(), parley);
      case "sip" -> SipConnector.check(carrier.name(), carrier.settings(), parley);
      case "smpp" -> SmppConnector.check(carrier.name(), carrier.settings());
      default -> throw unknownProtocol(carrier);
    }
  }

  private static ConfigException unknownProtocol(Carrier carrier) {
    return carrier
        .settings()
        .bad("protocol", carrier.protocol(), "one of " + String.join(", ", PROTOCOLS.keySet()));
  }

  private Alarm alarm() {
    return (nanos, task) ->
        system.scheduler().scheduleOnce(Duration.ofNanos(nanos), task, system.executionContext());
  }

  /** In a cluster a node without the channel's role has no agents and borrows those of others. */
  private ChannelPool startPool(Channel channel, List<Carrier> chain) {
    PoolSettings settings = poolSettings(config, channel);
    boolean ownAgents = !clustered || hasRole(channel);
    List<Lane> ordered =
        !ownAgents
            ? List.of()
            : chain.stream()
                .map(this::lane)
                .sorted(Comparator.comparingInt(CarrierLane::priority))
                .map(CarrierLane::lane)
                .toList();
    ChannelPool pool =
        ChannelPool.start(
            system, channel, ownAgents ? settings : settings.withoutAgents(), ordered);
    return clustered ? pool.inCluster(tools.gate(), tools.clock()) : pool;
  }

  private boolean hasRole(Channel channel) {
    return Budgets.haveAgents(Set.copyOf(config.getStringList("pekko.cluster.roles")), channel);
  }

  /** The names of the carriers that this node has agents for. */
  private Set<String> ownCarriers() {
    return carriers(config).stream()
        .filter(carrier -> hasRole(carrier.channel()))
        .map(Carrier::name)
        .collect(Collectors.toSet());
  }

  /** A configured carrier. */
  private record Carrier(String name, Channel channel, String protocol, Checked settings) {}

  /** A lane and its place in the failover chain. */
  private record CarrierLane(int priority, Lane lane) {}
}

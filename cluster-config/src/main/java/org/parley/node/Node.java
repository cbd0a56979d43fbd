package org.parley.node;

import static java.util.concurrent.CompletableFuture.completedFuture;

import com.typesafe.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.parley.agents.ChannelAgents;
import org.parley.context.ContextShard;
import org.parley.context.api.CustomerContexts;
import org.parley.core.Engine;
import org.parley.core.api.Parley;
import org.parley.core.spi.Stores;
import org.parley.http.HttpApi;
import org.parley.http.api.Surroundings;
import org.parley.persistence.Database;
import org.parley.persistence.Nodes;
import org.parley.persistence.Persistence;
import org.slf4j.LoggerFactory;

/** One running node: the composition root, where every module meets the others and nowhere else. */
final class Node implements AutoCloseable {
  private static final String TENANT = "default";

  // Both guarded by this.
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private boolean ended;

  private final NodeSettings settings;
  final ActorSystem<?> system;
  private final Membership membership;
  private final Parley parley;
  private final Optional<Door> door;

  /** Until the node is a member and has its share of the conversations, it is not ready. */
  private volatile Supplier<CompletionStage<List<String>>> notReady =
      () -> completedFuture(List.of("the node is starting"));

  /** Whom the database says to join; not clear until the node has entered itself there. */
  private volatile Supplier<Optional<List<String>>> seeds = Optional::empty;

  /** Where people come in: the API, and the key to it. */
  private record Door(HttpApi http, ApiKeyFile key) {}

  /**
   * Starts a node and waits until it answers.
   *
   * @throws NodeUnavailable and the exceptions of the modules, each with one sentence
   */
  static Node start(Config config) {
    return start(config, Alterations.NONE, (system, end) -> {});
  }

  /**
   * The same, for somebody who may have to end the node while it starts: it may be a member for
   * half a minute by then, and send.
   *
   * @param endable is given the actor system, and what ends the node, as soon as there is one; the
   *     start fails when that is run before it is over
   */
  static Node start(
      Config config, Alterations alterations, BiConsumer<ActorSystem<?>, Runnable> endable) {
    return new Node(config, alterations, endable);
  }

  private Node(
      Config config, Alterations alterations, BiConsumer<ActorSystem<?>, Runnable> endable) {
    settings = NodeSettings.from(config);
    try {
      prepareDirectory(settings.data());
      requirePorts(config);
      Database database = opened(Database.open(config));
      Sandboxes sandboxes = opened(Sandboxes.start(config));
      Config full = Persistence.config(database, sandboxes.withCarriers());
      system =
          ActorSystem.create(
              Behaviors.empty(),
              settings.clusterName(),
              ActorSystemSetup.create(
                  BootstrapSetup.create(full),
                  Management.readiness(() -> notReady.get()),
                  new PermittedJoinDecider.Permission(() -> seeds.get())));
      AutoCloseable unused = opened(this::endSystem);
      endable.accept(system, this::close);
      Observability observability = Observability.start(full, system);
      AutoCloseable unusedToo = opened(observability::stop);
      alterations.system().accept(system);
      Management.start(system, settings);
      Nodes nodes = Persistence.nodes(database);
      Formation formation = Formation.enter(system, nodes, settings);
      seeds = formation::look;
      membership = Membership.join(system, settings, formation::seeds);
      formation.joined();
      requireNotEnded();
      Stores stores = alterations.stores().apply(Persistence.start(system, database));
      parley =
          Engine.start(
              system,
              stores,
              tools ->
                  ChannelAgents.start(system, tools.timedBy(database.latestTime())).stream()
                      .map(alterations.pools())
                      .toList(),
              database.clock());
      alterations.engine().accept(stores, parley);
      requireNotEnded();
      door =
          settings.servesHttp()
              ? Optional.of(openDoor(stores, nodes, observability, sandboxes))
              : Optional.empty();
      Done unusedAsWell = Engine.settled(system).toCompletableFuture().join();
      requireNotEnded();
      notReady = () -> notReady(membership, stores);
    } catch (RuntimeException e) {
      close();
      throw e instanceof CompletionException && e.getCause() instanceof RuntimeException cause
          ? cause
          : e;
    } catch (Error e) {
      // Half a node would go on running, and nobody would start a whole one.
      close();
      throw e;
    }
  }

  private Door openDoor(
      Stores stores, Nodes nodes, Observability observability, Sandboxes sandboxes) {
    CustomerContexts contexts = ContextShard.start(system, parley);
    ApiKeyFile key = ApiKeyFile.write(settings.data(), stores.apiKeys().createFirst(TENANT));
    HttpApi http =
        HttpApi.start(
                system,
                parley,
                contexts,
                stores,
                new Surroundings(
                    observability::scrape,
                    () -> notReady.get(),
                    sandboxes.inbox(),
                    ChannelAgents.operators(system, stores.carrierOrders()),
                    Engine.cluster(system, () -> nodes.splitBrainLease(settings.clusterName()))))
            .toCompletableFuture()
            .join();
    return new Door(http, key);
  }

  private synchronized <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    requireNotEnded();
    return part;
  }

  /** When the node was ended, whatever starts it waits here for the end, and starts no more. */
  private synchronized void requireNotEnded() {
    if (ended) throw new NodeUnavailable("the node was told to end while it started.");
  }

  private static void prepareDirectory(Path data) {
    try {
      Files.createDirectories(data);
      if (!Files.isWritable(data)) throw new IOException("it is not writable");
    } catch (IOException e) {
      throw new NodeUnavailable(
          "the data directory "
              + data
              + " cannot be used ("
              + e.getMessage()
              + "): choose another one with --data.",
          e);
    }
  }

  private void requirePorts(Config config) {
    Ports.requireOwn(settings.host());
    Ports.requireFree(settings.host(), settings.port(), "parley.cluster.port");
    Ports.requireFree(settings.host(), settings.managementPort(), "parley.cluster.management-port");
    if (!settings.servesHttp()) return;
    Ports.requireFree(
        config.getString("parley.http.host"), config.getInt("parley.http.port"), "--http");
  }

  private static CompletionStage<List<String>> notReady(Membership membership, Stores stores) {
    List<String> reasons = new ArrayList<>(membership.notReady());
    return stores
        .ping()
        .handle(
            (pong, failure) -> {
              if (failure != null) reasons.add("the database does not answer");
              return List.copyOf(reasons);
            });
  }

  /** What its operator is told once it is ready. */
  String greeting() {
    if (door.isEmpty()) {
      return "parley is ready as a member of the cluster "
          + settings.clusterName()
          + " at "
          + membership.address()
          + " (no API here: it has not the role http)";
    }
    Path key = apiKeyFile();
    String where = Files.exists(key) ? "API key in " + key : "API key told by an earlier node";
    return "parley is ready at " + url() + " (" + where + ")";
  }

  /** Where the API is; for nodes with the role http. */
  String url() {
    return door.orElseThrow().http().publicUrl();
  }

  /** Where the key to the API is; for nodes with the role http. */
  Path apiKeyFile() {
    return door.orElseThrow().key().file();
  }

  Optional<String> firstApiKey() {
    return door.flatMap(open -> open.key().told());
  }

  /** The engine of this node. */
  Parley parley() {
    return parley;
  }

  /** Waits until somebody ends the node. */
  void awaitEnd() {
    Done unused = system.getWhenTerminated().toCompletableFuture().join();
  }

  private void endSystem() {
    system.terminate();
    Done unused =
        system.getWhenTerminated().toCompletableFuture().orTimeout(90, TimeUnit.SECONDS).join();
  }

  /** Leaves the cluster, drains the lanes and ends everything this node has started. */
  @Override
  public synchronized void close() {
    ended = true;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LoggerFactory.getLogger(Node.class).warn("A part of the node did not end", e);
      }
    }
  }
}

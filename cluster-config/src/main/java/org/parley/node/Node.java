package org.parley.node;

import com.typesafe.config.Config;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.cluster.typed.SelfUp;
import org.apache.pekko.cluster.typed.Subscribe;
import org.parley.agents.ChannelAgents;
import org.parley.context.ContextShard;
import org.parley.context.api.CustomerContexts;
import org.parley.core.Engine;
import org.parley.core.api.Parley;
import org.parley.core.spi.Stores;
import org.parley.http.HttpApi;
import org.parley.http.api.Surroundings;
import org.parley.persistence.Database;
import org.parley.persistence.Persistence;
import org.slf4j.LoggerFactory;

/** One running node: the composition root, where every module meets the others and nowhere else. */
final class Node implements AutoCloseable {
  private static final String TENANT = "default";

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final NodeSettings settings;
  private final ActorSystem<?> system;
  private final HttpApi http;
  private final Parley parley;
  private final ApiKeyFile apiKey;

  /**
   * Starts a node and waits until it answers.
   *
   * @throws NodeUnavailable and the exceptions of the modules, each with one sentence
   */
  static Node start(Config config) {
    return start(config, Alterations.NONE);
  }

  static Node start(Config config, Alterations alterations) {
    return new Node(config, alterations);
  }

  private Node(Config config, Alterations alterations) {
    settings = NodeSettings.from(config);
    try {
      prepareDirectory(settings.data());
      requireFreePort(config);
      Database database = opened(Database.open(config));
      Sandboxes sandboxes = opened(Sandboxes.start(config));
      Config full = Persistence.config(database, sandboxes.withCarriers());
      system = ActorSystem.create(Behaviors.empty(), settings.clusterName(), full);
      opened.push(this::endSystem);
      Observability observability = Observability.start(full, system);
      opened.push(observability::stop);
      alterations.system().accept(system);
      join();
      Stores stores = alterations.stores().apply(Persistence.start(system, database));
      parley =
          Engine.start(
              system,
              stores,
              tools -> ChannelAgents.start(system, alterations.tools().apply(tools)),
              database.clock());
      alterations.engine().accept(stores, parley);
      CustomerContexts contexts = ContextShard.start(system, parley);
      apiKey = ApiKeyFile.write(settings.data(), stores.apiKeys().createFirst(TENANT));
      http =
          HttpApi.start(
                  system,
                  parley,
                  contexts,
                  stores,
                  new Surroundings(
                      observability::scrape,
                      () -> notReady(stores),
                      sandboxes.inbox(),
                      ChannelAgents.operators(system)))
              .toCompletableFuture()
              .join();
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

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
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

  /** A port that is taken is told at once, and not after a database has been started. */
  private static void requireFreePort(Config config) {
    String host = config.getString("parley.http.host");
    int port = config.getInt("parley.http.port");
    try {
      new ServerSocket(port, 1, InetAddress.getByName(host)).close();
    } catch (BindException e) {
      // Other reasons than this one are told when the API really listens.
      if (!String.valueOf(e.getMessage()).contains("in use")) return;
      throw new NodeUnavailable(
          "Cannot listen on "
              + host
              + ':'
              + port
              + ": the port is taken; stop what uses it or choose another one with --http.",
          e);
    } catch (IOException e) {
      LoggerFactory.getLogger(Node.class).debug("The port cannot be tried out", e);
    }
  }

  private void join() {
    Cluster cluster = Cluster.get(system);
    CompletableFuture<Done> up = new CompletableFuture<>();
    ActorRef<SelfUp> waiting =
        system.systemActorOf(
            Behaviors.receive(SelfUp.class)
                .onMessage(
                    SelfUp.class,
                    member -> {
                      up.complete(Done.getInstance());
                      return Behaviors.stopped();
                    })
                .build(),
            "parley-self-up",
            Props.empty());
    cluster.subscriptions().tell(new Subscribe<>(waiting, SelfUp.class));
    List<String> seeds =
        settings.seeds().isEmpty()
            ? List.of(cluster.selfMember().address().toString())
            : settings.seedAddresses();
    cluster
        .manager()
        .tell(new JoinSeedNodes(seeds.stream().map(AddressFromURIString::parse).toList()));
    try {
      Done unused = up.orTimeout(settings.startTimeout().toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (CompletionException e) {
      throw new NodeUnavailable(
          "the node could not join the cluster "
              + settings.clusterName()
              + " through "
              + seeds
              + " within "
              + settings.startTimeout().toSeconds()
              + " s: check parley.cluster.seeds and that those nodes run.",
          e);
    }
  }

  private CompletionStage<List<String>> notReady(Stores stores) {
    List<String> reasons = new ArrayList<>();
    MemberStatus status = Cluster.get(system).selfMember().status();
    if (!status.equals(MemberStatus.up())) reasons.add("the node is " + status + " in its cluster");
    return stores
        .ping()
        .handle(
            (pong, failure) -> {
              if (failure != null) reasons.add("the database does not answer");
              return List.copyOf(reasons);
            });
  }

  String url() {
    return http.publicUrl();
  }

  Path apiKeyFile() {
    return apiKey.file();
  }

  Optional<String> firstApiKey() {
    return apiKey.told();
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
        system.getWhenTerminated().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** Leaves the cluster, drains the lanes and ends everything this node has started. */
  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LoggerFactory.getLogger(Node.class).warn("A part of the node did not end", e);
      }
    }
  }
}

package org.parley.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.pekko.Done;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.CoordinatedShutdown.Reason;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.cluster.typed.SelfUp;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.management.cluster.bootstrap.ClusterBootstrap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node as a member of its cluster: how it comes in, and why it did not or is out again. */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final int PROBE_MILLIS = 1_000;

  private final ActorSystem<?> system;
  private final NodeSettings settings;
  private final Cluster cluster;

  private Membership(ActorSystem<?> system, NodeSettings settings) {
    this.system = system;
    this.settings = settings;
    this.cluster = Cluster.get(system);
  }

  /**
   * Joins the cluster and waits until the node is a member.
   *
   * @param seeds says whom to join, as {@code HOST:PORT}, unless nodes find each other by
   *     discovery; may wait
   * @throws NodeUnavailable when it does not get in within the start timeout, and why
   */
  static Membership join(
      ActorSystem<?> system, NodeSettings settings, Supplier<List<String>> seeds) {
    Membership membership = new Membership(system, settings);
    membership.requireOwnNameAmongSeeds();
    membership.sayWhenPutOut();
    membership.joinAndWait(seeds);
    return membership;
  }

  private void joinAndWait(Supplier<List<String>> seeds) {
    CompletableFuture<Done> up = whenUp();
    if (settings.bootstrap()) {
      ClusterBootstrap.get(system.classicSystem()).start();
    } else {
      List<String> addresses = settings.addresses(seeds.get());
      cluster
          .manager()
          .tell(new JoinSeedNodes(addresses.stream().map(AddressFromURIString::parse).toList()));
    }
    try {
      Object unused =
          CompletableFuture.anyOf(up, system.getWhenTerminated().toCompletableFuture())
              .orTimeout(settings.startTimeout().toMillis(), TimeUnit.MILLISECONDS)
              .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TimeoutException) throw new NodeUnavailable(notIn(), e);
      throw e;
    }
    if (!up.isDone()) throw new NodeUnavailable(turnedAway());
  }

  private CompletableFuture<Done> whenUp() {
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
    return up;
  }

  /** A seed that is this node under another name would never be recognised as itself. */
  private void requireOwnNameAmongSeeds() {
    for (String seed : settings.seeds()) {
      String host = NodeSettings.hostOf(seed);
      boolean sameText = host.equalsIgnoreCase(settings.host());
      if (sameText || NodeSettings.portOf(seed) != settings.port()) continue;
      try {
        if (InetAddress.getByName(host).equals(InetAddress.getByName(settings.host()))) {
          throw new NodeUnavailable(
              "parley.cluster.seeds names this node "
                  + seed
                  + " and parley.cluster.host names it "
                  + settings.host()
                  + ": write both the same way, on every node.");
        }
      } catch (UnknownHostException e) {
        LOG.debug("The seed {} is not known here", seed);
      }
    }
  }

  private String notIn() {
    String within =
        "the node could not join the cluster "
            + settings.clusterName()
            + " within "
            + settings.startTimeout().toSeconds()
            + " s: ";
    if (settings.bootstrap()) {
      return within
          + "it did not find parley.cluster.bootstrap-nodes = "
          + system.settings().config().getInt("parley.cluster.bootstrap-nodes")
          + " nodes by discovery; check the label app="
          + settings.clusterName()
          + ", the port named management and the right to list pods.";
    }
    return within
        + settings.seeds().stream().map(this::probe).collect(Collectors.joining(", "))
        + "; check parley.cluster.seeds and those nodes.";
  }

  /** What can be said of a seed from here. */
  private String probe(String seed) {
    if (address().equals(seed)) return seed + " is this node";
    InetSocketAddress to =
        new InetSocketAddress(
            NodeSettings.hostOf(seed).replaceAll("[\\[\\]]", ""), NodeSettings.portOf(seed));
    if (to.isUnresolved()) return "the host of " + seed + " is not known";
    try (Socket socket = new Socket()) {
      socket.connect(to, PROBE_MILLIS);
      return seed
          + " listens and did not let it in (it has another parley.cluster.name or"
          + " parley.cluster.tls, is no Parley, or cannot reach "
          + address()
          + ")";
    } catch (IOException e) {
      return "nothing listens at " + seed;
    }
  }

  /** Why the system has ended before the node was a member. */
  private String turnedAway() {
    if (isReason(CoordinatedShutdown.incompatibleConfigurationDetectedReason())) {
      return "the cluster "
          + settings.clusterName()
          + " does not let this node in: it runs another release of Parley or with other settings;"
          + " here the wire version is "
          + system.settings().config().getInt(WireVersionCheck.KEY)
          + " and the release "
          + system.settings().config().getString("pekko.cluster.app-version")
          + ", and the log of a seed says what differs.";
    }
    return "the node ended while it joined the cluster " + settings.clusterName() + ".";
  }

  private boolean isReason(Reason reason) {
    return CoordinatedShutdown.get(system).getShutdownReason().filter(reason::equals).isPresent();
  }

  /** An operator who finds the process gone finds out why. */
  private void sayWhenPutOut() {
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind(),
            "parley-say-why",
            () -> {
              if (isReason(CoordinatedShutdown.clusterDowningReason())) {
                LOG.error(
                    "The cluster {} has put this node out: the others could not reach it, or it"
                        + " could not reach the database. It ends now and may be started again.",
                    settings.clusterName());
              }
              return CompletableFuture.completedFuture(Done.getInstance());
            });
  }

  /** Where other nodes reach this one: {@code host:port}. */
  String address() {
    return cluster.selfMember().address().hostPort().replaceFirst(".*@", "");
  }

  /** The reasons why this node must get no requests; none when it may. */
  List<String> notReady() {
    if (CoordinatedShutdown.get(system).getShutdownReason().isPresent()) {
      return List.of("the node is leaving");
    }
    MemberStatus status = cluster.selfMember().status();
    if (!status.equals(MemberStatus.up()))
      return List.of("the node is " + status + " in its cluster");
    for (Member member : cluster.state().getMembers()) {
      if (member.status().equals(MemberStatus.up()) && member.hasRole("conversation")) {
        return List.of();
      }
    }
    return List.of("no node with the role conversation is up");
  }
}

package org.parley.node;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.parley.persistence.Nodes;
import org.parley.persistence.Nodes.Known;

/**
 * Whether this node begins a cluster or joins others. Pekko lets a first seed that reaches nobody
 * begin one by itself; here only the node may that the database allows it, so that two clusters
 * never work on one database.
 */
final class Formation {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
  private static final Duration PROMPT = Duration.ofSeconds(2);
  private static final int KNOCK_MILLIS = 500;

  private final Nodes nodes;
  private final NodeSettings settings;
  private final Cluster cluster;
  private final String self;

  private final Map<Long, Watch> watches = new ConcurrentHashMap<>();
  private volatile boolean asking;

  /**
   * What this node has seen itself of another one.
   *
   * @param first when that one was last seen as it was first looked at
   * @param lastSeen the same as it was last looked at
   * @param sinceNanos for how long that has been so, by the monotonic clock
   */
  private record Watch(Instant first, Instant lastSeen, long sinceNanos) {
    static Watch of(Known node) {
      return new Watch(node.lastSeen(), node.lastSeen(), System.nanoTime());
    }

    Watch with(Known node) {
      return node.lastSeen().equals(lastSeen)
          ? this
          : new Watch(first, node.lastSeen(), System.nanoTime());
    }

    boolean seenAgain() {
      return lastSeen.isAfter(first);
    }

    Watch again() {
      return new Watch(first, lastSeen, System.nanoTime());
    }

    boolean silentFor(Duration time) {
      return System.nanoTime() - sinceNanos > time.toNanos();
    }
  }

  /** What the database says of the last time that a node was seen. */
  enum Row {
    FRESH,
    /** For long, but nobody knows whether the database was there to hear of it. */
    STALE,
    /** For long, and while this node has watched the database was there. */
    SILENT
  }

  /** What can be told of another node. */
  enum Sign {
    LIVES,
    DEAD,
    UNCLEAR
  }

  /** What a connection to another node's port came to. */
  enum Knock {
    OPEN,
    REFUSED,
    SILENT
  }

  private Formation(Nodes nodes, NodeSettings settings, Cluster cluster) {
    this.nodes = nodes;
    this.settings = settings;
    this.cluster = cluster;
    this.self = address(cluster.selfMember());
  }

  /**
   * Enters this node in the database.
   *
   * @throws org.parley.persistence.DatabaseUnavailable when it belongs to another cluster
   */
  static Formation enter(ActorSystem<?> system, Nodes nodes, NodeSettings settings) {
    Cluster cluster = Cluster.get(system);
    Member member = cluster.selfMember();
    nodes.enter(
        settings.clusterName(),
        address(member),
        uid(member),
        member.appVersion().version(),
        () -> cluster.manager().tell(new Down(member.address())));
    return new Formation(nodes, settings, cluster);
  }

  private static String address(Member member) {
    Address address = member.address();
    return address.getHost().orElse("") + ':' + address.getPort().orElse(0);
  }

  private static long uid(Member member) {
    return member.uniqueAddress().longUid();
  }

  /**
   * The nodes to join, as {@code HOST:PORT}: this one alone when it begins the cluster, otherwise
   * others. A node that is none of its own seeds joins them; any other begins the cluster when no
   * other node is in it. Waits for as long as it is not clear whether another one lives.
   *
   * @throws NodeUnavailable when another node lives that this one was not told to join
   */
  List<String> seeds() {
    if (!settings.seeds().isEmpty() && !settings.seeds().contains(self)) return settings.seeds();
    while (true) {
      Optional<List<String>> known = look();
      if (known.isPresent()) return known.orElseThrow();
      pause();
    }
  }

  /**
   * The nodes to join as the database has it now, as {@link #seeds} tells them; empty while it is
   * not clear whether another one lives.
   */
  Optional<List<String>> look() {
    List<Known> rivals = rivals();
    Set<String> living = new LinkedHashSet<>();
    boolean clear = true;
    for (Known node : rivals) {
      Watch before = watches.getOrDefault(node.uid(), Watch.of(node));
      Watch watch = before.with(node);
      watches.put(node.uid(), watch);
      Sign sign = sign(watch, node);
      if (sign == Sign.LIVES) living.add(node.address());
      if (sign == Sign.UNCLEAR) clear = false;
      if (sign == Sign.DEAD) clear &= nodes.removeDead(node);
    }
    if (!living.isEmpty()) return Optional.of(join(living, rivals));
    return clear && nodes.mayForm() ? Optional.of(List.of(self)) : Optional.empty();
  }

  /** While the database does not answer nobody is watched: what it knows becomes old by itself. */
  private List<Known> rivals() {
    boolean failedBefore = asking;
    asking = true;
    long askedNanos = System.nanoTime();
    List<Known> others = nodes.others();
    asking = false;
    if (failedBefore || System.nanoTime() - askedNanos > PROMPT.toNanos()) {
      watches.replaceAll((uid, watch) -> watch.again());
    }
    return others.stream().filter(node -> node.member() || node.forming()).toList();
  }

  /**
   * Says that the node is in the cluster; before that nothing of the engine may run. From then on
   * it watches whether the others reach the database.
   */
  void joined() {
    nodes.joined();
    nodes.watch(
        new Nodes.Members() {
          @Override
          public Set<Long> up() {
            return reached().map(Formation::uid).collect(Collectors.toSet());
          }

          @Override
          public void putOut(long uid) {
            reached()
                .filter(member -> uid(member) == uid)
                .forEach(member -> cluster.manager().tell(new Down(member.address())));
          }
        });
  }

  /** Who is up; those that are not reached are the resolver's business. */
  private Stream<Member> reached() {
    CurrentClusterState state = cluster.state();
    return StreamSupport.stream(state.getMembers().spliterator(), false)
        .filter(member -> member.status().equals(MemberStatus.up()))
        .filter(member -> !state.getUnreachable().contains(member));
  }

  private List<String> join(Set<String> living, List<Known> rivals) {
    if (settings.seeds().isEmpty() && !settings.bootstrap()) {
      Known one =
          rivals.stream().filter(r -> living.contains(r.address())).findFirst().orElseThrow();
      throw new NodeUnavailable(
          String.format(
              "another node of this database runs at %s, seen %d s ago: put it into"
                  + " parley.cluster.seeds, or stop it.",
              one.address(), one.seenAgo().toSeconds()));
    }
    Set<String> seeds = new LinkedHashSet<>(living);
    seeds.addAll(settings.seeds());
    seeds.remove(self);
    return List.copyOf(seeds);
  }

  private Sign sign(Watch watch, Known now) {
    Row row = Row.FRESH;
    if (now.seenAgo().compareTo(nodes.staleAfter()) > 0) {
      row = watch.silentFor(nodes.heardWithin()) ? Row.SILENT : Row.STALE;
    }
    boolean clear = row == Row.SILENT || watch.seenAgain();
    Knock knock = clear ? Knock.SILENT : knock(now.address());
    return judge(row, watch.seenAgain(), now.connected(), knock);
  }

  /**
   * What is known of a node. That nothing listens at its address is not enough to call it dead: it
   * may be the wrong machine's address; and no session is not enough either, as the database may
   * have been started again. A node that crashed shows both at once. Nor is an old row: while the
   * database is away the rows of all nodes become old.
   *
   * @param seenAgain whether it was heard of since it was first looked at
   * @param connected whether its session with the database still is
   */
  static Sign judge(Row row, boolean seenAgain, boolean connected, Knock knock) {
    if (row == Row.SILENT) return Sign.DEAD;
    boolean runs = row == Row.FRESH && connected && knock == Knock.OPEN;
    if (seenAgain || runs) return Sign.LIVES;
    return !connected && knock == Knock.REFUSED ? Sign.DEAD : Sign.UNCLEAR;
  }

  private static Knock knock(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), KNOCK_MILLIS);
      return Knock.OPEN;
    } catch (ConnectException e) {
      return String.valueOf(e.getMessage()).contains("refused") ? Knock.REFUSED : Knock.SILENT;
    } catch (IOException e) {
      return Knock.SILENT;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_AGAIN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeUnavailable("the start was interrupted.", e);
    }
  }
}

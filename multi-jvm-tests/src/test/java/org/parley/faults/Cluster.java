package org.parley.faults;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Several nodes on one database, each in a process of its own, and what an operator has around
 * them: a supervisor that starts a node again when it has ended by itself. Whatever nodes say is
 * kept in the directory.
 */
final class Cluster implements AutoCloseable {
  private static final Duration START = Pace.seconds(120);
  private static final long TEND_MILLIS = 200;

  /** Room for a million customers, of which only what is used is taken from memory. */
  private static final int DISK_MEGABYTES = 8192;

  /** What the orders of a faulty node need. */
  private static final String TAKEN_HOLD_OF =
      """
      jdbc-journal {
        event-adapters { memory = "org.parley.node.Breaks$Memory" }
        event-adapter-bindings { "org.parley.core.conversation.ConversationEvent" = memory }
      }
      """
          + Pace.ofClusters();

  /** Others connect to the link of a node, and by where they do it from it tells them apart. */
  private static final String LINK =
      """
      pekko.remote.artery { bind.port = %d, advanced.tcp.outbound-client-hostname = "%s" }
      """;

  private final Path directory;
  private final Disk disk;
  private final Postgres postgres;
  private final List<Member> members = new ArrayList<>();
  private final Thread supervisor = new Thread(this::supervise, "supervisor");
  private final Thread hook = new Thread(this::end, "end-cluster");
  private volatile boolean closed;

  private Cluster(Path directory) throws IOException {
    this.directory = directory;
    this.disk = Disk.mount(directory.resolve("disk"), DISK_MEGABYTES);
    this.postgres = Postgres.start(disk.place().resolve("postgres"));
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts a database and nodes, all at once, and waits until all are ready.
   *
   * @param settings of the nodes beside those that connect them, in HOCON
   * @param versions of the nodes
   */
  static Cluster start(Path directory, int nodes, String settings, Versions versions)
      throws IOException {
    Cluster cluster = new Cluster(directory);
    try {
      List<Integer> ports = FreePorts.of(3 * nodes);
      String seeds =
          IntStream.range(0, Math.min(2, nodes))
              .mapToObj(i -> '"' + host(i) + ':' + ports.get(i) + '"')
              .collect(Collectors.joining(", "));
      String all =
          settings
              + cluster.postgres.nodeSettings()
              + "parley.cluster.seeds = [%s]%n".formatted(seeds)
              + TAKEN_HOLD_OF;
      for (int i = 0; i < nodes; i++) {
        String name = "node" + (i + 1);
        int port = ports.get(i);
        Path config = directory.resolve(name + ".conf");
        String own = "parley.cluster { host = \"%s\", port = %d }%n".formatted(host(i), port);
        // Those of an earlier version know no orders about links.
        if (versions.equals(Versions.OWN)) own += LINK.formatted(ports.get(nodes + i), host(i));
        Files.writeString(config, all + own);
        int http = ports.get(2 * nodes + i);
        Member.Place place = new Member.Place(directory, name, config, host(i), port, http);
        cluster.members.add(Member.launch(place, versions));
      }
      cluster.awaitReady();
      cluster.supervisor.setDaemon(true);
      cluster.supervisor.start();
      return cluster;
    } catch (IOException | RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  /** The first node has the lowest one, and is the oldest: until faults change it. */
  private static String host(int node) {
    return "127.0.0." + (node + 1);
  }

  /** Waits until every node is ready. */
  void awaitReady() {
    for (Member member : members) member.awaitReady(START);
    String key =
        members.stream()
            .flatMap(member -> member.firstKey().stream())
            .findFirst()
            .orElseThrow(() -> new AssertionError("no node has made the first API key"));
    members.forEach(member -> member.knowKey(key));
  }

  /** In the order of their addresses. */
  List<Member> members() {
    return members;
  }

  /** Those that run and are not frozen. */
  List<Member> alive() {
    return members.stream().filter(Member::answers).toList();
  }

  /** The one that has been running for longest. */
  Member oldest() {
    return alive().stream().min(Comparator.comparing(Member::readySince)).orElseThrow();
  }

  /** Of a node that runs. */
  Client client() {
    List<Member> now = alive();
    return now.isEmpty() ? members.get(0).client() : now.get(now.size() - 1).client();
  }

  /** Has every node again, and waits until all are ready and are one cluster. */
  void restore() throws IOException {
    for (Member member : members) member.startAgainIfDown();
    awaitReady();
    Awaited.await("one cluster", START, () -> members.stream().allMatch(this::knowsAll));
  }

  /** One that was put out while it stood still does not at first know that. */
  private boolean knowsAll(Member member) {
    if (!member.isReady()) return false;
    List<JsonNode> known = new ArrayList<>();
    member.client().get("/v1/cluster").body().path("members").forEach(known::add);
    return known.size() == members.size()
        && known.stream().allMatch(one -> one.path("status").asText().equals("up"))
        && known.stream().allMatch(one -> one.path("reachable").asBoolean());
  }

  /**
   * Whether a node says that the cluster does not reach another one, or does not have it any more.
   */
  static boolean misses(Member member, Member other) {
    Client.Answer answer = member.client().get("/v1/cluster");
    if (answer.status() != 200) return false;
    for (JsonNode one : answer.body().path("members")) {
      boolean isIt = one.path("address").asText().equals(other.address());
      if (isIt && one.path("reachable").asBoolean()) return false;
    }
    return true;
  }

  Postgres postgres() {
    return postgres;
  }

  /** Where the database keeps its data. */
  Disk disk() {
    return disk;
  }

  Path directory() {
    return directory;
  }

  private void supervise() {
    try {
      while (!closed) {
        for (Member member : members) member.startAgainIfEnded();
        Thread.sleep(TEND_MILLIS);
      }
    } catch (IOException e) {
      Trial.note("the supervisor cannot start a node: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void end() {
    if (closed) return;
    closed = true;
    supervisor.interrupt();
    members.forEach(Member::close);
    postgres.close();
    disk.close();
  }

  @Override
  public void close() {
    end();
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This JVM is going down already, and the hook with it.
    }
  }
}

package org.parley.persistence;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.ClusterView;
import org.parley.persistence.lease.Coordination;
import org.parley.persistence.lease.CoordinationSettings;
import org.parley.persistence.lease.LeaseTable;
import org.parley.persistence.lease.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that share a database. Each one enters itself, says every few seconds that it lives,
 * and is removed when it ends; nodes that were put out of the cluster are removed by those who did.
 * One of them at a time may begin a cluster, and only while no other one is in it. Thread-safe.
 */
public final class Nodes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final NodeTable table;
  private final Coordination coordination;
  private final Map<String, CompletableFuture<Optional<ClusterView.Lease>>> lookUps =
      new ConcurrentHashMap<>();
  private @Nullable NodeId self;
  private Runnable putOut = () -> {};
  private volatile @Nullable Watch watch;

  /**
   * A node as the database knows it.
   *
   * @param address {@code HOST:PORT} where other nodes reach it
   * @param uid tells its process from others at the same address
   * @param forming whether it begins a cluster
   * @param member whether it is in the cluster
   * @param version of Parley
   * @param startedAt by the database's clock
   * @param lastSeen by the database's clock
   * @param seenAgo how long ago that was, to the millisecond
   * @param connected whether its last session with the database still is
   */
  public record Known(
      String address,
      long uid,
      boolean forming,
      boolean member,
      String version,
      Instant startedAt,
      Instant lastSeen,
      Duration seenAgo,
      boolean connected) {}

  /** The cluster, as this node sees it. Nobody waits in it. */
  public interface Members {
    /** The uids of those that are up and reached, with this one. */
    Set<Long> up();

    /** Puts one out that is up. */
    void putOut(long uid);
  }

  private record Watch(Unheard unheard, Members members) {}

  Nodes(Coordination coordination) {
    this.coordination = coordination;
    this.table = new NodeTable(coordination.connections());
  }

  /** A statement about nodes. */
  private interface Asked<T> {
    T of(NodeTable table) throws SQLException;
  }

  /**
   * Enters this node, once. From then on the database hears of it every {@code
   * parley.nodes.heartbeat}.
   *
   * @param cluster its name; the first node's is the database's for ever
   * @param putOut is called once when somebody else has removed it: it must go down
   * @throws DatabaseUnavailable when the database belongs to another cluster, or another node lives
   *     at this address elsewhere; in one sentence
   */
  public synchronized void enter(
      String cluster, String address, long uid, String version, Runnable putOut) {
    if (self != null) throw new IllegalStateException("a node enters itself once");
    String name = ask(t -> t.fixName(cluster));
    if (!name.equals(cluster)) {
      throw new DatabaseUnavailable(
          String.format(
              "This database belongs to the cluster \"%s\" and this node to the cluster \"%s\":"
                  + " set parley.cluster.name to that one, or give this cluster a database of its"
                  + " own.",
              name, cluster));
    }
    NodeId id = new NodeId(address, uid);
    awaitFree(id, version);
    this.putOut = putOut;
    this.self = id;
    beatLater(settings().heartbeat());
    ask(
        t -> {
          t.sweep();
          return true;
        });
  }

  /** Waits until an earlier process at this address is gone. It is when its session has ended. */
  private void awaitFree(NodeId id, String version) {
    Duration patience = settings().staleAfter().plus(settings().heartbeat());
    long since = System.nanoTime();
    while (!ask(t -> t.enter(id, version, settings().staleAfter()))) {
      if (System.nanoTime() - since > patience.toNanos()) {
        throw new DatabaseUnavailable(
            "Another node of this database runs elsewhere at the same address "
                + id.address()
                + ": give each node a parley.cluster.host by which the others reach it.");
      }
      pause();
    }
  }

  /**
   * All other nodes, also those that have died without being removed, in the order of their start.
   *
   * @throws DatabaseUnavailable when the database does not answer
   */
  public List<Known> others() {
    return known().stream().filter(node -> !isSelf(node)).toList();
  }

  /**
   * All nodes with this one, in the order of their start.
   *
   * @throws DatabaseUnavailable when the database does not answer
   */
  public List<Known> known() {
    return ask(NodeTable::all);
  }

  /**
   * Who holds the lease by which a cluster that falls apart is decided; absent while nobody does.
   *
   * <p>All who ask at a time share one look-up, so that heartbeat and lease find a thread however
   * many ask.
   *
   * @param cluster its name
   */
  public CompletionStage<Optional<ClusterView.Lease>> splitBrainLease(String cluster) {
    CompletableFuture<Optional<ClusterView.Lease>> lookUp = new CompletableFuture<>();
    CompletableFuture<Optional<ClusterView.Lease>> underWay = lookUps.putIfAbsent(cluster, lookUp);
    if (underWay != null) return underWay.copy();
    try {
      coordination.threads().execute(() -> lookUp(cluster, lookUp));
    } catch (RejectedExecutionException e) {
      lookUps.remove(cluster);
      lookUp.completeExceptionally(e);
    }
    return lookUp.copy();
  }

  private void lookUp(String cluster, CompletableFuture<Optional<ClusterView.Lease>> lookUp) {
    try {
      Optional<ClusterView.Lease> held =
          new LeaseTable(coordination.connections())
              .holder(cluster + "-pekko-sbr")
              .filter(holder -> !holder.expired())
              .map(LeaseTable.Holder::view);
      lookUps.remove(cluster);
      lookUp.complete(held);
    } catch (SQLException | RuntimeException e) {
      lookUps.remove(cluster);
      lookUp.completeExceptionally(e);
    }
  }

  /** After this a node that was not seen counts as dead. */
  public Duration staleAfter() {
    return settings().staleAfter();
  }

  /** How soon a living node is heard of again once the database answers. */
  public Duration heardWithin() {
    return settings().heardWithin();
  }

  /**
   * Removes a node that has died. Should it live all the same, it goes down as soon as it hears of
   * it.
   *
   * @return false when it was seen in the meantime
   * @throws DatabaseUnavailable when the database does not answer
   */
  public boolean removeDead(Known dead) {
    return ask(t -> t.removeDead(dead));
  }

  /**
   * Asks for the right to begin a cluster, which one node at a time gets, while none is in it.
   *
   * @throws DatabaseUnavailable when the database does not answer
   */
  public boolean mayForm() {
    return ask(t -> t.claim(self()));
  }

  /**
   * Says that this node is in the cluster. Nothing of the engine may run before.
   *
   * @throws DatabaseUnavailable when it was put out, or the database does not answer
   */
  public void joined() {
    if (ask(t -> t.join(self()))) return;
    throw new DatabaseUnavailable(
        "Other nodes have put this one out of the cluster while it started, as they could not reach"
            + " it or it could not reach the database: start it again.");
  }

  /**
   * Puts members out of the cluster, from now on, that the database does not hear of for {@code
   * parley.nodes.put-out-after} while it hears of this one. One node at a time does so.
   */
  public void watch(Members members) {
    watch = new Watch(new Unheard(self().uid(), settings()), members);
  }

  /** Removes this node. */
  @Override
  public synchronized void close() {
    NodeId id = self;
    if (id == null) return;
    self = null;
    try {
      boolean unused = table.remove(id);
    } catch (SQLException e) {
      LOG.info("The database does not hear of this node's end: {}", e.getMessage());
    }
  }

  private void beat() {
    NodeId id = current();
    if (id == null) return;
    Watch watching = watch;
    long fromNanos = System.nanoTime();
    try {
      if (!table.beat(id)) {
        tellPutOut();
        return;
      }
      if (watching != null) look(watching, fromNanos);
    } catch (SQLException e) {
      LOG.debug("The database does not hear of this node, or does not tell of others", e);
      if (watching != null) watching.unheard().forget();
    } catch (RuntimeException e) {
      // Without a heartbeat this node would be put out itself.
      LOG.error("The other nodes cannot be watched", e);
    }
    beatLater(settings().heartbeat());
  }

  /** Only after a heartbeat that was heard: who is silent then cannot blame the database. */
  private void look(Watch watching, long fromNanos) throws SQLException {
    List<Known> rows = table.all();
    Members members = watching.members();
    for (long uid : watching.unheard().look(rows, members.up(), fromNanos, System.nanoTime())) {
      Optional<Known> row = rows.stream().filter(known -> known.uid() == uid).findFirst();
      // The row first: who speaks again at this moment keeps it, and no two get it.
      if (row.isPresent() && !table.removeDead(row.get())) continue;
      LOG.warn(
          "The node {} is put out of the cluster: the database has not heard of it for {} s and"
              + " answered this node all that time. What it holds moves to other nodes. Look for"
              + " what lies between it and the database.",
          row.map(Known::address).orElse("that has no row any more"),
          settings().putOutAfter().toSeconds());
      members.putOut(uid);
    }
  }

  private void tellPutOut() {
    if (current() == null) return;
    LOG.error(
        "Other nodes have put this one out of the cluster, as they could not reach it or it could"
            + " not reach the database");
    putOut.run();
  }

  private void beatLater(Duration delay) {
    try {
      var unused =
          coordination.threads().schedule(this::beat, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("The database is closed", e);
    }
  }

  /** Asks again while the database does not answer, for as long as a node may be unheard of. */
  private <T> T ask(Asked<T> question) {
    long since = System.nanoTime();
    while (true) {
      try {
        return question.of(table);
      } catch (SQLException e) {
        if (System.nanoTime() - since > staleAfter().toNanos()) {
          throw new DatabaseUnavailable(
              "The database does not tell which nodes run: " + e.getMessage() + ".", e);
        }
        LOG.debug("The database is asked again", e);
        pause();
      }
    }
  }

  private CoordinationSettings settings() {
    return coordination.settings();
  }

  private NodeId self() {
    NodeId id = current();
    if (id == null) throw new IllegalStateException("the node has not entered itself");
    return id;
  }

  private synchronized @Nullable NodeId current() {
    return self;
  }

  private boolean isSelf(Known node) {
    NodeId id = current();
    return id != null && node.address().equals(id.address()) && node.uid() == id.uid();
  }

  private static void pause() {
    try {
      Thread.sleep(LOOK_AGAIN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseUnavailable("The start was interrupted.", e);
    }
  }
}

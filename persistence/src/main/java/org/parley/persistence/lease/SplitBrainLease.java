package org.parley.persistence.lease;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.apache.pekko.coordination.lease.LeaseTimeoutException;
import org.apache.pekko.coordination.lease.javadsl.Lease;
import org.jspecify.annotations.Nullable;

/**
 * The lease by which the split brain resolver decides which side lives. Who gets it also removes
 * the nodes that it did not reach when it decided from the table of nodes, and a node that stands
 * there no more does not get it: so of two sides one lives, also when the other one asks an hour
 * later because it stood still. The decision stands in that table and not in how long the lease is
 * held.
 *
 * <p>A holder that died is waited for until its lease expires; one that lives renews it, and is
 * seen to. One that was put out itself, as it does when a single link between two nodes is cut,
 * does not renew it. Works for nodes that entered themselves through {@code Persistence.nodes}.
 * Made by Pekko, by name.
 */
public final class SplitBrainLease extends Lease {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  private final PostgresLease lease;
  private final LeaseTable leases;
  private final Coordination coordination;
  private final Sight sight;

  // Both guarded by this.
  private CompletionStage<Boolean> last = CompletableFuture.completedFuture(true);
  private @Nullable List<NodeId> unreachedAtDecision;

  /** What this node sees of the cluster at the moment. */
  interface Sight {
    NodeId self();

    List<NodeId> unreached();

    /** Whether this node itself was put out. */
    boolean isOut();
  }

  /** Made by Pekko. */
  public SplitBrainLease(LeaseSettings settings, ExtendedActorSystem system) {
    this(settings, Coordination.of(system.settings().config()), sightOf(system));
  }

  SplitBrainLease(LeaseSettings settings, Coordination coordination, Sight sight) {
    this.coordination = coordination;
    this.lease = new PostgresLease(settings, coordination, () -> !sight.isOut());
    this.leases = new LeaseTable(coordination.connections());
    this.sight = sight;
  }

  private static Sight sightOf(ExtendedActorSystem system) {
    return new Sight() {
      @Override
      public NodeId self() {
        return id(Cluster.get(system).selfMember());
      }

      @Override
      public List<NodeId> unreached() {
        return Cluster.get(system).state().getUnreachable().stream()
            .map(SplitBrainLease::id)
            .toList();
      }

      @Override
      public boolean isOut() {
        MemberStatus status = Cluster.get(system).selfMember().status();
        return status.equals(MemberStatus.down()) || status.equals(MemberStatus.removed());
      }
    };
  }

  @Override
  public LeaseSettings getSettings() {
    return lease.getSettings();
  }

  @Override
  public CompletionStage<Boolean> acquire() {
    return acquire(reason -> {});
  }

  @Override
  public CompletionStage<Boolean> acquire(Consumer<Optional<Throwable>> leaseLost) {
    List<NodeId> unreached = unreachedAtDecision();
    return inTurn(() -> acquire(leaseLost, unreached, Optional.empty()));
  }

  /** The resolver puts these out, and nobody whom it lost sight of while it waited. */
  private synchronized List<NodeId> unreachedAtDecision() {
    List<NodeId> decided = unreachedAtDecision;
    unreachedAtDecision = null;
    return decided == null ? sight.unreached() : decided;
  }

  /**
   * One after the other: the resolver gives the lease of one decision back without waiting, perhaps
   * while it asks for that of the next.
   */
  private synchronized CompletionStage<Boolean> inTurn(Supplier<CompletionStage<Boolean>> step) {
    CompletionStage<Boolean> next =
        last.handle((done, failure) -> true).thenCompose(done -> step.get());
    last = next;
    return next;
  }

  private CompletionStage<Boolean> acquire(
      Consumer<Optional<Throwable>> leaseLost,
      List<NodeId> unreached,
      Optional<LeaseTable.Holder> before) {
    return lease
        .acquire(leaseLost)
        .thenComposeAsync(
            acquired ->
                acquired
                    ? decide(unreached, System.nanoTime())
                    : waitForHolder(leaseLost, unreached, before),
            coordination.threads());
  }

  /** Removes the nodes that were not reached, unless this one was removed itself. */
  private CompletionStage<Boolean> decide(List<NodeId> unreached, long sinceNanos) {
    OptionalLong epoch = lease.epoch();
    try {
      boolean decided =
          epoch.isPresent()
              && leases.putOut(
                  sight.self(),
                  getSettings().leaseName(),
                  lease.owner(),
                  epoch.getAsLong(),
                  unreached);
      if (decided) return CompletableFuture.completedFuture(true);
      return lease.release().thenApply(released -> false);
    } catch (SQLException e) {
      Duration limit = getSettings().timeoutSettings().getOperationTimeout();
      if (System.nanoTime() - sinceNanos < limit.toNanos()) {
        return later(() -> decide(unreached, sinceNanos));
      }
      return lease
          .release()
          .thenCompose(
              released ->
                  CompletableFuture.failedFuture(
                      new LeaseTimeoutException("the database did not answer: " + e)));
    }
  }

  private CompletionStage<Boolean> waitForHolder(
      Consumer<Optional<Throwable>> leaseLost,
      List<NodeId> unreached,
      Optional<LeaseTable.Holder> before) {
    try {
      Optional<LeaseTable.Holder> now = leases.holder(getSettings().leaseName());
      boolean lives = before.isPresent() && now.isPresent() && hasRenewed(before.get(), now.get());
      if (lives) return CompletableFuture.completedFuture(false);
      return later(() -> acquire(leaseLost, unreached, now));
    } catch (SQLException e) {
      // Asking again finds out whether the database stays away.
      return later(() -> acquire(leaseLost, unreached, before));
    }
  }

  /**
   * Whether it lives and holds on to the lease. One that gave it back may have left this side in
   * the cluster: the table of nodes tells.
   */
  private static boolean hasRenewed(LeaseTable.Holder before, LeaseTable.Holder now) {
    return !now.expired()
        && now.epoch() == before.epoch()
        && now.expiresMicros() != before.expiresMicros();
  }

  private CompletionStage<Boolean> later(Supplier<CompletionStage<Boolean>> step) {
    Executor later =
        CompletableFuture.delayedExecutor(
            LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS, coordination.threads());
    return CompletableFuture.supplyAsync(step, later).thenCompose(answer -> answer);
  }

  @Override
  public CompletionStage<Boolean> release() {
    return inTurn(lease::release);
  }

  /**
   * Always false, so that each decision goes through the table of nodes. The resolver looks here at
   * the moment of its decision; it asks for the lease up to {@code
   * acquire-lease-delay-for-minority} later.
   */
  @Override
  public synchronized boolean checkLease() {
    unreachedAtDecision = sight.unreached();
    return false;
  }

  private static NodeId id(Member member) {
    return new NodeId(
        member.address().getHost().orElse("") + ':' + member.address().getPort().orElse(0),
        member.uniqueAddress().longUid());
  }
}

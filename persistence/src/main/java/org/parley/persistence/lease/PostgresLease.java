package org.parley.persistence.lease;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.coordination.lease.LeaseException;
import org.apache.pekko.coordination.lease.LeaseSettings;
import org.apache.pekko.coordination.lease.LeaseTimeoutException;
import org.apache.pekko.coordination.lease.javadsl.Lease;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease in PostgreSQL. Another owner gets it only after it was released or has expired by the
 * database's clock. Its holder believes in it for {@code heartbeat-timeout}, by the monotonic
 * clock, from before it asked: so never longer than the database does, however long the answer took
 * or the process stood still. It is renewed every {@code heartbeat-interval} in the background.
 * Each process is an owner of its own, also at an address that another one had.
 *
 * <p>What a holder does must bear that it stops between looking at the lease and acting: that is
 * what the {@link #epoch} is for. Thread-safe. Made by Pekko, by name.
 */
public final class PostgresLease extends Lease {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresLease.class);
  private static final Duration TRY_AGAIN = Duration.ofMillis(200);

  private final LeaseSettings settings;
  private final LeaseTable table;
  private final ScheduledExecutorService threads;
  private final LongSupplier nanoTime;
  private final BooleanSupplier wanted;
  private final String owner;
  private volatile @Nullable Hold hold;

  /** Made by Pekko. */
  public PostgresLease(LeaseSettings settings, ExtendedActorSystem system) {
    this(settings, Coordination.of(system.settings().config()), () -> true);
  }

  /**
   * A lease that ends by itself.
   *
   * @param wanted whether it is still renewed; once it is not, it is left to expire
   */
  PostgresLease(LeaseSettings settings, Coordination coordination, BooleanSupplier wanted) {
    this(
        settings,
        new LeaseTable(coordination.connections()),
        coordination.threads(),
        System::nanoTime,
        wanted);
  }

  PostgresLease(
      LeaseSettings settings,
      LeaseTable table,
      ScheduledExecutorService threads,
      LongSupplier nanoTime,
      BooleanSupplier wanted) {
    this.settings = settings;
    this.table = table;
    this.threads = threads;
    this.nanoTime = nanoTime;
    this.wanted = wanted;
    this.owner = settings.ownerName() + '#' + UUID.randomUUID();
  }

  /** That this process holds it, until when, and whom to tell when it does no more. */
  private static final class Hold {
    final long epoch;
    final Consumer<Optional<Throwable>> lost;
    volatile long untilNanos;

    Hold(long epoch, long untilNanos, Consumer<Optional<Throwable>> lost) {
      this.epoch = epoch;
      this.untilNanos = untilNanos;
      this.lost = lost;
    }
  }

  @Override
  public LeaseSettings getSettings() {
    return settings;
  }

  @Override
  public CompletionStage<Boolean> acquire() {
    return acquire(reason -> {});
  }

  /**
   * Tries to take it. While the database cannot be asked this is tried again, for {@code
   * lease-operation-timeout} at most; then it fails with a {@link LeaseTimeoutException}, and
   * should the database have given it all the same, it is given back.
   *
   * @param leaseLost called once when it is lost: at once when the database says so, and at most
   *     the time-out of one statement late when the database does not answer
   */
  @Override
  public CompletionStage<Boolean> acquire(Consumer<Optional<Throwable>> leaseLost) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    long limit = settings.timeoutSettings().getOperationTimeout().toMillis();
    try {
      threads.execute(() -> take(answer, leaseLost));
      // Not on these threads: they may be the ones that wait for the database.
      CompletableFuture.delayedExecutor(limit, TimeUnit.MILLISECONDS)
          .execute(
              () ->
                  answer.completeExceptionally(
                      new LeaseTimeoutException(
                          "the database did not answer for the lease " + settings.leaseName())));
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(new LeaseException("the database is closed"));
    }
    return answer;
  }

  private void take(CompletableFuture<Boolean> answer, Consumer<Optional<Throwable>> leaseLost) {
    if (answer.isDone()) return;
    long asked = nanoTime.getAsLong();
    try {
      OptionalLong epoch = table.take(settings.leaseName(), owner, life());
      if (epoch.isEmpty()) {
        Hold before = hold;
        if (before != null) lose(before, Optional.empty());
        answer.complete(false);
        return;
      }
      Hold taken = new Hold(epoch.getAsLong(), asked + life().toNanos(), leaseLost);
      hold = taken;
      if (answer.complete(true)) renewLater(taken, interval());
      else free();
    } catch (SQLException e) {
      LOG.info("The lease {} cannot be asked for yet: {}", settings.leaseName(), e.getMessage());
      later(() -> take(answer, leaseLost), TRY_AGAIN);
    }
  }

  /**
   * Gives it back: from now on it is not held here, whatever the answer is. The answer is whether
   * the database knows; when it does not, nobody else gets it before it expires.
   */
  @Override
  public CompletionStage<Boolean> release() {
    hold = null;
    try {
      return CompletableFuture.supplyAsync(this::free, threads);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(false);
    }
  }

  private boolean free() {
    hold = null;
    try {
      table.release(settings.leaseName(), owner);
      return true;
    } catch (SQLException e) {
      LOG.info("The lease {} is left to expire: {}", settings.leaseName(), e.getMessage());
      return false;
    }
  }

  /** Whether it is certainly held here at this moment. */
  @Override
  public boolean checkLease() {
    Hold held = hold;
    return held != null && remaining(held).toNanos() > 0;
  }

  /**
   * How often another owner had taken it before this one took it: what is written under it may
   * demand that this is still so. Empty when it is not held here.
   */
  public OptionalLong epoch() {
    Hold held = hold;
    return held != null && remaining(held).toNanos() > 0
        ? OptionalLong.of(held.epoch)
        : OptionalLong.empty();
  }

  /** By what the table knows this process. */
  String owner() {
    return owner;
  }

  private void renewLater(Hold held, Duration delay) {
    later(() -> renew(held), delay);
  }

  private void renew(Hold held) {
    if (hold != held) return;
    if (!wanted.getAsBoolean()) {
      lose(held, Optional.of(new LeaseException("this node has no more use for it")));
      return;
    }
    if (remaining(held).isNegative()) {
      lose(held, Optional.of(new LeaseException("it was not renewed in time")));
      return;
    }
    long asked = nanoTime.getAsLong();
    try {
      if (table.renew(settings.leaseName(), owner, held.epoch, life())) {
        held.untilNanos = asked + life().toNanos();
        renewLater(held, interval());
      } else {
        lose(held, Optional.empty());
      }
    } catch (SQLException e) {
      Duration left = remaining(held);
      if (left.isNegative()) lose(held, Optional.of(e));
      else renewLater(held, left.compareTo(TRY_AGAIN) < 0 ? left : TRY_AGAIN);
    }
  }

  private void lose(Hold held, Optional<Throwable> reason) {
    synchronized (this) {
      if (hold != held) return;
      hold = null;
    }
    LOG.warn(
        "The lease {} is lost: {}",
        settings.leaseName(),
        reason.map(Throwable::getMessage).orElse("another owner has it"));
    held.lost.accept(reason);
  }

  private Duration remaining(Hold held) {
    return Duration.ofNanos(held.untilNanos - nanoTime.getAsLong());
  }

  private Duration life() {
    return settings.timeoutSettings().getHeartbeatTimeout();
  }

  private Duration interval() {
    return settings.timeoutSettings().getHeartbeatInterval();
  }

  private void later(Runnable task, Duration delay) {
    try {
      var unused = threads.schedule(task, Math.max(1, delay.toMillis()), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The database was closed: nobody needs the lease any more, and it expires.
      hold = null;
    }
  }
}

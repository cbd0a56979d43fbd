package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import kamon.Kamon;
import kamon.metric.Counter;
import org.jspecify.annotations.Nullable;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.persistence.Transaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs statements on a bounded number of threads. Beyond the queue, and when no connection comes in
 * time, the answer is {@link RefusedException} with a busy {@link Refusal}.
 */
final class RequestPool implements AutoCloseable {
  private static final String NO_CONNECTION_STATE = "08";
  private static final String CANCELLED = "57014";

  /**
   * Beginnings of SQLSTATE of a database that can do nothing now: connection, resources, shutdown.
   */
  private static final List<String> AWAY = List.of(NO_CONNECTION_STATE, "53", "57P");

  private static final Logger log = LoggerFactory.getLogger(RequestPool.class);
  private final DataSource dataSource;
  private final Duration reportTimeout;
  private final ThreadPoolExecutor threads;

  /** Since when the database is away, by the monotonic clock; null while it answers. */
  private final AtomicReference<@Nullable Long> awaySince = new AtomicReference<>();

  private final Counter refused = Kamon.counter("parley.stores.refused").withoutTags();

  /** What is done with a connection. */
  interface Query<T> {
    T run(Connection connection) throws SQLException;
  }

  RequestPool(DataSource dataSource, StoreSettings settings) {
    this.dataSource = dataSource;
    this.reportTimeout = settings.reportTimeout();
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            settings.threads(),
            settings.threads(),
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(settings.queue()),
            task -> {
              Thread thread = new Thread(task, "parley-stores-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** Runs one statement, or several of which each stands for itself. */
  <T> CompletionStage<T> query(Query<T> query) {
    return submit(
        connection -> {
          connection.setAutoCommit(true);
          return query.run(connection);
        });
  }

  /** Runs statements that happen together or not at all. */
  <T> CompletionStage<T> transaction(Query<T> query) {
    return submit(connection -> Transaction.run(connection, query::run));
  }

  /** Runs statements in a transaction, planned for indexes as {@link Plans#byIndex} says. */
  <T> CompletionStage<T> byIndex(Query<T> query) {
    return transaction(
        connection -> {
          Plans.byIndex(connection);
          return query.run(connection);
        });
  }

  /**
   * Runs a statement that may go over many rows, for no longer than somebody waits for it: its
   * threads and connections are those of due work, too.
   */
  <T> CompletionStage<T> report(Query<T> query) {
    return transaction(
        connection -> {
          try (Statement limit = connection.createStatement()) {
            limit.execute("SET LOCAL statement_timeout = " + reportTimeout.toMillis());
            return query.run(connection);
          } catch (SQLException e) {
            if (!CANCELLED.equals(e.getSQLState())) throw e;
            throw new RefusedException(
                Refusal.busy("the report takes longer than " + reportTimeout.toSeconds() + " s"));
          }
        });
  }

  private <T> CompletionStage<T> submit(Query<T> query) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      threads.execute(() -> run(query, result));
    } catch (RejectedExecutionException e) {
      refused.increment();
      result.completeExceptionally(
          new RefusedException(Refusal.busy("too many requests wait for the database")));
    }
    return result;
  }

  private <T> void run(Query<T> query, CompletableFuture<T> result) {
    try (Connection connection = dataSource.getConnection()) {
      T answer = query.run(connection);
      answers();
      result.complete(answer);
    } catch (SQLException e) {
      if (isAway(e)) away(e);
      result.completeExceptionally(isNoConnection(e) ? busy(e) : e);
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  /** That no connection was free in time is not the database's fault, and has no cause. */
  private static boolean isAway(SQLException e) {
    if (e instanceof SQLTransientConnectionException) return e.getCause() != null;
    String state = e.getSQLState();
    return state != null && AWAY.stream().anyMatch(state::startsWith);
  }

  /** An operator reads one line when the database goes, and one when it is back. */
  private void away(SQLException e) {
    if (!awaySince.compareAndSet(null, System.nanoTime())) return;
    Throwable reason = e.getCause() == null ? e : e.getCause();
    log.warn(
        "The database serves no requests; the node goes on when it does: {}", reason.getMessage());
  }

  private void answers() {
    if (awaySince.get() == null) return;
    Long since = awaySince.getAndSet(null);
    if (since == null) return;
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    log.info("The database serves requests again, after {} ms", millis);
  }

  static boolean isNoConnection(SQLException e) {
    String state = e.getSQLState();
    return e instanceof SQLTransientConnectionException
        || e instanceof SQLNonTransientConnectionException
        || (state != null && state.startsWith(NO_CONNECTION_STATE));
  }

  static RefusedException busy(SQLException cause) {
    log.debug("No connection", cause);
    return new RefusedException(Refusal.busy("the database does not answer at the moment"));
  }

  /** Lets what is under way end, for some seconds. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(5, TimeUnit.SECONDS)) threads.shutdownNow();
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}

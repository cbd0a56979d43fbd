package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import kamon.Kamon;
import kamon.metric.Counter;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs statements on a bounded number of threads. Beyond the queue, and when no connection comes in
 * time, the answer is {@link RefusedException} with a busy {@link Refusal}.
 */
final class RequestPool implements AutoCloseable {
  private static final String NO_CONNECTION_STATE = "08";
  private static final Logger log = LoggerFactory.getLogger(RequestPool.class);
  private final DataSource dataSource;
  private final ThreadPoolExecutor threads;
  private final Counter refused = Kamon.counter("parley.stores.refused").withoutTags();

  /** What is done with a connection. */
  interface Query<T> {
    T run(Connection connection) throws SQLException;
  }

  RequestPool(DataSource dataSource, StoreSettings settings) {
    this.dataSource = dataSource;
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
    return submit(connection -> inTransaction(connection, query));
  }

  /** Runs statements in a transaction, planned for indexes as {@link Plans#byIndex} says. */
  <T> CompletionStage<T> byIndex(Query<T> query) {
    return transaction(
        connection -> {
          Plans.byIndex(connection);
          return query.run(connection);
        });
  }

  static <T> T inTransaction(Connection connection, Query<T> query) throws SQLException {
    connection.setAutoCommit(false);
    boolean done = false;
    try {
      T result = query.run(connection);
      connection.commit();
      done = true;
      return result;
    } finally {
      if (!done) connection.rollback();
      connection.setAutoCommit(true);
    }
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
      result.complete(query.run(connection));
    } catch (SQLException e) {
      result.completeExceptionally(isNoConnection(e) ? busy(e) : e);
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
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

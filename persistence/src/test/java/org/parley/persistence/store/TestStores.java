package org.parley.persistence.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.parley.core.spi.JournalHead;
import org.parley.persistence.TestDatabase;

/** Stores for tests, without an actor system. */
public final class TestStores {
  private TestStores() {}

  public static PostgresStores on(DataSource requests, Map<String, ?> settings) {
    JournalHead empty = id -> CompletableFuture.completedFuture(0L);
    return new PostgresStores(requests, empty, StoreSettings.of(TestDatabase.settings(settings)));
  }

  /** What a future gives within 20 s. */
  public static <T> T get(CompletionStage<T> future) {
    try {
      return future.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within 20 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The one number that a query gives. */
  public static long number(DataSource dataSource, String sql) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }
}

package org.parley.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One embedded PostgreSQL for all tests of a JVM, stopped and removed when the JVM ends. */
public final class TestDatabase {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Path SHARED = freshDirectory();
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static @Nullable Database shared;

  private TestDatabase() {}

  /** The database that all tests share; a test uses ids of its own. */
  public static synchronized Database shared() {
    Database known = shared;
    if (known != null) return known;
    Database opened = Database.open(embedded(SHARED));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  opened.close();
                  delete(SHARED);
                },
                "test-database-close"));
    shared = opened;
    return opened;
  }

  /** Where the shared server keeps its data. */
  static Path directory() {
    return SHARED;
  }

  /** A database of its own, with the schema and nothing in it, on the shared server. */
  public static Database fresh() {
    return Database.open(freshConfig(shared()));
  }

  /** Settings for an embedded server of a test's own. */
  public static Config embedded(Path directory) {
    return settings(
        Map.of(
            "parley.database.url", "embedded",
            "parley.database.directory", directory.toString(),
            "parley.database.programs", TARGET.resolve("postgres").toString()));
  }

  /** These settings over the defaults. */
  public static Config settings(Map<String, ?> values) {
    return ConfigFactory.parseMap(values).withFallback(ConfigFactory.load());
  }

  /** A folder below {@code target} that does not exist yet. */
  public static Path freshDirectory() {
    try {
      Path directory = Files.createTempDirectory(Files.createDirectories(TARGET), "database-");
      Files.delete(directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs one statement. */
  public static void execute(Database database, String sql) {
    try (Connection connection = database.background().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Waits until a session waits for another one's lock. */
  public static void awaitBlocked(Database database) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(count(database, "SELECT count(*) FROM pg_locks WHERE NOT granted"))
                    .isPositive());
  }

  /** The one number that a query answers. */
  public static long count(Database database, String sql) {
    try (Connection connection = database.background().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  static Config freshConfig(Database server) {
    String name = "test_" + NAMES.incrementAndGet();
    execute(server, "CREATE DATABASE " + name);
    return settings(
        Map.of(
            "parley.database.url", server.url().replaceAll("/parley$", "/" + name),
            "parley.database.user", server.user(),
            "parley.database.password", server.password()));
  }

  private static void delete(Path directory) {
    try (var paths = Files.walk(directory)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package org.parley.persistence;

import com.typesafe.config.Config;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.function.ToIntFunction;
import javax.sql.DataSource;
import kamon.Kamon;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.parley.core.spi.JournalHead;
import org.parley.persistence.journal.Journal;
import org.parley.persistence.lease.Coordination;
import org.parley.persistence.lease.CoordinationSettings;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The PostgreSQL of a node: embedded in its data directory or one of the operator's, with Parley's
 * schema, a journal for its actors and connections for its stores. Thread-safe.
 */
public final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final int OLDEST_VERSION = 130_000;
  private static final int MIGRATING = 3;
  private static final Duration METRICS_EVERY = Duration.ofSeconds(10);

  /**
   * How long an answer may take before its connection counts as lost: a database whose machine
   * vanishes says nothing, and TCP alone would wait for 15 minutes to 2 hours. Longer than a
   * database that stands still for a minute; nobody waits longer for a request.
   */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  /** Views are made anew and members sorted in one statement, which takes minutes in large ones. */
  private static final Duration LONG_SILENCE = Duration.ofMinutes(15);

  private final DatabaseSettings settings;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final @Nullable EmbeddedDatabase embedded;
  private final String url;
  private final DataSource requests;
  private final DataSource background;
  private final Journal journal;
  private final DatabaseClock clock;
  private final Coordination coordination;
  private final Nodes nodes;

  private Database(Config config, DatabaseSettings settings) {
    this.settings = settings;
    try {
      this.embedded =
          settings.isEmbedded() ? opened(EmbeddedDatabase.start(settings.embedded())) : null;
      this.url = embedded == null ? settings.url() : embedded.url();
      check();
      this.requests = pool("requests", settings.requests(), SILENCE);
      this.background = pool("background", settings.background(), LONG_SILENCE);
      migrate();
      this.journal = opened(Journal.open(config, this::journalPool));
      this.clock = opened(startClock());
      CoordinationSettings agreeing = CoordinationSettings.of(config);
      this.coordination = opened(Coordination.open(agreeing, coordinationPool(agreeing.timeout())));
      this.nodes = opened(new Nodes(coordination));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Opens the database that {@code parley.database} describes and brings its schema up to date.
   * Blocks until it is ready; several nodes may do so at once.
   *
   * @throws DatabaseUnavailable when it cannot be used, in one sentence
   * @throws com.typesafe.config.ConfigException when a setting is out of bounds
   */
  public static Database open(Config config) {
    return new Database(config, DatabaseSettings.of(config));
  }

  /** Connections for requests: at most 20, and 5 s of waiting for one, unless configured. */
  public DataSource requests() {
    return requests;
  }

  /** Connections for work that nobody waits for: the read side and the clock. */
  public DataSource background() {
    return background;
  }

  /**
   * What an actor system needs to keep its journal, snapshots and leases here: to be put over its
   * own configuration. It holds no password, and is good for as long as this database is open.
   */
  public Config journalConfig() {
    return journal.config().withFallback(coordination.config());
  }

  /** How far the journal goes. */
  JournalHead journal() {
    return journal;
  }

  /** The nodes that share this database. */
  Nodes nodes() {
    return nodes;
  }

  /** The time that all nodes on this database share. */
  public InstantSource clock() {
    return clock;
  }

  /**
   * The latest that it can be by that clock: while it is not clear whether this machine's own clock
   * was set or the machine was suspended, later than {@link #clock}.
   */
  public InstantSource latestTime() {
    return clock.latest();
  }

  /** The process id of the embedded server; empty for an external one. */
  public OptionalLong serverProcess() {
    return embedded == null ? OptionalLong.empty() : embedded.process();
  }

  /** Closes the journal and the pools, and stops the embedded server. Its data stay. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        LOG.warn("A part of the database did not close", e);
      }
    }
  }

  String url() {
    return url;
  }

  String user() {
    return embedded == null ? settings.user() : embedded.user();
  }

  String password() {
    return embedded == null ? settings.password() : embedded.password();
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  private DatabaseClock startClock() {
    try {
      return DatabaseClock.start(background);
    } catch (SQLException e) {
      throw new DatabaseUnavailable(
          "The database " + place() + " does not tell the time: " + say(e) + ".", e);
    }
  }

  private void check() {
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT current_setting('server_version_num')")) {
      row.next();
      int version = row.getInt(1);
      if (version >= OLDEST_VERSION) return;
      throw new DatabaseUnavailable(
          String.format(
              "The database %s is PostgreSQL %d and Parley needs 13 or newer.",
              place(), version / 10_000));
    } catch (SQLException e) {
      throw new DatabaseUnavailable(
          "The database " + place() + " cannot be used: " + say(e) + ".", e);
    }
  }

  /** On connections of its own, without a time-out: an index of a large table takes hours. */
  private void migrate() {
    HikariConfig config = connections();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(MIGRATING);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    try (HikariDataSource patient = new HikariDataSource(config)) {
      Flyway.configure().dataSource(patient).locations("classpath:db/migration").load().migrate();
    } catch (FlywayException e) {
      String reason = e.getMessage() == null ? "no reason was given" : e.getMessage();
      if (reason.contains("non-empty schema")) {
        reason = "it holds tables that are not Parley's; give Parley a database of its own";
      }
      throw new DatabaseUnavailable(
          "The schema of the database "
              + place()
              + " cannot be brought up to date: "
              + reason.lines().findFirst().orElse(reason)
              + ".",
          e);
    }
  }

  /** The URL without what may be secret. */
  private String place() {
    return url.replaceAll("\\?.*", "").replaceAll("//.*@", "//");
  }

  private static String say(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String cause = e.getMessage() == null ? "no reason was given" : e.getMessage();
    return switch (state) {
      case "28P01", "28000" -> "it refuses this user and password";
      case "3D000" -> "there is no such database";
      case "08001" -> "nothing answers there (" + cause.replaceAll("\\s+", " ") + ")";
      default -> cause.replaceAll("\\s+", " ");
    };
  }

  private Connection connect(String to) throws SQLException {
    HikariConfig config = connections();
    config.setJdbcUrl(to);
    return DriverManager.getConnection(to, config.getDataSourceProperties());
  }

  HikariDataSource journalPool(String name, int connections) {
    // Writers wait for the database as long as it takes; a short wait only lets them look up.
    return pool(name, new DatabaseSettings.Pool(connections, Duration.ofSeconds(5)), SILENCE);
  }

  /** Nobody waits long here: a lease that cannot be asked for is not held. */
  private HikariDataSource coordinationPool(Duration timeout) {
    HikariConfig config = connections();
    String seconds = Long.toString(Math.max(1, timeout.toSeconds()));
    config.addDataSourceProperty(PGProperty.CONNECT_TIMEOUT.getName(), seconds);
    config.addDataSourceProperty(PGProperty.LOGIN_TIMEOUT.getName(), seconds);
    config.addDataSourceProperty(PGProperty.SOCKET_TIMEOUT.getName(), seconds);
    config.setValidationTimeout(timeout.toMillis());
    return pool(
        "coordination", new DatabaseSettings.Pool(Coordination.CONNECTIONS, timeout), config);
  }

  private HikariDataSource pool(String name, DatabaseSettings.Pool pool, Duration silence) {
    HikariConfig config = connections();
    config.addDataSourceProperty(
        PGProperty.SOCKET_TIMEOUT.getName(), Long.toString(silence.toSeconds()));
    return pool(name, pool, config);
  }

  private HikariDataSource pool(String name, DatabaseSettings.Pool pool, HikariConfig config) {
    config.setJdbcUrl(url);
    config.setPoolName("parley-" + name);
    config.setMaximumPoolSize(pool.connections());
    config.setMinimumIdle(Math.min(2, pool.connections()));
    config.setConnectionTimeout(pool.longestWait().toMillis());
    config.setIdleTimeout(settings.idleTimeout().toMillis());
    config.setMaxLifetime(settings.maxLifetime().toMillis());
    config.setInitializationFailTimeout(-1);
    HikariDataSource source = opened(new HikariDataSource(config));
    gauge("parley.pool.active", name, source, HikariPoolMXBean::getActiveConnections);
    gauge("parley.pool.idle", name, source, HikariPoolMXBean::getIdleConnections);
    gauge("parley.pool.waiting", name, source, HikariPoolMXBean::getThreadsAwaitingConnection);
    return source;
  }

  private HikariConfig connections() {
    HikariConfig config = new HikariConfig();
    if (!user().isEmpty()) config.addDataSourceProperty(PGProperty.USER.getName(), user());
    if (!password().isEmpty()) {
      config.addDataSourceProperty(PGProperty.PASSWORD.getName(), password());
    }
    String connectSeconds = Long.toString(settings.connectTimeout().toSeconds());
    config.addDataSourceProperty(PGProperty.CONNECT_TIMEOUT.getName(), connectSeconds);
    config.addDataSourceProperty(PGProperty.LOGIN_TIMEOUT.getName(), connectSeconds);
    config.addDataSourceProperty(PGProperty.TCP_KEEP_ALIVE.getName(), "true");
    config.addDataSourceProperty(PGProperty.APPLICATION_NAME.getName(), "parley");
    // Key values may name customers; they have no place in a message or a log.
    config.addDataSourceProperty(PGProperty.LOG_SERVER_ERROR_DETAIL.getName(), "false");
    return config;
  }

  private static void gauge(
      String name, String pool, HikariDataSource source, ToIntFunction<HikariPoolMXBean> value) {
    Kamon.gauge(name)
        .withTag("pool", pool)
        .autoUpdate(
            gauge -> {
              HikariPoolMXBean bean = source.getHikariPoolMXBean();
              if (bean != null) gauge.update(value.applyAsInt(bean));
            },
            METRICS_EVERY);
  }
}

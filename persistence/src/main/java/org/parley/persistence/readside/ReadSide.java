package org.parley.persistence.readside;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.cluster.sharding.typed.ShardedDaemonProcessSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ShardedDaemonProcess;
import org.apache.pekko.projection.ProjectionBehavior;
import org.apache.pekko.projection.ProjectionId;
import org.apache.pekko.projection.javadsl.GroupedProjection;
import org.apache.pekko.projection.jdbc.javadsl.JdbcProjection;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.parley.core.JournalCatalog;
import org.parley.core.spi.ShardTypes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Folds the journal into the read tables, for as long as the actor system lives. */
public final class ReadSide {
  private static final Logger log = LoggerFactory.getLogger(ReadSide.class);
  static final String NAME = ShardTypes.READ_SIDE;
  private static final String DISPATCHER = "pekko.projection.jdbc.blocking-jdbc-dispatcher";
  private static final String DIALECT = "pekko.projection.jdbc.dialect";
  private static final String POOL_SIZE = DISPATCHER + ".thread-pool-executor.fixed-pool-size";
  private static final double JITTER = 0.2;

  private final DataSource dataSource;
  private final JournalFold.Fold fold;
  private final ReadSideSettings settings;
  private final ProjectionLag lag = new ProjectionLag();

  private interface Chore {
    void run(Connection connection) throws SQLException;
  }

  private ReadSide(DataSource dataSource, JournalFold.Fold fold, ReadSideSettings settings) {
    this.dataSource = dataSource;
    this.fold = fold;
    this.settings = settings;
  }

  /**
   * Checks the settings without starting anything.
   *
   * @throws com.typesafe.config.ConfigException when one is out of bounds
   */
  public static void check(Config root) {
    ReadSideSettings unused = ReadSideSettings.of(root);
  }

  /**
   * What an actor system needs for its projections: to be put over its own configuration, because
   * the defaults of Pekko Projection would otherwise stand beside it with equal right.
   */
  public static Config config(Config config) {
    int threads = ReadSideSettings.of(config).threads();
    return ConfigFactory.parseMap(Map.of(DIALECT, "postgres-dialect", POOL_SIZE, threads));
  }

  /**
   * Starts this node's share of the projections. Blocks until the tables are looked at.
   *
   * @param dataSource connections for work that nobody waits for, two for each projection
   * @throws IllegalStateException when the tables belong to another number of projections, or
   *     {@link #config} is not part of the system's configuration
   */
  public static void start(ActorSystem<?> system, DataSource dataSource) {
    start(system, dataSource, JournalCatalog::changes);
  }

  static void start(ActorSystem<?> system, DataSource dataSource, JournalFold.Fold fold) {
    Config config = system.settings().config();
    if (!config.getString(DIALECT).equals("postgres-dialect")) {
      throw new IllegalStateException(DIALECT + " is not set: ReadSide.config belongs there");
    }
    ReadSideSettings settings = ReadSideSettings.of(config);
    ReadSide readSide = new ReadSide(dataSource, fold, settings);
    readSide.prepare();
    readSide.startChores(system);
    ShardedDaemonProcess.get(system)
        .init(
            ProjectionBehavior.Command.class,
            NAME,
            settings.projections(),
            part -> readSide.projection(system, SliceRange.of(part, settings.projections())),
            ShardedDaemonProcessSettings.create(system),
            Optional.of(ProjectionBehavior.stopMessage()));
  }

  private Behavior<ProjectionBehavior.Command> projection(ActorSystem<?> system, SliceRange range) {
    Serialization serialization = SerializationExtension.get(system);
    Executor executor = system.dispatchers().lookup(DispatcherSelector.fromConfig(DISPATCHER));
    JournalSource source =
        new JournalSource(range, dataSource, serialization, executor, settings, lag);
    GroupedProjection<String, JournalEntry> projection =
        JdbcProjection.groupedWithin(
            ProjectionId.of(NAME, range.key()),
            source,
            () -> TableSession.open(dataSource, range),
            () -> new JournalFold(range, fold, settings, lag),
            system);
    return ProjectionBehavior.create(
        projection
            .withGroup(settings.groupSize(), settings.groupWait())
            .withRestartBackoff(settings.minBackoff(), settings.maxBackoff(), JITTER));
  }

  private void prepare() {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(true);
      checkLayout(connection);
      MonthlyPartitions.make(connection, MonthlyPartitions.today(), settings.monthsAhead());
    } catch (SQLException e) {
      throw new IllegalStateException("the tables of the read side cannot be used", e);
    }
  }

  private void checkLayout(Connection connection) throws SQLException {
    try (PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO read_side_layout (projections) VALUES (?) ON CONFLICT DO NOTHING");
        PreparedStatement select =
            connection.prepareStatement("SELECT projections FROM read_side_layout")) {
      insert.setInt(1, settings.projections());
      insert.executeUpdate();
      try (ResultSet rows = select.executeQuery()) {
        rows.next();
        if (rows.getInt(1) == settings.projections()) return;
        throw new IllegalStateException(
            String.format(
                "parley.read-side.projections = %d: allowed is %d, with which the tables were made",
                settings.projections(), rows.getInt(1)));
      }
    }
  }

  private void startChores(ActorSystem<?> system) {
    ScheduledThreadPoolExecutor chores =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "parley-read-side-chores");
              thread.setDaemon(true);
              return thread;
            });
    every(chores, settings.lagInterval(), "measurement of the lag", lag::measure);
    every(
        chores,
        settings.monthsInterval(),
        "making of months",
        c -> MonthlyPartitions.make(c, MonthlyPartitions.today(), settings.monthsAhead()));
    // Nodes look more often than they refresh, so that the view is not a whole interval late.
    every(
        chores,
        settings.performanceInterval().dividedBy(4),
        "refresh of the performance view",
        c -> PerformanceView.refresh(c, settings.performanceInterval()));
    system.getWhenTerminated().thenRun(chores::shutdownNow);
  }

  private void every(
      ScheduledThreadPoolExecutor chores, Duration interval, String what, Chore chore) {
    long millis = interval.toMillis();
    var unused =
        chores.scheduleWithFixedDelay(
            () -> {
              try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(true);
                chore.run(connection);
              } catch (SQLException | RuntimeException e) {
                log.warn("The {} failed and will be tried again: {}", what, e.getMessage());
              }
            },
            millis,
            millis,
            TimeUnit.MILLISECONDS);
  }
}

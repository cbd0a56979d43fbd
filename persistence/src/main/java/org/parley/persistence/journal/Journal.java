package org.parley.persistence.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import kamon.Kamon;
import org.parley.core.spi.JournalHead;

/**
 * The journal of a node: its writer and its reader, which outlive the actors that use them. The
 * plugins of an actor system find it by the name in their configuration.
 */
public final class Journal implements JournalHead, AutoCloseable {
  /** What is read in one go holds before its last event; one event may have a megabyte or more. */
  public static final int PAGE_OCTETS = 8 << 20;

  /** Where an actor system's configuration names its journal. */
  static final String NAME = "parley.journal.name";

  private static final Map<String, Journal> OPEN = new ConcurrentHashMap<>();
  private static final Duration METRICS_EVERY = Duration.ofSeconds(10);
  private static final Duration MARGIN = Duration.ofSeconds(10);

  private final String name = UUID.randomUUID().toString();
  private final JournalSettings settings;
  private final JournalWriter writer;
  private final JournalReader reader;
  private final HikariDataSource snapshots;

  /** Opens a pool of connections; whoever gave this closes it. */
  @FunctionalInterface
  public interface Pools {
    HikariDataSource open(String name, int connections);
  }

  private Journal(JournalSettings settings, Pools pools) {
    this.settings = settings;
    // Three pools: a slow read never keeps a write from its connection.
    this.writer = new JournalWriter(settings, pools.open("journal-write", settings.writers()));
    this.reader = new JournalReader(settings, pools.open("journal-read", 2 * settings.readers()));
    this.snapshots = pools.open("snapshots", settings.snapshotConnections());
    gauge("write", writer::waiting);
    gauge("read", reader::waiting);
  }

  /**
   * Checks the settings without opening anything.
   *
   * @throws com.typesafe.config.ConfigException when one is out of bounds
   */
  public static void check(Config root) {
    JournalSettings unused = JournalSettings.of(root);
  }

  /**
   * Opens the journal in a database that has its schema.
   *
   * @throws com.typesafe.config.ConfigException when a setting is out of bounds
   */
  public static Journal open(Config root, Pools pools) {
    Journal journal = new Journal(JournalSettings.of(root), pools);
    OPEN.put(journal.name, journal);
    return journal;
  }

  /** The journal that a configuration names. */
  static Journal of(Config config) {
    Journal journal = config.hasPath(NAME) ? OPEN.get(config.getString(NAME)) : null;
    if (journal == null) {
      throw new IllegalStateException(
          "No open database: put Database.journalConfig() over the actor system's configuration");
    }
    return journal;
  }

  /** What an actor system needs to use it, to be put over its own configuration. */
  public Config config() {
    return ConfigFactory.parseResources(Journal.class, "/parley-journal.conf")
        .withValue(NAME, ConfigValueFactory.fromAnyRef(name))
        .withValue(
            "pekko.persistence.max-concurrent-recoveries",
            ConfigValueFactory.fromAnyRef(settings.concurrentRecoveries()))
        .withValue(
            "jdbc-journal.circuit-breaker.call-timeout",
            ConfigValueFactory.fromAnyRef(settings.writeGiveUp().plus(MARGIN)))
        .withValue(
            "jdbc-journal.recovery-event-timeout",
            ConfigValueFactory.fromAnyRef(settings.readGiveUp().plus(MARGIN)))
        .withValue(
            "jdbc-journal.replayBatchSize", ConfigValueFactory.fromAnyRef(settings.replayEvents()));
  }

  @Override
  public CompletionStage<Long> last(String persistenceId) {
    return reader.highest(persistenceId);
  }

  JournalWriter writer() {
    return writer;
  }

  JournalReader reader() {
    return reader;
  }

  HikariDataSource snapshots() {
    return snapshots;
  }

  int snapshotConnections() {
    return settings.snapshotConnections();
  }

  /** Ends its threads; what waits fails. */
  @Override
  public void close() {
    OPEN.remove(name);
    writer.close();
    reader.close();
  }

  private static void gauge(String operation, IntSupplier waiting) {
    Kamon.gauge("parley.journal.waiting")
        .withTag("operation", operation)
        .autoUpdate(
            gauge -> {
              gauge.update(waiting.getAsInt());
            },
            METRICS_EVERY);
  }
}

package org.parley.persistence.lease;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.sql.DataSource;

/**
 * What a node needs of the database to agree with others: connections and threads of its own, so
 * that no other work is ever in front. Leases find it by the name in an actor system's
 * configuration.
 */
public final class Coordination implements AutoCloseable {
  /** So many statements at a time: a lease and a heartbeat do not wait for each other. */
  public static final int CONNECTIONS = 2;

  private static final String NAME = "parley.nodes.coordination";
  private static final Map<String, Coordination> OPEN = new ConcurrentHashMap<>();

  private final String name = UUID.randomUUID().toString();
  private final CoordinationSettings settings;
  private final DataSource connections;
  private final ScheduledThreadPoolExecutor threads;

  private Coordination(CoordinationSettings settings, DataSource connections) {
    this.settings = settings;
    this.connections = connections;
    threads =
        new ScheduledThreadPoolExecutor(
            CONNECTIONS,
            task -> {
              Thread thread = new Thread(task, "parley-coordination");
              thread.setDaemon(true);
              return thread;
            });
    threads.setRemoveOnCancelPolicy(true);
    threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Uses a database that has its schema.
   *
   * @param connections {@link #CONNECTIONS} of them, which fail rather than wait long
   */
  public static Coordination open(CoordinationSettings settings, DataSource connections) {
    Coordination opened = new Coordination(settings, connections);
    OPEN.put(opened.name, opened);
    return opened;
  }

  /** The one that a configuration names. */
  static Coordination of(Config config) {
    Coordination found = config.hasPath(NAME) ? OPEN.get(config.getString(NAME)) : null;
    if (found == null) {
      throw new IllegalStateException(
          "No open database: put Persistence.config over the actor system's configuration");
    }
    return found;
  }

  /** What an actor system needs to use it, to be put over its own configuration. */
  public Config config() {
    return ConfigFactory.empty().withValue(NAME, ConfigValueFactory.fromAnyRef(name));
  }

  /** How the nodes watch each other. */
  public CoordinationSettings settings() {
    return settings;
  }

  /** The connections. */
  public DataSource connections() {
    return connections;
  }

  /** The threads that may block on them. */
  public ScheduledExecutorService threads() {
    return threads;
  }

  /** Ends its threads; leases are left to expire. */
  @Override
  public void close() {
    OPEN.remove(name);
    threads.shutdown();
  }
}

package org.parley.persistence;

import com.typesafe.config.Config;
import org.apache.pekko.actor.typed.ActorSystem;
import org.parley.core.Engine;
import org.parley.core.spi.Stores;
import org.parley.persistence.journal.Journal;
import org.parley.persistence.lease.CoordinationSettings;
import org.parley.persistence.readside.ReadSide;
import org.parley.persistence.store.PostgresStores;

/** The door of the module: what an actor system needs to keep everything in a {@link Database}. */
public final class Persistence {
  private Persistence() {}

  /**
   * Checks the settings of the database and of what is kept in it without opening it.
   *
   * @throws com.typesafe.config.ConfigException when one is out of bounds
   */
  public static void check(Config config) {
    DatabaseSettings unused = DatabaseSettings.of(config);
    CoordinationSettings unusedToo = CoordinationSettings.of(config);
    Journal.check(config);
    PostgresStores.check(config);
    ReadSide.check(config);
  }

  /**
   * The configuration for an actor system that runs the engine on a database.
   *
   * @param config the system's own, which this is put over
   */
  public static Config config(Database database, Config config) {
    return database
        .journalConfig()
        .withFallback(ReadSide.config(config))
        .withFallback(Engine.config())
        .withFallback(config)
        .resolve();
  }

  /** The nodes that share a database: who lives, and who may begin a cluster. */
  public static Nodes nodes(Database database) {
    return database.nodes();
  }

  /**
   * Starts the stores and this node's share of the read side. They end with the actor system.
   *
   * @throws IllegalStateException when the system's configuration is not {@link #config}
   */
  public static Stores start(ActorSystem<?> system, Database database) {
    PostgresStores stores = PostgresStores.start(system, database.requests(), database.journal());
    ReadSide.start(system, database.background());
    system.getWhenTerminated().thenRun(stores::close);
    return stores;
  }
}

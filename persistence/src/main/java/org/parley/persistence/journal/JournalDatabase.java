package org.parley.persistence.journal;

import com.typesafe.config.Config;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.persistence.jdbc.db.SlickDatabase;
import org.apache.pekko.persistence.jdbc.db.SlickDatabaseProvider;
import scala.Option;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;
import slick.jdbc.PostgresProfile$;
import slick.util.AsyncExecutor;

/**
 * Hands the node's own connections to the stock plugins (snapshots, deletions), in place of a pool
 * for each plugin. Made by the plugins, by name.
 */
public final class JournalDatabase implements SlickDatabaseProvider {
  private static final int QUEUE = 10_000;

  private final SlickDatabase shared;

  /** Made by Pekko Persistence JDBC. */
  public JournalDatabase(ActorSystem system) {
    Journal journal = Journal.of(system.settings().config());
    int connections = journal.snapshotConnections();
    JdbcProfile profile = PostgresProfile$.MODULE$;
    JdbcBackend.JdbcDatabaseDef database =
        profile
            .backend()
            .Database()
            .forDataSource(
                journal.snapshots(),
                Option.apply(connections),
                AsyncExecutor.apply(
                    "parley-snapshots", connections, connections, QUEUE, connections),
                false);
    system.registerOnTermination(database::close);
    shared = new Shared(database, profile);
  }

  @Override
  public SlickDatabase database(Config config) {
    return shared;
  }

  private record Shared(JdbcBackend.JdbcDatabaseDef database, JdbcProfile profile)
      implements SlickDatabase {
    @Override
    public boolean allowShutdown() {
      return false;
    }
  }
}

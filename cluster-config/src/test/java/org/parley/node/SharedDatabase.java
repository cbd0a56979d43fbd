package org.parley.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.persistence.Database;

/** One PostgreSQL for several nodes: an embedded one that none of them owns. */
final class SharedDatabase implements AutoCloseable {
  private final Path directory;
  private final Database database;

  SharedDatabase(Path directory) {
    this.directory = directory.resolve("postgres");
    Config config =
        ConfigFactory.parseString("parley.database.directory = \"" + this.directory + "\"")
            .withFallback(ConfigFactory.load());
    this.database = Database.open(config);
  }

  /** What a node needs to use it. */
  String settings() throws IOException {
    List<String> running = Files.readAllLines(this.directory.resolve("data/postmaster.pid"));
    return """
        parley.database {
          url = "jdbc:postgresql://127.0.0.1:%s/parley", user = parley, password = "%s"
          requests.connections = 8
        }
        """
        .formatted(running.get(3).strip(), Files.readString(directory.resolve("password")).strip());
  }

  /** What stands in the unsubscribe links of its nodes. */
  UnsubscribeTokens unsubscribeTokens() throws SQLException {
    try (Connection connection = database.requests().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT value FROM secrets WHERE name = 'unsubscribe'")) {
      rows.next();
      return new UnsubscribeTokens(rows.getBytes(1));
    }
  }

  @Override
  public void close() {
    database.close();
  }
}

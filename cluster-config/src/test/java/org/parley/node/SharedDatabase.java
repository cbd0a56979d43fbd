package org.parley.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @Override
  public void close() {
    database.close();
  }
}

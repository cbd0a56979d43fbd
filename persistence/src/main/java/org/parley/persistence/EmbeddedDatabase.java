package org.parley.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import org.parley.persistence.postgres.DirectoryUnusable;
import org.parley.persistence.postgres.EmbeddedServer;
import org.postgresql.PGProperty;

/** Parley's database in an embedded server: of one node, or of all nodes of one machine. */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final String NAME = "parley";

  private final EmbeddedServer server;

  private EmbeddedDatabase(EmbeddedServer server) {
    this.server = server;
  }

  /**
   * Starts the server, and makes the database when it is new.
   *
   * @throws DatabaseUnavailable when it cannot run here, in one sentence
   */
  static EmbeddedDatabase start(EmbeddedServer.Settings settings) {
    EmbeddedDatabase database;
    try {
      database = new EmbeddedDatabase(EmbeddedServer.start(settings));
    } catch (DirectoryUnusable e) {
      throw new DatabaseUnavailable(e.getMessage() + ": choose another one with --data.", e);
    } catch (IOException e) {
      throw new DatabaseUnavailable(
          "The embedded PostgreSQL cannot start here ("
              + e.getMessage()
              + "): run a PostgreSQL of your own and pass"
              + " --database jdbc:postgresql://HOST:PORT/DATABASE.",
          e);
    }
    try {
      database.create();
      return database;
    } catch (SQLException e) {
      database.close();
      throw new DatabaseUnavailable(
          "The embedded PostgreSQL does not answer: " + e.getMessage() + ".", e);
    }
  }

  private void create() throws SQLException {
    Properties login = new Properties();
    login.setProperty(PGProperty.USER.getName(), user());
    login.setProperty(PGProperty.PASSWORD.getName(), password());
    try (Connection connection = DriverManager.getConnection(url("postgres"), login);
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery("SELECT FROM pg_database WHERE datname = '" + NAME + "'")) {
      if (!found.next()) statement.execute("CREATE DATABASE " + NAME);
    }
  }

  String url() {
    return url(NAME);
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database;
  }

  String user() {
    return EmbeddedServer.USER;
  }

  String password() {
    try {
      return server.password();
    } catch (IOException e) {
      throw new DatabaseUnavailable("The password of the embedded PostgreSQL is unreadable.", e);
    }
  }

  /** The process id of the server; empty while it does not run. */
  OptionalLong process() {
    return server.processId();
  }

  /** Stops the server. Its data stay. */
  @Override
  public void close() {
    server.close();
  }

  /**
   * Runs the database as a process of its own until it is told to stop, and prints one line when it
   * is ready. What a node needs to use it, the password too, is then in {@code database.conf} in
   * its directory, which only its owner can read, for an {@code include file("…")}.
   *
   * <p>Every key of {@code parley.database} is a switch: {@code --directory DIR --port 5432
   * --embedded.max_connections 400 …}. The schema is made by the first node.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, Object> switches = new HashMap<>();
    for (int i = 0; i < args.length; i += 2) {
      if (!args[i].startsWith("--") || i + 1 == args.length) {
        System.err.println("usage: EmbeddedDatabase --directory DIR [--port PORT] [--KEY VALUE]…");
        System.exit(2);
      }
      switches.put("parley.database." + args[i].substring(2).toLowerCase(Locale.ROOT), args[i + 1]);
    }
    Config config =
        ConfigFactory.parseMap(switches, "command line").withFallback(ConfigFactory.load());
    DatabaseSettings settings = DatabaseSettings.of(config.resolve());
    try {
      EmbeddedDatabase database = start(settings.embedded());
      Runtime.getRuntime().addShutdownHook(new Thread(database::close, "parley-database-end"));
      Path file = settings.embedded().directory().resolve("database.conf");
      database.describe(file);
      System.out.println("PostgreSQL is ready at " + database.url() + " (" + file + ")");
    } catch (DatabaseUnavailable e) {
      System.err.println("parley: " + e.getMessage());
      System.exit(1);
    }
    Thread.currentThread().join();
  }

  private void describe(Path file) throws IOException {
    Map<String, String> values =
        Map.of(
            "parley.database.url", url(),
            "parley.database.user", user(),
            "parley.database.password", password());
    String text = ConfigFactory.parseMap(values).root().render(ConfigRenderOptions.concise());
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(next, text + "\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}

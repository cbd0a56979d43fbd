package org.parley.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.parley.persistence.postgres.EmbeddedServer;

/**
 * The database of a cluster: a real PostgreSQL in its own processes, which can be killed, stopped
 * and frozen. Started again it has the same port and data.
 */
final class Postgres implements AutoCloseable {
  private final EmbeddedServer.Settings settings;
  private EmbeddedServer server;

  private Postgres(EmbeddedServer.Settings settings) throws IOException {
    this.settings = settings;
    this.server = EmbeddedServer.start(settings);
  }

  static Postgres start(Path directory) throws IOException {
    Map<String, String> parameters =
        Map.of(
            "shared_buffers", "64MB",
            "min_wal_size", "32MB",
            "max_wal_size", "64MB",
            "max_connections", "200");
    return new Postgres(
        new EmbeddedServer.Settings(
            directory,
            Path.of("target", "faults-postgres"),
            FreePorts.one(),
            Duration.ofMinutes(1),
            parameters));
  }

  /** What a node needs to know, in HOCON. */
  String nodeSettings() throws IOException {
    return "parley.database { url = \"%s\", user = \"%s\", password = \"%s\" }%n"
        .formatted(url(), EmbeddedServer.USER, server.password());
  }

  private String url() {
    return "jdbc:postgresql://127.0.0.1:" + settings.port() + "/postgres";
  }

  /** For reading what the nodes wrote. */
  Connection connect() throws SQLException, IOException {
    return DriverManager.getConnection(url(), EmbeddedServer.USER, server.password());
  }

  /** As a power cut would; its watch starts it again within a second. */
  void kill() {
    postmaster().destroyForcibly();
    Trial.note("the database is killed");
  }

  void stop() {
    server.close();
    Trial.note("the database is stopped");
  }

  void startAgain() throws IOException {
    server = EmbeddedServer.start(settings);
    Trial.note("the database is started again");
  }

  /** Stops all its processes in the middle of whatever they do. */
  void freeze() {
    Signals.send("STOP", processes());
    Trial.note("the database is frozen");
  }

  /** Lets them go on. */
  void thaw() {
    Signals.send("CONT", processes());
    Trial.note("the database goes on");
  }

  private ProcessHandle postmaster() {
    long id =
        server.processId().orElseThrow(() -> new AssertionError("there is no PostgreSQL running"));
    return ProcessHandle.of(id).orElseThrow();
  }

  private List<ProcessHandle> processes() {
    List<ProcessHandle> all = new ArrayList<>(List.of(postmaster()));
    postmaster().descendants().forEach(all::add);
    return all;
  }

  @Override
  public void close() {
    server.close();
  }
}
